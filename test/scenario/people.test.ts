/** One deployment's people from the first command to a closed door: only files and signatures, no meeting yet. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { findPeopleRoot } from '../../src/app/people/authority.ts';
import { clear } from '../../src/app/people/clearances.ts';
import { renewList, revokeId } from '../../src/app/people/lists.ts';
import { toBase64Url } from '../../src/base/bytes.ts';
import { asId, type MeetingId } from '../../src/base/ids.ts';
import { CHARTER, type Charter, DEFAULT_GRANTS } from '../../src/trust/charter/charter.ts';
import { type EntryQuestion, judgeEntry } from '../../src/trust/charter/entry.ts';
import { judgePossession, POSSESSION, type Possession } from '../../src/trust/devices/possession.ts';
import { DAY_MS } from '../../src/trust/hosts/validity.ts';
import { CLEARANCE } from '../../src/trust/markings/clearance.ts';
import { readScale } from '../../src/trust/markings/scale.ts';
import {
  judgeRevocation,
  LIST_VALID_MS,
  REVOCATION,
  type SeenList,
} from '../../src/trust/revocation/list.ts';
import { openCharter } from '../../src/trust/signing/charter.ts';
import { keysOf } from '../../src/trust/signing/keys.ts';
import { judgeDeviceCertificate, type PeopleRoot } from '../../src/trust/signing/people-certificate.ts';
import { openStatement, signStatement } from '../../src/trust/signing/statement.ts';
import { openOfficeStatement } from '../../src/trust/signing/vouched.ts';
import type { Vouched } from '../../src/trust/statement/vouched.ts';
import { codeOf, granted, NOW, person } from '../support/people.ts';
import {
  type Enrolled,
  enrolDevice,
  inFolder,
  newPeople,
  newPeopleFolder,
  readVouched,
  scaleWithGroups,
} from '../support/people-folder.ts';

const [ALICE, BOB] = [person('alice'), person('bob')];

/** What a client or the relay holds: files that it was given, and the newest list that it has seen. */
interface Door {
  readonly root: PeopleRoot;
  seen: SeenList | undefined;
}

describe('a deployment with an authority for people', () => {
  const folder = newPeopleFolder();
  const door: Door = { root: undefined as unknown as PeopleRoot, seen: undefined };
  const scale = granted(readScale(scaleWithGroups().text));
  let alice: Enrolled;
  let bob: Enrolled;
  let charter: Vouched;
  let clearance: Vouched;
  let firstList: Vouched;

  const listNow = (): Vouched => readVouched(join(folder, 'revocation.json'));

  /** As client and server ask; `shown` is what travels. */
  const ask = async (
    shown: { certificate: string; clearance: Vouched; list: Vouched },
    nowUnixMs = NOW,
  ): Promise<string> => {
    const judge = { root: door.root, nowUnixMs };
    const list = await openOfficeStatement(REVOCATION, 'revocation', shown.list, judge);
    if (!list.ok) return list.refusal.code;
    const current = judgeRevocation(list.value, door.seen, nowUnixMs);
    if (!current.ok) return current.refusal.code;
    door.seen = current.value.seen;
    const certificate = await judgeDeviceCertificate(shown.certificate, door.root, nowUnixMs);
    const opened = await openOfficeStatement(CLEARANCE, 'clearance', shown.clearance, judge);
    const signed = await openCharter(charter, judge);
    const question: EntryQuestion = {
      certificate: certificate.ok ? certificate.value : undefined,
      clearance: opened.ok ? opened.value : undefined,
      charter: signed.ok ? signed.value : undefined,
      revocation: current.value,
      scale,
      nowUnixMs,
    };
    return codeOf(judgeEntry(question));
  };

  before(async () => {
    await newPeople(folder);
    Object.assign(door, { root: (await findPeopleRoot(folder)).root });
    alice = await enrolDevice(inFolder(folder), ALICE);
    bob = await enrolDevice(inFolder(folder), BOB);
    const wanted = { person: ALICE, level: 'secret', groups: ['north'] };
    clearance = (await clear(inFolder(folder), wanted)).vouched;
    firstList = listNow();
    const value: Charter = {
      meeting: asId<MeetingId>(toBase64Url(new Uint8Array(16).fill(1))),
      convener: bob.device,
      marking: { scale: 'belgium', level: 'confidential', groups: ['north'] },
      suite: 'x-wing',
      admission: { kind: 'cleared' },
      chair: BOB,
      deputies: [ALICE],
      opensByItself: true,
      grants: [...DEFAULT_GRANTS],
    };
    const { signing } = await keysOf(bob.pair);
    charter = { certificate: bob.certificate, statement: await signStatement(CHARTER, value, signing) };
  });

  it('has a device show that it holds its key', async () => {
    const asked: Possession = {
      nonce: toBase64Url(new Uint8Array(32).fill(3)),
      connection: toBase64Url(new Uint8Array(32).fill(4)),
      meeting: asId<MeetingId>('meeting'),
      purpose: 'enter',
    };
    const { signing } = await keysOf(alice.pair);
    const proof = await signStatement(POSSESSION, asked, signing);
    const identity = granted(await judgeDeviceCertificate(alice.certificate, door.root, NOW));
    const opened = granted(await openStatement(POSSESSION, proof, identity.publicKey));
    assert.equal(codeOf(judgePossession(opened.value, asked)), 'ok');
    const other = granted(await judgeDeviceCertificate(bob.certificate, door.root, NOW));
    assert.equal(codeOf(await openStatement(POSSESSION, proof, other.publicKey)), 'statement.other-signer');
  });

  it('lets in who is certified, unrevoked and cleared, and nobody by another’s clearance', async () => {
    assert.equal(await ask({ ...alice, clearance, list: firstList }), 'ok');
    assert.equal(await ask({ ...bob, clearance, list: firstList }), 'entry.clearance-not-good');
  });

  it('closes to everybody when the list has expired, and opens with a new one', async () => {
    const later = NOW + LIST_VALID_MS;
    assert.equal(await ask({ ...alice, clearance, list: firstList }, later), 'revocation.expired');
    await renewList(inFolder(folder, later));
    assert.equal(await ask({ ...alice, clearance, list: listNow() }, later), 'ok');
  });

  it('closes to a lowered clearance, and to the old list that did not know of it', async () => {
    const now = NOW + 8 * DAY_MS;
    const lowered = await clear(inFolder(folder, now), {
      person: ALICE,
      level: 'restricted',
      groups: ['north'],
    });
    const list = listNow();
    assert.equal(await ask({ ...alice, clearance, list }, now), 'entry.clearance-not-good');
    assert.equal(await ask({ ...alice, clearance: lowered.vouched, list }, now), 'entry.not-cleared');
    assert.equal(await ask({ ...alice, clearance, list: firstList }, NOW), 'revocation.older');
  });

  it('closes to a revoked person, and to a meeting that a revoked one convened', async () => {
    const now = NOW + 9 * DAY_MS;
    const raised = await clear(inFolder(folder, now), { person: ALICE, level: 'secret', groups: ['north'] });
    assert.equal(await ask({ ...alice, clearance: raised.vouched, list: listNow() }, now), 'ok');
    await revokeId(inFolder(folder, now), bob.device);
    const list = listNow();
    assert.equal(await ask({ ...alice, clearance: raised.vouched, list }, now), 'entry.convener-revoked');
    await revokeId(inFolder(folder, now), ALICE);
    assert.equal(await ask({ ...alice, clearance: raised.vouched, list: listNow() }, now), 'entry.revoked');
  });
});
