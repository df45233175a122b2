import assert from 'node:assert/strict';
import type { RandomBytes } from '../../src/base/clock.ts';
import type { MeetingId } from '../../src/base/ids.ts';
import type { OpenSocket } from '../../src/client/connection/socket.ts';
import { openWebSocket } from '../../src/client/connection/web-socket.ts';
import { groupKeys } from '../../src/client/group/meeting-keys.ts';
import type { GroupTools } from '../../src/client/group/tools.ts';
import type { EntryLink } from '../../src/client/link.ts';
import { joinMeeting } from '../../src/client/meeting.ts';
import type { Enrolled, SeenLists } from '../../src/client/people/enrolled.ts';
import { type FetchList, fetchList } from '../../src/client/people/fetch-list.ts';
import type { StreamEvent } from '../../src/client/streams.ts';
import { createFrameKeys } from '../../src/e2ee/keys/store.ts';
import { nodeDriver } from '../../src/e2ee/sframe/node.ts';
import { DEFAULT_LIMITS, type SignalingLimits } from '../../src/signaling/limits.ts';
import type { EnrolmentMailbox } from '../../src/signaling/ports.ts';
import type { Charter } from '../../src/trust/charter/charter.ts';
import { openCharter } from '../../src/trust/signing/charter.ts';
import type { StatementDigest } from '../../src/trust/statement/statement.ts';
import { newSeenLists } from './certified-world.ts';
import { FakeMediaPort, FakeNet, type FakeOutput } from './fake-media-port.ts';
import { type FakeClient, secureRandom, watchKeys } from './fake-meeting.ts';
import { FakeDisk, FakeStore } from './fake-store.ts';
import { Heartbeats } from './heartbeats.ts';
import { type Ministry, type Official, prove } from './ministry.ts';
import { onceOnly } from './nonce-recorder.ts';
import { granted, NOW } from './people.ts';
import { preSharedKeys, SHARED_SECRET } from './pre-shared-source.ts';
import { type Harness, startHarness } from './raw-client-harness.ts';
import { eventually } from './until.ts';

/** What stands between one client and the relay. */
export interface Way {
  /** What this person wants to be called, which is no part of the certificate. */
  readonly name?: string;
  readonly openSocket?: OpenSocket;
  readonly fetchList?: FetchList;
  readonly link?: Partial<EntryLink>;
  readonly lists?: SeenLists;
  readonly randomBytes?: RandomBytes;
  readonly onWaiting?: () => void;
  readonly onReplacing?: () => void;
  readonly onOwnDevices?: () => void;
  readonly signal?: AbortSignal;
  /** Media keys come from the meeting's group. */
  readonly group?: GroupTools;
}

/** As long as a client waits for the answer to its leaving. */
const LEAVE_WITHIN_MS = 2_000;

/** The real client at the real signaling, over real sockets, on one driven clock; media alone is made up. */
export class DoorMeeting {
  readonly server: Harness;
  readonly link: EntryLink;
  readonly #ministry: Ministry;
  readonly net = new FakeNet();
  readonly #driver = onceOnly(nodeDriver);
  readonly #heartbeats = new Heartbeats();
  readonly #left: (() => Promise<void>)[] = [];

  private constructor(server: Harness, ministry: Ministry, link: EntryLink) {
    this.server = server;
    this.link = link;
    this.#ministry = ministry;
  }

  /** A relay, and the meeting of a charter that `convener` signs. */
  static async convene(
    ministry: Ministry,
    convener: Official,
    change: Partial<Charter> = {},
    limits: Partial<SignalingLimits> = {},
    enrolment?: EnrolmentMailbox,
  ): Promise<DoorMeeting> {
    const people = { trust: ministry.trust(), store: new FakeStore(new FakeDisk()) };
    const server = await startHarness(people, limits, enrolment && { enrolment });
    const origin = `http://127.0.0.1:${server.port}`;
    const { meeting, charter } = await conveneAt(server, ministry, convener, change);
    return new DoorMeeting(server, ministry, { origin, meeting, charter });
  }

  deviceOf({ signer, clearance }: Official, lists: SeenLists = newSeenLists()): Enrolled {
    const { people, scale } = this.#ministry;
    const { certificate, signing } = signer;
    return { root: people.root, scale, certificate, signing, clearance, lists };
  }

  async tryToEnter(who: Official, way: Way = {}) {
    const frameKeys = createFrameKeys({ driver: this.#driver });
    const keys = watchKeys(frameKeys);
    const port = new FakeMediaPort(frameKeys, this.net);
    const joined = await joinMeeting({
      link: { ...this.link, ...way.link },
      name: way.name ?? who.person,
      device: this.deviceOf(who, way.lists),
      fetchList: way.fetchList ?? fetchList,
      media: port,
      frameKeys,
      openSocket: this.#heartbeats.watch(way.openSocket ?? openWebSocket),
      clock: this.server.clock,
      randomBytes: way.randomBytes ?? secureRandom,
      onWaiting: way.onWaiting,
      onReplacing: way.onReplacing,
      onOwnDevices: way.onOwnDevices,
      signal: way.signal,
      keys: way.group ? groupKeys(way.group) : preSharedKeys(frameKeys, SHARED_SECRET, nodeDriver),
      onListenerError: (error) => assert.fail(String(error)),
    });
    if (joined.ok) this.#left.push(() => this.#leave(joined.value));
    return { joined, port, keys, frameKeys };
  }

  async enter(who: Official, way: Way = {}): Promise<FakeClient> {
    const { joined, port, keys } = await this.tryToEnter(who, way);
    const meeting = granted(joined);
    const streams: StreamEvent<FakeOutput>[] = [];
    meeting.onStream((event) => streams.push(event));
    return { meeting, port, streams, keys };
  }

  /** Settles once the next entry was decided upon. */
  async decided(): Promise<void> {
    const { entries } = this.server.record;
    const before = entries.length;
    await eventually('an entry was decided upon', () => entries.length > before);
  }

  /** The relay’s time goes on, and everybody who is connected shows life as often as asked to. */
  async pass(ms: number): Promise<void> {
    const { heartbeatMs } = DEFAULT_LIMITS;
    for (let left = ms; left > 0; left -= heartbeatMs) {
      const heard = this.#heartbeats.next();
      this.server.clock.advance(heartbeatMs);
      await heard;
    }
  }

  async close(): Promise<void> {
    for (const leave of this.#left.splice(0)) await leave();
    await this.server.close();
  }

  /** The clock does not run by itself: whoever is between two sessions would wait for an answer for ever. */
  async #leave(meeting: FakeClient['meeting']): Promise<void> {
    const left = meeting.leave();
    this.server.clock.advance(LEAVE_WITHIN_MS);
    await left;
  }
}

/** Has the relay open a meeting by a charter that `convener` signs. */
export const conveneAt = async (
  server: Harness,
  ministry: Ministry,
  convener: Official,
  change: Partial<Charter>,
): Promise<{ meeting: MeetingId; charter: StatementDigest }> => {
  const { client, session } = await server.hello();
  const charter = ministry.charter(convener, change);
  const { meeting } = charter;
  const { nonce } = await client.done('challenge', { meeting, purpose: 'convene' });
  const asked = { nonce: String(nonce), connection: session, meeting, purpose: 'convene' } as const;
  const vouched = await ministry.sign(convener, charter);
  await client.done('convene', { charter: vouched, proof: await prove(convener, asked) });
  await client.vanish();
  const signed = granted(await openCharter(vouched, { root: ministry.people.root, nowUnixMs: NOW }));
  return { meeting, charter: signed.opened.digest };
};
