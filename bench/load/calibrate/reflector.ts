/**
 * The null reflector as a process: the relay's ends of transports that do nothing but send, at a rate that they are told.
 * What participants cannot take of it is their own limit.
 */
import { RtpHeader } from 'werift';
import { createFrameKeys } from '../../../src/e2ee/keys/store.ts';
import { nodeDriver } from '../../../src/e2ee/sframe/node.ts';
import { clockName, monotonicMs } from '../crew/time.ts';
import { Durations } from '../measure/histogram.ts';
import { marked } from '../measure/mark.ts';
import { Endpoint } from './endpoint.ts';
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

const FRAME_TICKS = 960;
/** A sound frame of the shipped clip. */
const FRAME = new Uint8Array(60).fill(1);

const clock = clockName();
const endpoints = await Promise.all(Array.from({ length: PARTICIPANTS }, () => Endpoint.open()));

/** Neighbours are of different participants: packets of one socket are as far apart as they can be. */
const streams = Array.from({ length: PARTICIPANTS * STREAMS }, (_, i) => {
  const keys = createFrameKeys({ driver: nodeDriver });
  keys.useOwnKey(SENDER, BASE_KEY);
  const contexts = Array.from({ length: STREAMS }, () => keys.newSealingContext('microphone', 'opus'));
  const nth = Math.floor(i / PARTICIPANTS);
  const context = contexts[nth];
  const endpoint = endpoints[i % PARTICIPANTS];
  if (!context?.ok || endpoint === undefined) throw new Error('a stream without a key or an end');
  return { endpoint, ssrc: ssrcOf(nth), sender: nth, context: context.value, sequence: 0 };
});

const sendOne = (nth: number, dueMs: number): void => {
  const stream = streams[nth % streams.length];
  if (stream === undefined) return;
  const { endpoint, ssrc, sender, context } = stream;
  const sequence = stream.sequence++;
  const sealed = context.seal(marked(FRAME, { clock, sender, sequence, dueMs }), true);
  if (!sealed.ok) return;
  const timestamp = (sequence * FRAME_TICKS) >>> 0;
  const header = new RtpHeader({
    ssrc,
    payloadType: PAYLOAD_TYPE,
    sequenceNumber: sequence & 0xffff,
    timestamp,
  });
  endpoint.send(header, Buffer.from(sealed.value.wire));
};

/** Evenly, each at its own moment: that takes a core, and timers are too coarse for it. */
const send = (perSecond: number, seconds: number): Promise<Answer> => {
  const startMs = monotonicMs();
  const due = Math.round(perSecond * seconds);
  const late = new Durations();
  let sent = 0;
  const sendDue = (): void => {
    const dueMs = startMs + (1_000 * sent) / perSecond;
    sendOne(sent++, dueMs);
    late.add(monotonicMs() - dueMs);
  };
  return new Promise((resolve) => {
    const turn = (): void => {
      const passedMs = monotonicMs() - startMs;
      const until = Math.min(due, Math.floor((passedMs * perSecond) / 1_000));
      while (sent < until) sendDue();
      if (passedMs < seconds * 1_000) setImmediate(turn);
      else resolve({ kind: 'send', due, sent, sentLateMs: late.at(0.99) });
    };
    turn();
  });
};

const endpointOf = (participant: number): Endpoint => {
  const endpoint = endpoints[participant];
  if (endpoint === undefined) throw new Error('there is no such participant');
  return endpoint;
};

const answerTo = async (question: Question): Promise<Answer> => {
  if (question.kind === 'open') return { kind: 'open', offer: endpointOf(question.participant).offer };
  if (question.kind === 'send') return send(question.perSecond, question.seconds);
  endpointOf(question.participant).accept(question.dtlsParameters);
  return { kind: 'connect' };
};

process.on('message', async (question: Question) => process.send?.(await answerTo(question)));
process.once('disconnect', () => process.exit(0));
process.on('SIGINT', () => {});
