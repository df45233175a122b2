import assert from 'node:assert/strict';
import { randomBytes as nodeRandomBytes } from 'node:crypto';
import { type Bytes, toHex } from '../../src/base/bytes.ts';
import type { RandomBytes } from '../../src/base/clock.ts';
import { asId, type MeetingId, type ParticipantId } from '../../src/base/ids.ts';
import type { Source } from '../../src/base/media.ts';
import { groupKeys } from '../../src/client/group/meeting-keys.ts';
import type { GroupTools } from '../../src/client/group/tools.ts';
import type { EntryLink } from '../../src/client/link.ts';
import { joinMeeting, type Meeting } from '../../src/client/meeting.ts';
import type { CharterFacts } from '../../src/client/people/charter-facts.ts';
import type { Enrolled } from '../../src/client/people/enrolled.ts';
import type { FetchList } from '../../src/client/people/fetch-list.ts';
import type { StreamEvent } from '../../src/client/streams.ts';
import type { FrameKeys } from '../../src/e2ee/frame-keys.ts';
import { createFrameKeys } from '../../src/e2ee/keys/store.ts';
import type { SyncDriver } from '../../src/e2ee/sframe/driver.ts';
import { nodeDriver } from '../../src/e2ee/sframe/node.ts';
import { charterDigest } from './fake-chain.ts';
import { FakeClock } from './fake-clock.ts';
import { type FakeInput, FakeMediaPort, FakeNet, type FakeOutput } from './fake-media-port.ts';
import { FakeServer } from './fake-server.ts';
import { onceOnly } from './nonce-recorder.ts';
import { preSharedKeys, SHARED_SECRET } from './pre-shared-source.ts';
import { eventually, settle } from './until.ts';

export const secureRandom: RandomBytes = (size) => new Uint8Array(nodeRandomBytes(size));

/** Shorter than a heartbeat's period and every wait that matters. */
const STEP_MS = 500;

/** One client: the real core and the real keys over a fake media stack. */
export interface FakeClient {
  readonly meeting: Meeting<FakeInput, FakeOutput>;
  readonly port: FakeMediaPort;
  readonly streams: StreamEvent<FakeOutput>[];
  /** Whose keys it holds, by sender number. */
  readonly keys: HeldKeys;
}

export interface ClientOptions {
  readonly randomBytes?: RandomBytes;
  readonly driver?: SyncDriver;
  readonly link?: Partial<EntryLink>;
  readonly device?: Enrolled;
  readonly fetchList?: FetchList;
  readonly onCharter?: (facts: CharterFacts) => void;
  readonly group?: GroupTools;
}

/** A server, a net and a clock in memory, and where their one meeting is. */
export class FakeWorld {
  readonly server = new FakeServer();
  readonly net = new FakeNet();
  readonly clock: FakeClock;
  readonly #place = { origin: 'https://relay.example', meeting: asId<MeetingId>('meeting') };
  readonly listenerErrors: unknown[] = [];
  /** What somebody enters with who brings nothing. */
  enrol: ((name: string) => Promise<Pick<ClientOptions, 'device' | 'fetchList' | 'link'>>) | undefined;
  readonly #driver = onceOnly(nodeDriver);
  /** Who joins or is in: each has a socket, or waits to dial one. */
  readonly #living = new Set<FakeMediaPort>();

  constructor(unixOriginMs?: number) {
    this.clock = new FakeClock(unixOriginMs);
  }

  async tryToJoin(name: string, given: ClientOptions = {}) {
    const options = given.device === undefined ? { ...(await this.enrol?.(name)), ...given } : given;
    const { randomBytes = secureRandom, driver = this.#driver } = options;
    const frameKeys = createFrameKeys({ driver });
    const keys = watchKeys(frameKeys);
    const port = new FakeMediaPort(frameKeys, this.net);
    this.#living.add(port);
    const { device } = options;
    const { charter } = this.server;
    assert(device !== undefined && charter !== undefined);
    const joined = await joinMeeting({
      link: { ...this.#place, charter: charterDigest(charter), ...options.link },
      name,
      media: port,
      frameKeys,
      openSocket: this.server.openSocket,
      clock: this.clock,
      randomBytes,
      device,
      fetchList: options.fetchList,
      onCharter: options.onCharter,
      keys: options.group ? groupKeys(options.group) : preSharedKeys(frameKeys, SHARED_SECRET, nodeDriver),
      onListenerError: (error) => this.listenerErrors.push(error),
    });
    if (joined.ok) joined.value.onChange(({ phase }) => phase.kind === 'closed' && this.#living.delete(port));
    else this.#living.delete(port);
    return { joined, port, keys };
  }

  /** Time passes as it does for living servers: in steps in which everything comes to rest, with heartbeats. */
  async pass(durationMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < durationMs; passedMs += STEP_MS) {
      this.clock.advance(STEP_MS);
      this.server.heartbeat();
      await settle();
    }
  }

  /** Time passes until it is so, while somebody waits to dial: signatures take turns that no clock here counts. */
  passUntil(holds: () => boolean): Promise<void> {
    return eventually('it was so', () => {
      if (holds()) return true;
      if (this.server.socketCount < this.#living.size) {
        this.clock.advance(STEP_MS);
        this.server.heartbeat();
      }
      return false;
    });
  }

  async join(name: string, options: ClientOptions = {}): Promise<FakeClient> {
    const { joined, port, keys } = await this.tryToJoin(name, options);
    assert(joined.ok, joined.ok ? '' : joined.refusal.code);
    const streams: StreamEvent<FakeOutput>[] = [];
    joined.value.onStream((event) => streams.push(event));
    return { meeting: joined.value, port, streams, keys };
  }
}

/** Sender numbers: of the keys that are in there now, and of all that ever were. */
export interface HeldKeys extends ReadonlySet<number> {
  readonly ever: ReadonlySet<number>;
  /** Base keys of all epochs that were ever opened, in their order. */
  readonly baseKeys: readonly Bytes[];
  /** Of epochs that are open now, in hexadecimal digits. */
  readonly open: ReadonlyMap<bigint, string>;
}

export const watchKeys = (frameKeys: FrameKeys): HeldKeys => {
  const [numbers, ever] = [new Set<number>(), new Set<number>()];
  const baseKeys: Bytes[] = [];
  const open = new Map<bigint, string>();
  const { addSender, removeSender, openUnder, forget } = frameKeys;
  frameKeys.forget = (epoch) => {
    open.delete(epoch);
    forget.call(frameKeys, epoch);
  };
  frameKeys.openUnder = (epoch, baseKey, leaves) => {
    baseKeys.push(baseKey.slice());
    openUnder.call(frameKeys, epoch, baseKey, leaves);
    open.set(epoch, toHex(baseKey));
  };
  frameKeys.addSender = (number, baseKey) => {
    numbers.add(number);
    ever.add(number);
    return addSender.call(frameKeys, number, baseKey);
  };
  frameKeys.removeSender = (number) => {
    numbers.delete(number);
    removeSender.call(frameKeys, number);
  };
  return Object.assign(numbers, { ever, baseKeys, open });
};

export const idOf = ({ meeting }: FakeClient): ParticipantId => {
  assert(meeting.state.self !== undefined);
  return meeting.state.self.participant;
};

/** What plays now at `client` of that sender's source: the newest stream that was added and not removed. */
export const outputOf = (client: FakeClient, sender: FakeClient, source: Source): FakeOutput | undefined => {
  const live = new Map<string, FakeOutput>();
  for (const { kind, stream } of client.streams) {
    if (stream.source !== source || stream.participant !== idOf(sender)) continue;
    if (kind === 'added') live.set(stream.consumer, stream.output);
    else live.delete(stream.consumer);
  }
  return [...live.values()].at(-1);
};
