import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { At, PeopleAuthority } from '../../src/app/people/authority.ts';
import { enroll, type IssuedCertificate, sign } from '../../src/app/people/enrolment.ts';
import { belgianScalePath } from '../../src/app/people/handing-out.ts';
import { initPeople } from '../../src/app/people/init.ts';
import { readCode } from '../../src/trust/devices/codes.ts';
import type { PersonId } from '../../src/trust/devices/ids.ts';
import { makeDeviceRequest } from '../../src/trust/signing/device-request.ts';
import { newKeyPair } from '../../src/trust/signing/keys.ts';
import { type Vouched, vouchedSchema } from '../../src/trust/statement/vouched.ts';
import { NOW, randomBytes } from './people.ts';

export const newPeopleFolder = (): string => join(mkdtempSync(join(tmpdir(), 'belfry-people-')), 'people');
export const inFolder = (folder: string, nowUnixMs = NOW): At => ({ folder, nowUnixMs, randomBytes });
export const contentsOf = (folder: string): string[] =>
  readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));

/** The Belgian scale with groups of a deployment. */
export const scaleWithGroups = (): { path: string; text: string } => {
  const scale = JSON.parse(readFileSync(belgianScalePath(), 'utf8'));
  const names = { nl: 'Groep', fr: 'Groupe', de: 'Gruppe', en: 'Group' };
  const groups = ['north', 'south'].map((id) => ({ id, names }));
  return { path: 'scale.json', text: JSON.stringify({ ...scale, groups }) };
};

export const newPeople = (folder: string, nowUnixMs = NOW): Promise<PeopleAuthority> =>
  initPeople(inFolder(folder, nowUnixMs), scaleWithGroups());

export const requestText = async (pair: CryptoKeyPair, code?: string): Promise<string> =>
  JSON.stringify(await makeDeviceRequest(pair, code === undefined ? undefined : readCode(code)));

export interface Enrolled extends IssuedCertificate {
  readonly pair: CryptoKeyPair;
}

/** What a person and the authority do together once for each device. */
export const enrolDevice = async (at: At, person: PersonId): Promise<Enrolled> => {
  const pair = await newKeyPair(false);
  const { code } = await enroll(at, person);
  return { ...(await sign(at, await requestText(pair, code))), pair };
};

export const readVouched = (path: string): Vouched =>
  vouchedSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
