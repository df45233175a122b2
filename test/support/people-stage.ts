import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPeopleRoot } from '../../src/app/people/authority.ts';
import { clear } from '../../src/app/people/clearances.ts';
import { type DeskNote, workOff } from '../../src/app/people/desk.ts';
import { enroll } from '../../src/app/people/enrolment.ts';
import { revokeId } from '../../src/app/people/lists.ts';
import { publishTo } from '../../src/app/people/publish.ts';
import { startBelfry } from '../../src/app/start.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { secureRandomBytes, systemClock } from '../../src/base/platform.ts';
import { openWebSocket } from '../../src/client/connection/web-socket.ts';
import { convene } from '../../src/client/convene/convene.ts';
import { enrol } from '../../src/client/enrol/enrol.ts';
import type { Fetch } from '../../src/client/enrol/fetch-port.ts';
import type { MeetingLink } from '../../src/client/link.ts';
import type { Enrolled } from '../../src/client/people/enrolled.ts';
import { keysOf, newKeyPair } from '../../src/trust/signing/keys.ts';
import { granted, person } from './people.ts';
import { inFolder, newPeople } from './people-folder.ts';
import { relaySettings } from './real-meeting.ts';

interface Invited {
  readonly level?: string;
  readonly groups?: readonly string[];
}

/** By name: nobody waits for a chair. */
const INVITED = ['ada', 'alan', 'bob', 'cora', 'dan', 'eve', 'fay', 'grace', 'gus', 'hal', 'ian'];

/** A relay whose meetings are entered by certificate, an authority for people, and its desk: answers when the test says so. */
export interface PeopleStage {
  readonly origin: string;
  /** Of a meeting for `INVITED`, as far as they are cleared. Without a code. */
  readonly link: MeetingLink;
  /** Clears somebody, and gives a code for one device. Without a level: no clearance. */
  invite(name: string, clearance?: Invited): Promise<string>;
  clear(name: string, clearance: Invited): Promise<void>;
  /** Answers what waits. */
  answer(): Promise<readonly DeskNote[]>;
  /** With a code, on another device. */
  enrolElsewhere(code: string): Promise<Enrolled>;
  /** A person or a device; the relay has the list at once. */
  revoke(id: string): Promise<void>;
  close(): Promise<void>;
}

export const openPeopleStage = async (): Promise<PeopleStage> => {
  const home = mkdtempSync(join(tmpdir(), 'belfry-people-stage-'));
  const [folder, path, files] = ['people', 'mailbox', 'public'].map((name) => join(home, name)) as [
    string,
    string,
    string,
  ];
  const now = () => inFolder(folder, Date.now());
  await newPeople(folder, Date.now());
  await publishTo(now(), files);
  const settings = { ...relaySettings(1), stateDir: join(home, 'relay'), people: files, enrolment: path };
  const belfry = await startBelfry(settings, silentLogger);
  const { host, port } = belfry.signaling;
  const origin = `http://${host}:${port}`;
  const answer = () => workOff(now(), { path, randomBytes: secureRandomBytes });
  const clearPerson = async (name: string, { level = 'secret', groups = [] }: Invited): Promise<void> => {
    await clear(now(), { person: person(name), level, groups: [...groups] });
  };
  const invite = async (name: string, clearance: Invited = {}): Promise<string> => {
    const { code } = await enroll(now(), person(name));
    if (clearance.level !== 'none') await clearPerson(name, clearance);
    return code;
  };
  const device = await enrolHere(
    origin,
    (await publicRoot(now())).sha256,
    await invite('convener', IN_NORTH),
    answer,
  );
  const surroundings = { openSocket: openWebSocket, clock: systemClock, randomBytes: secureRandomBytes };
  const persons = INVITED.map(person);
  const plan = { level: 'confidential', groups: ['north'], persons, chair: undefined, deputies: [] };
  return {
    origin,
    link: granted(await convene({ origin, device, ...surroundings }, plan)),
    invite,
    clear: clearPerson,
    answer,
    enrolElsewhere: async (code) => enrolHere(origin, (await publicRoot(now())).sha256, code, answer),
    async revoke(id) {
      await revokeId(now(), id);
      await publishTo(now(), files);
    },
    async close() {
      await belfry.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
};

export const IN_NORTH: Invited = { level: 'secret', groups: ['north'] };

const publicRoot = async (at: ReturnType<typeof inFolder>) => (await findPeopleRoot(at.folder)).root;

/** Somebody without a browser. */
const enrolHere = async (
  origin: string,
  rootSha256: Uint8Array,
  code: string,
  answer: () => Promise<unknown>,
): Promise<Enrolled> => {
  const keys = await newKeyPair(false);
  const onWaiting = () => void answer();
  const options = { origin, rootSha256, keys, fetch: fetch as Fetch, clock: systemClock, onWaiting };
  const { root, scale, certificate, statements } = granted(await enrol(options, code));
  const { clearance } = statements;
  if (clearance === undefined) throw new Error('the convener is not cleared');
  const lists = { last: async () => undefined, see: async () => {} };
  return { root, scale, certificate, clearance, signing: (await keysOf(keys)).signing, lists };
};
