/**
 * The receiving side of participants as a process, in front of a null reflector: `receiver.ts WEIGHT SECONDS`. Rates rise
 * until it does not keep up; it tells its parent what it took at each.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { asId, type ConsumerId } from '../../../src/base/ids.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { secureRandomBytes, systemClock } from '../../../src/base/platform.ts';
import type { RtpCodec } from '../../../src/base/rtp.ts';
import { createWeriftMedia } from '../../../src/client/werift/adapter.ts';
import { createFrameKeys } from '../../../src/e2ee/keys/store.ts';
import { nodeDriver } from '../../../src/e2ee/sframe/node.ts';
import { CountedPaths } from '../crew/counted-path.ts';
import { LightCounter } from '../crew/light-counter.ts';
import { SocketDrops } from '../crew/socket-drops.ts';
import { SourceWatch } from '../crew/source-watch.ts';
import { StreamMeter } from '../crew/stream-meter.ts';
import { Tally } from '../crew/tally.ts';
import { clockName, monotonicOffsetMs } from '../crew/time.ts';
import { warmUp } from '../crew/warm-up.ts';
import { Durations } from '../measure/histogram.ts';
import type { Step } from './ladder.ts';
import { FIRST_RATE, isHeld, nextRate } from './ladder.ts';
import {
  type Answer,
  BASE_KEY,
  PARTICIPANTS,
  PAYLOAD_TYPE,
  type Question,
  SENDER,
  STREAMS,
  ssrcOf,
} from './messages.ts';

const LOOP_SAMPLE_MS = 20;
const MAX_REPEATS = 3;
/** For what was sent last. */
const LAST_PACKETS_MS = 100;
const NO_GHOSTS: ReadonlySet<number> = new Set();

const [, , weight = 'full', secondsText = '2'] = process.argv;
const isLight = weight === 'light';
const seconds = Number(secondsText);

const reflector: ChildProcess = fork(join(import.meta.dirname, 'reflector.ts'), [], {
  execArgv: ['--disable-warning=ExperimentalWarning'],
});
const ask = async <K extends Question['kind']>(question: Extract<Question, { kind: K }>) => {
  const answered = once(reflector, 'message');
  reflector.send(question);
  const [answer] = await answered;
  return answer as Extract<Answer, { kind: K }>;
};

await warmUp();
const platform = { clock: systemClock, randomBytes: secureRandomBytes, logger: silentLogger };
const opus: RtpCodec = {
  mimeType: 'audio/opus',
  payloadType: PAYLOAD_TYPE,
  clockRate: 48_000,
  channels: 2,
  rtcpFeedback: [{ type: 'nack' }],
};
const tally = new Tally();
const offsetMs = monotonicOffsetMs();
const meters: StreamMeter[] = [];

/** One participant as in a run of its weight, but that nothing comes before its media. */
const open = async (participant: number): Promise<void> => {
  const frameKeys = createFrameKeys({ driver: nodeDriver });
  frameKeys.addSender(SENDER, BASE_KEY);
  const counter = new LightCounter();
  const { tryUdp } = new CountedPaths(platform, counter);
  const media = createWeriftMedia({ ...platform, frameKeys, ...(isLight && { tryUdp }) });
  await media.load({ codecs: [], headerExtensions: [] });
  const { offer } = await ask({ kind: 'open', participant });
  await media.openTransport('receive', offer, async (dtlsParameters) => {
    await ask({ kind: 'connect', participant, dtlsParameters });
  });
  for (let i = 0; i < STREAMS; i++) {
    const stream = await media.consume({
      consumer: asId<ConsumerId>(`consumer-${i}`),
      source: 'microphone',
      sender: { number: SENDER },
      rtpParameters: { codecs: [opus], headerExtensions: [], encodings: [{ ssrc: ssrcOf(i) }], rtcp: {} },
    });
    const monotonicOf = (nowMs: number) => nowMs + offsetMs;
    const clock = clockName();
    const to = participant;
    const watch = new SourceWatch('audio', to, performance.now());
    const meter = new StreamMeter({ stream, watch, to, tally, clock, monotonicOf, onFirst: () => {} });
    if (isLight) meter.countOnly(counter.countOnly(meter.ssrc));
    meters.push(meter);
  }
};
for (let participant = 0; participant < PARTICIPANTS; participant++) await open(participant);

const watchLoop = (): (() => void) => {
  let timer: NodeJS.Timeout;
  const next = (): void => {
    const dueMs = performance.now() + LOOP_SAMPLE_MS;
    timer = setTimeout(() => {
      tally.took('loop-late', Math.max(0, performance.now() - dueMs));
      next();
    }, LOOP_SAMPLE_MS);
  };
  next();
  return () => clearTimeout(timer);
};

const p99 = (text: string | undefined): number => (text === undefined ? 0 : Durations.decoded(text).at(0.99));

const drops = new SocketDrops();
const stepAt = async (perSecond: number): Promise<Step> => {
  drops.take(NO_GHOSTS);
  tally.takeSecond(0);
  const unwatch = watchLoop();
  const startMs = performance.now();
  const { due, sent, sentLateMs } = await ask({ kind: 'send', perSecond, seconds });
  await new Promise((resolve) => setTimeout(resolve, LAST_PACKETS_MS));
  unwatch();
  for (const meter of meters) meter.tell();
  const { added, cpuSeconds, durations } = tally.takeSecond(0);
  const received = added.audioPackets + added.countedPackets;
  return {
    perSecond,
    due,
    sent,
    sentLateMs,
    received,
    dropped: drops.take(NO_GHOSTS).read,
    cpuShare: (1_000 * cpuSeconds) / (performance.now() - startMs),
    cpuUsPerPacket: (1e6 * cpuSeconds) / Math.max(1, received),
    loopLateMs: p99(durations['loop-late']),
    delayMs: p99(durations['one-way-audio']),
  };
};

/** Another program that takes the core for a moment is no ceiling of anybody. */
const steadyStepAt = async (perSecond: number): Promise<Step> => {
  let step = await stepAt(perSecond);
  for (let again = 0; again < MAX_REPEATS && !isHeld(step); again++) step = await stepAt(perSecond);
  return step;
};

for (let rate: number | undefined = FIRST_RATE; rate !== undefined; ) {
  const step: Step = await steadyStepAt(rate);
  process.send?.(step);
  rate = isHeld(step) ? nextRate(rate) : undefined;
}
reflector.disconnect();
process.disconnect?.();
// Sockets of the media stack may linger.
process.exit(0);
