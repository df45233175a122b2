import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type Bytes, toBase64Url, toHex } from '../../src/base/bytes.ts';
import { asId, type ParticipantId } from '../../src/base/ids.ts';
import { credentialOf } from '../../src/client/group/credential.ts';
import { nodeGroupTools } from '../../src/client/node/group-tools.ts';
import type { FrameKeys } from '../../src/e2ee/frame-keys.ts';
import type { Group, GroupKeyAgreement, MeetingContext } from '../../src/e2ee/mls/port.ts';
import type { Credentials, RosterEntry } from '../../src/signaling/protocol/messages.ts';
import type { Charter } from '../../src/trust/charter/charter.ts';
import { PRESENCE } from '../../src/trust/devices/presence.ts';
import { signStatement } from '../../src/trust/signing/statement.ts';
import { watchCrypto } from './crypto-in-flight.ts';
import { DoorMeeting, type Way } from './door-meeting.ts';
import { type FakeClient, idOf, outputOf, secureRandom } from './fake-meeting.ts';
import { SecretLog } from './hostile-canaries.ts';
import { Middle, type Stash } from './hostile-middle.ts';
import { epochOf, speak, stolen } from './keyed-world.ts';
import { Ministry, type Official } from './ministry.ts';
import { granted } from './people.ts';
import { SocketsInFlight } from './sockets-in-flight.ts';
import { rest } from './until.ts';

const STEP_MS = 20;
const PATIENCE_MS = 60_000;
/** Longer than anybody goes on sealing under the epoch before. */
const SWITCHED_MS = 1_300;

/** Somebody in the meeting, and the relay's hand on everything that reaches them. */
export interface Victim extends FakeClient {
  readonly middle: Middle;
  /** Codes of every problem that people were told of, in order. */
  readonly problems: readonly string[];
  readonly frameKeys: FrameKeys;
}

/** Somebody whom nobody let in, who has the link's secret and a certificate of somewhere. */
export interface Outsider {
  readonly entry: RosterEntry & { readonly credentials: Credentials };
  readonly agreement: GroupKeyAgreement;
}

export const NAMES = ['alice', 'bob', 'carol', 'dan'] as const;
type Name = (typeof NAMES)[number];

/** Real clients and the real relay, with a hostile one between, on a driven clock. Alice has the chair, Bob is her deputy. */
export class HostileMeeting {
  readonly door: DoorMeeting;
  readonly ministry: Ministry;
  readonly officials: Readonly<Record<Name, Official>>;
  readonly stash: Stash = new Map();
  readonly #victims: Victim[] = [];
  readonly #secrets = new SecretLog();
  readonly #sockets: SocketsInFlight;

  private constructor(
    door: DoorMeeting,
    ministry: Ministry,
    officials: HostileMeeting['officials'],
    sockets: SocketsInFlight,
  ) {
    this.door = door;
    this.ministry = ministry;
    this.officials = officials;
    this.#sockets = sockets;
  }

  /** `carols`: the level that Carol is cleared for. */
  static async open(change: Partial<Charter> = {}, carols = 'secret'): Promise<HostileMeeting> {
    watchCrypto();
    const sockets = new SocketsInFlight();
    const ministry = await Ministry.open();
    const [alice, bob, carol, dan] = [
      await ministry.official('alice'),
      await ministry.official('bob'),
      await ministry.official('carol', { level: carols }),
      await ministry.official('dan'),
    ];
    const door = await DoorMeeting.convene(ministry, alice, {
      suite: 'x25519',
      deputies: [bob.person],
      ...change,
    });
    return new HostileMeeting(door, ministry, { alice, bob, carol, dan }, sockets);
  }

  async close(): Promise<void> {
    await this.door.close();
    this.#sockets.end();
  }

  /** What all devices ever made, and the groups that they made it with. */
  get secrets(): SecretLog {
    return this.#secrets;
  }

  async tryToEnter(name: Name, middle = new Middle(this.stash), way: Way = {}) {
    const tools = { ...nodeGroupTools({ unixMs: Date.now }), blobs: middle.blobs };
    const group = this.#secrets.tools(tools);
    const entering = this.door.tryToEnter(this.officials[name], { openSocket: middle.open, group, ...way });
    return { ...(await this.#flowing(`${name} is in, or not`, entering)), middle };
  }

  /** In, and speaking. */
  async enter(name: Name, middle?: Middle, way: Way = {}): Promise<Victim> {
    const { joined, port, keys, frameKeys, middle: used } = await this.tryToEnter(name, middle, way);
    const meeting = granted(joined);
    const streams: FakeClient['streams'] = [];
    meeting.onStream((event) => streams.push(event));
    const problems: string[] = [];
    meeting.onChange(({ problem }) => {
      if (problem !== undefined && problems.at(-1) !== problem.code) problems.push(problem.code);
    });
    const victim = { meeting, port, streams, keys, frameKeys, middle: used, problems };
    this.#victims.push(victim);
    await this.#flowing(`${name} speaks`, speak(victim));
    return victim;
  }

  async gather(...names: readonly Name[]): Promise<Victim[]> {
    const all: Victim[] = [];
    for (const name of names) all.push(await this.enter(name));
    await this.together(...all);
    return all;
  }

  async flow(what: string, holds: () => boolean): Promise<void> {
    for (let ms = 0; !holds(); ms += STEP_MS) {
      assert(ms < PATIENCE_MS, `it never came that ${what}: ${this.#describe()}`);
      await this.#step();
    }
  }

  /** Time passes until it settles. */
  async #flowing<T>(what: string, doing: Promise<T>): Promise<T> {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    doing.then(done, done);
    await this.flow(what, () => isDone);
    return doing;
  }

  async pass(durationMs: number): Promise<void> {
    for (let ms = 0; ms < durationMs; ms += STEP_MS) await this.#step();
  }

  /** These and nobody else are in one epoch, and seal under it. */
  async together(...victims: readonly Victim[]): Promise<void> {
    await this.flow('all are in one epoch', () => {
      const codes = new Set(victims.map((one) => epochOf(one)?.code.digits));
      return codes.size === 1 && victims.every((one) => membersOf(one) === victims.length);
    });
    await this.pass(SWITCHED_MS);
  }

  /** All frames that each sends now are opened by each other. */
  async hearEachOther(...all: readonly Victim[]): Promise<void> {
    for (const from of all)
      for (const to of all) {
        if (from === to) continue;
        await this.flow('the stream came', () => outputOf(to, from, 'microphone') !== undefined);
        const before = outputOf(to, from, 'microphone')?.frames.length ?? 0;
        const sent = from.port.sendFrames('microphone', 3).length;
        const heard = (outputOf(to, from, 'microphone')?.frames.length ?? 0) - before;
        assert.deepEqual([sent, heard], [3, 3], `${idOf(to)} hears ${idOf(from)}: ${this.#describe()}`);
      }
  }

  /** All speak now; nothing that is sealed opens with a key that an outsider holds. */
  async assertDeaf(baseKeys: readonly Bytes[]): Promise<void> {
    const before = this.door.net.sealed.length;
    for (const { port } of this.#victims) port.sendFrames('microphone', 2);
    const wires = this.door.net.sealed.slice(before);
    assert.equal(stolen({ baseKeys }, wires).opened, 0, 'a frame opens with an outsider’s key');
    const held = new Set(baseKeys.map(toHex));
    for (const { keys } of this.#victims)
      assert.ok(!keys.baseKeys.some((key) => held.has(toHex(key))), 'somebody took an outsider’s key');
  }

  /** Somebody with everything but this authority's word: the link, and whatever `official` holds. */
  async outsider(official: Official, name = 'ghost'): Promise<Outsider> {
    const { meeting } = this.door.link;
    const number = 1_000_000 + this.stash.size;
    const salt = toBase64Url(secureRandom(16));
    const announcement = { salt, number };
    const { certificate, signing, publicKey } = official.signer;
    const presence = await signStatement(PRESENCE, { meeting, salt, number }, signing);
    const owner = {
      suite: 'x25519',
      certificates: credentialOf(certificate, announcement),
      signing,
      publicKey,
    } as const;
    const { agreement } = await nodeGroupTools({ unixMs: Date.now }).startAgreement(owner);
    const credentials = { certificate, clearance: official.clearance, presence };
    return { entry: { participant: asId<ParticipantId>(name), announcement, credentials }, agreement };
  }

  /** Whether anything that ever passed the relay lets somebody who waits for a Welcome into a group. */
  async letsIn({ agreement }: Outsider): Promise<boolean> {
    const blobs = [...this.stash.values()];
    for (const welcome of blobs)
      for (const tree of blobs) {
        const joined = await agreement.join(welcome, tree, this.context(), () => undefined);
        if (joined.ok) return true;
      }
    return false;
  }

  /** What groups of this meeting are bound to. */
  context(): MeetingContext {
    const { meeting, charter } = this.door.link;
    const { marking, chair, suite } = this.ministry.charter(this.officials.alice, { suite: 'x25519' });
    const marked = JSON.stringify([marking.scale, marking.level, ...marking.groups]);
    const charterHash = new Uint8Array(Buffer.from(charter ?? '', 'base64url'));
    return { meeting, marking: marked, suite, chair, charterHash };
  }

  /** Keeps bytes where the relay has them. */
  keep(bytes: Bytes) {
    const hash = createHash('sha256').update(bytes).digest('base64url');
    this.stash.set(hash, bytes.slice());
    return { hash, bytes: bytes.length };
  }

  /** Another charter of the same meeting, as true as the first. */
  async otherCharter(change: Partial<Charter>, by: Official = this.officials.alice) {
    const charter = this.ministry.charter(by, {
      suite: 'x25519',
      ...change,
      meeting: this.door.link.meeting,
    });
    return this.ministry.sign(by, charter);
  }

  #describe(): string {
    return this.#victims
      .map((one) => `${epochOf(one)?.number} of ${membersOf(one)} (${one.problems.join()})`)
      .join('; ');
  }

  async #step(): Promise<void> {
    this.door.server.clock.advance(STEP_MS);
    await rest(() => this.#sockets.areAny);
  }
}

/** Of the epoch that this client shows as its newest. */
const membersOf = ({ meeting }: FakeClient): number => {
  const there = new Set<ParticipantId>();
  for (const { joined, left } of meeting.state.epochs) {
    for (const { participant } of left) there.delete(participant);
    for (const { participant } of joined) there.add(participant);
  }
  return there.size;
};

export const keyOf = async (group: Group): Promise<Bytes> => granted(await group.baseKey(32));
