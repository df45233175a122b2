import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { it } from 'node:test';
import { type Random, seededRandom } from '../../bench/random.ts';
import { Member } from '../../bench/signaling/member.ts';
import { Officials, type Shown, type Signed } from '../../bench/signaling/officials.ts';
import { summarize } from '../../bench/stats.ts';
import type { MeetingId } from '../../src/base/ids.ts';
import type { RequestKind } from '../../src/signaling/protocol/messages.ts';
import { mangled, mutated } from '../support/mutations.ts';
import { NOW } from '../support/people.ts';
import { PROJECT_DIR } from '../support/source-tree.ts';

/** `npm run fuzz` sends a million. */
const MESSAGES = Number(process.env.BELFRY_FUZZ_MESSAGES ?? 100_000);
const SEED = Number(process.env.BELFRY_FUZZ_SEED ?? 1);
const LANES = 4;
/** A person comes into a meeting thirty times, and then once in five seconds: a lane has several, and goes on to other meetings. */
const PEOPLE_PER_LANE = 8;
const ENTRIES_PER_MEETING = 25 * PEOPLE_PER_LANE;
/** Numbers of people: after those of the lanes. */
const NEIGHBOUR = LANES * PEOPLE_PER_LANE;
/** Ids rise; the first few are of the honest beginning. */
const FIRST_ID = 1_000;
/** Messages between two looks whether the connection still answers. */
const BATCH = 40;
/** Below the burst that a participant may send: floods have tests of their own. */
const MESSAGES_PER_CONNECTION = 1_200;
/** Of messages whose bytes are changed, which mostly ends their connection, and of connections that never join. */
const SHARE = { mangled: 0.03, strangers: 0.1 } as const;
/** Heaps grow to their working size first. */
const WARM_UP = 15_000;
const GROWTH_LIMIT_BYTES = 50 * 2 ** 20;
const LIMITS = { timeout: Math.max(300_000, MESSAGES * 3), skip: !process.env.BELFRY_WORKER_BIN };

/** Any time above this is no meeting any more, on whatever machine: of nearly all answers, because each entry waits for the disk once. */
const ANSWER_LIMIT_MS = 2_000;
/** Of every answer: that much no disk takes. */
const STALL_LIMIT_MS = 10_000;
/** As often as a participant may ask: without a pause the neighbour itself would be cut for its rate. */
const ASK_EVERY_MS = 25;

const rtpParameters = (ssrc: number) => ({
  mid: '0',
  codecs: [
    {
      mimeType: 'video/VP8',
      payloadType: 96,
      clockRate: 90_000,
      parameters: {},
      rtcpFeedback: [{ type: 'nack' }],
    },
  ],
  headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 1 }],
  encodings: [{ ssrc, rtx: { ssrc: ssrc + 1 } }],
  rtcp: { cname: 'fuzz', reducedSize: true },
});
const DTLS = {
  role: 'client',
  fingerprints: [{ algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'AB').join(':') }],
};

/** What the server gave to this very connection, and what this connection showed it. */
interface Own {
  readonly transport: string;
  readonly producer: string;
  readonly shown: Shown;
  readonly signed: Signed;
}

/** Said once, at the end of a connection: else most of what comes after it would be nobody's. */
type Fuzzed = Exclude<RequestKind, 'leave'>;
type Fields = (own: Own, random: Random) => object;

/** Every kind of request, before it is mutated. */
const FIELDS_OF: Readonly<Record<Fuzzed, Fields>> = {
  'create-transport': (_, random) => ({ direction: random.below(2) === 0 ? 'send' : 'receive' }),
  'connect-transport': ({ transport }) => ({ transport, dtlsParameters: DTLS }),
  'restart-ice': ({ transport }) => ({ transport }),
  produce: ({ transport }, random) => ({
    transport,
    source: 'camera',
    rtpParameters: rtpParameters(1 + random.below(2 ** 31)),
    paused: false,
  }),
  'pause-producer': ({ producer }) => ({ producer }),
  'resume-producer': ({ producer }) => ({ producer }),
  'close-producer': ({ producer }) => ({ producer }),
  receive: ({ transport }) => ({ transport, rtpCapabilities: { codecs: [], headerExtensions: [] } }),
  'resume-consumer': () => ({ consumer: 'none' }),
  'pause-consumer': () => ({ consumer: 'none' }),
  'prefer-layers': () => ({ consumer: 'none', spatialLayer: 1, temporalLayer: 1 }),
  'request-key-frame': () => ({ consumer: 'none' }),
  // Of a group that nobody has made: what members say is in group.test.ts.
  group: () => ({ said: { kind: 'ready', generation: 0, epoch: 1, digest: 'A'.repeat(43), leaf: 1 } }),
  challenge: ({ shown: { meeting } }, random) => ({
    meeting,
    purpose: random.below(2) === 0 ? 'enter' : 'convene',
  }),
  enter: ({ shown }) => shown,
  convene: ({ signed: { charter }, shown: { passport } }) => ({ charter, proof: passport.proof }),
  act: ({ signed: { act } }) => ({ act }),
  countersign: ({ signed: { act } }) => ({ countersignature: act }),
  history: (_, random) => ({ after: random.below(100) }),
  hello: (_, random) => ({
    version: 1,
    resume: { session: 'none', secret: 'none', received: random.below(100) },
  }),
};
const KINDS = Object.keys(FIELDS_OF) as Fuzzed[];

class Fuzzer {
  readonly #url: string;
  readonly #officials: Officials;
  readonly #lane: number;
  readonly #random: Random;
  #entries = 0;
  #meeting: MeetingId | undefined;
  #lastShown: Shown | undefined;
  sent = 0;
  connections = 0;
  /** Answers and closes by which a server says that it failed itself. */
  failures = 0;

  constructor(url: string, officials: Officials, lane: number) {
    this.#url = url;
    this.#officials = officials;
    this.#lane = lane;
    this.#random = seededRandom(SEED * LANES + lane);
  }

  async send(count: number): Promise<void> {
    const until = this.sent + count;
    while (this.sent < until) await this.#connection(Math.min(MESSAGES_PER_CONNECTION, until - this.sent));
  }

  async #connection(count: number): Promise<void> {
    this.connections++;
    const member = await Member.open(this.#url);
    member.onMessage = (text) => {
      if (text.includes('internal.error')) this.failures++;
    };
    member.onClose = (reason) => {
      if (reason === 'server.failed') this.failures++;
    };
    const isStranger = this.#random.fraction() < SHARE.strangers;
    const shown =
      this.#lastShown === undefined || !isStranger || this.#random.fraction() < 0.5
        ? await this.#shownBy(member)
        : this.#lastShown;
    if (!isStranger) await member.ask('enter', shown);
    this.#lastShown = shown;
    try {
      if (isStranger) await this.#stranger(member, shown);
      else await this.#participant(member, shown, count);
    } catch {
      // Cut, as most of what is sent here deserves. That the server still serves shows in the next connection.
    }
    member.end();
  }

  /** An honest beginning, which must never fail. */
  async #shownBy(member: Member): Promise<Shown> {
    const nth = this.#entries++;
    if (this.#meeting === undefined || nth % ENTRIES_PER_MEETING === 0)
      this.#meeting = await this.#officials.convene(this.#url);
    return this.#officials.shownBy(member, this.#meeting, this.#personOf(nth));
  }

  /** By whoever it is that entered last. */
  #signed({ meeting }: Shown): Promise<Signed> {
    return this.#officials.signedBy(meeting, this.#personOf(this.#entries - 1));
  }

  #personOf(nth: number): number {
    return this.#lane * PEOPLE_PER_LANE + (nth % PEOPLE_PER_LANE);
  }

  /** Within the burst of somebody who has not joined; some say no hello, and show what served before. */
  async #stranger(member: Member, shown: Shown): Promise<void> {
    for (let i = 0; i < 10; i++) this.#one(member, { id: FIRST_ID + i, kind: 'enter', ...shown });
    await member.answers(FIRST_ID + 10, 'leave', {});
  }

  async #participant(member: Member, shown: Shown, count: number): Promise<void> {
    const { transport } = await member.ask('create-transport', { direction: 'send' });
    const own = { transport: String(transport), producer: 'none', shown, signed: await this.#signed(shown) };
    for (let i = 0; i < count; i += BATCH) {
      for (let j = 0; j < BATCH; j++) {
        const kind = KINDS[this.#random.below(KINDS.length)] as Fuzzed;
        this.#one(member, { id: FIRST_ID + 2 * i + j, kind, ...FIELDS_OF[kind](own, this.#random) });
      }
      await member.answers(FIRST_ID + 2 * i + BATCH, 'request-key-frame', { consumer: 'none' });
    }
    // Else its place would be kept for it, and soon there would be none.
    await member.answers(FIRST_ID + 3 * count, 'leave', {});
  }

  #one(member: Member, message: object): void {
    this.sent++;
    const text = mutated({ ...message }, this.#random);
    if (this.#random.fraction() < SHARE.mangled)
      member.sendBytes(mangled(text, this.#random), this.#random.below(4) === 0);
    else member.send(text);
  }
}

/** Somebody in a meeting that nobody fuzzes, who asks again and again and measures how long an answer takes. */
const untouched = async (url: string, officials: Officials) => {
  const member = await officials.enter(url, await officials.convene(url), NEIGHBOUR);
  let id = 10;
  const answeredWithinMs: number[] = [];
  let stopped = false;
  const asking = (async () => {
    while (!stopped) {
      const startMs = performance.now();
      await member.answers(id++, 'request-key-frame', { consumer: 'none' });
      answeredWithinMs.push(performance.now() - startMs);
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
  })();
  return {
    async end() {
      stopped = true;
      await asking;
      member.end();
      return answeredWithinMs;
    },
  };
};

interface Relay {
  readonly url: string;
  /** Bytes that it holds once its garbage is gone. */
  weigh(): Promise<number>;
  isAlive(): boolean;
  end(): Promise<void>;
}

const startRelay = async (home: string, folder: string): Promise<Relay> => {
  const file = join(PROJECT_DIR, 'test/support/weighed-relay.ts');
  const child = fork(file, [join(home, 'relay'), folder, String(NOW)], {
    // It ends with its standard input.
    stdio: ['pipe', 'pipe', 'inherit', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const [line] = await once(createInterface({ input: child.stdout as Readable }), 'line');
  return {
    ...JSON.parse(String(line)),
    async weigh() {
      const answer = once(child, 'message');
      child.send('weigh');
      return Number((await answer)[0]);
    },
    isAlive: () => child.exitCode === null && child.signalCode === null,
    async end() {
      const ended = once(child, 'exit');
      child.disconnect();
      child.kill('SIGTERM');
      await ended;
    },
  };
};

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

it(
  `serves a meeting beside ${MESSAGES} mutated messages, and stays as small as it was (seed ${SEED})`,
  LIMITS,
  async (t) => {
    const home = mkdtempSync(join(tmpdir(), 'belfry-fuzz-'));
    t.after(() => rmSync(home, { recursive: true }));
    const folder = join(home, 'public');
    const officials = await Officials.open(folder, NEIGHBOUR + 1);
    const relay = await startRelay(home, folder);
    try {
      const neighbour = await untouched(relay.url, officials);
      const fuzzers = Array.from({ length: LANES }, (_, lane) => new Fuzzer(relay.url, officials, lane));
      const sendAll = (count: number) =>
        Promise.all(fuzzers.map((fuzzer) => fuzzer.send(Math.ceil(count / LANES))));

      await sendAll(Math.min(WARM_UP, MESSAGES / 2));
      const beforeBytes = await relay.weigh();
      await sendAll(MESSAGES);
      const afterBytes = await relay.weigh();
      const answered = summarize(await neighbour.end());

      assert.ok(relay.isAlive());
      assert.equal(
        fuzzers.reduce((sum, one) => sum + one.failures, 0),
        0,
        'the relay failed at a message',
      );
      const connections = fuzzers.reduce((sum, one) => sum + one.connections, 0);
      t.diagnostic(
        `${connections} connections; the neighbour's answers p50 ${answered?.p50.toFixed(1)} ms, p99 ${answered?.p99.toFixed(1)} ms of ${answered?.n}; the relay holds ${mib(beforeBytes)} MiB, then ${mib(afterBytes)} MiB`,
      );
      assert.ok(
        answered && answered.p99 < ANSWER_LIMIT_MS,
        `one answer in a hundred took ${answered?.p99} ms`,
      );
      assert.ok(answered.max < STALL_LIMIT_MS, `an answer took ${answered.max} ms`);
      assert.ok(afterBytes - beforeBytes < GROWTH_LIMIT_BYTES);
    } finally {
      await relay.end();
    }
  },
);
