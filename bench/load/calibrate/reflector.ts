/**
 * The null reflector as a process: the relay's end of one transport that does nothing but send, at a rate that it is told.
 * What a participant cannot take of it is the participant's own limit.
 */
import { RtpHeader } from 'werift';
import { createFrameKeys } from '../../../src/e2ee/keys/store.ts';
import { nodeDriver } from '../../../src/e2ee/sframe/node.ts';
import { clockName, monotonicMs } from '../crew/time.ts';
import { marked } from '../measure/mark.ts';
import { Endpoint } from './endpoint.ts';
import { type Answer, BASE_KEY, PAYLOAD_TYPE, type Question, SENDER, STREAMS, ssrcOf } from './messages.ts';

/** As a relay sends: a few packets at a time. */
const TICK_MS = 2;
const FRAME_TICKS = 960;
/** A sound frame of the shipped clip. */
const FRAME = new Uint8Array(60).fill(1);

const endpoint = await Endpoint.open();
const keys = createFrameKeys({ driver: nodeDriver });
keys.useOwnKey(SENDER, BASE_KEY);
const clock = clockName();

const streams = Array.from({ length: STREAMS }, (_, i) => {
  const context = keys.newSealingContext('microphone', 'opus');
  if (!context.ok) throw new Error(context.refusal.message);
  return { ssrc: ssrcOf(i), context: context.value, sequence: 0 };
});

const sendOne = (nth: number, dueMs: number): void => {
  const stream = streams[nth % STREAMS];
  if (stream === undefined) return;
  const sequence = stream.sequence++;
  const sealed = stream.context.seal(marked(FRAME, { clock, sender: nth % STREAMS, sequence, dueMs }), true);
  if (!sealed.ok) return;
  const { ssrc } = stream;
  const timestamp = (sequence * FRAME_TICKS) >>> 0;
  const header = new RtpHeader({ ssrc, payloadType: PAYLOAD_TYPE, sequenceNumber: sequence & 0xffff, timestamp });
  endpoint.send(header, Buffer.from(sealed.value.wire));
};

const send = (perSecond: number, seconds: number): Promise<Answer> => {
  const startMs = monotonicMs();
  const due = Math.round(perSecond * seconds);
  let sent = 0;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const nowMs = monotonicMs();
      const until = Math.min(due, Math.floor(((nowMs - startMs) * perSecond) / 1_000));
      while (sent < until) sendOne(sent, startMs + (1_000 * sent++) / perSecond);
      if (nowMs - startMs < seconds * 1_000) return;
      clearInterval(timer);
      resolve({ kind: 'send', due, sent });
    }, TICK_MS);
  });
};

const answerTo = async (question: Question): Promise<Answer> => {
  if (question.kind === 'open') return { kind: 'open', offer: endpoint.offer };
  if (question.kind === 'send') return send(question.perSecond, question.seconds);
  endpoint.accept(question.dtlsParameters);
  return { kind: 'connect' };
};

process.on('message', async (question: Question) => process.send?.(await answerTo(question)));
process.once('disconnect', () => process.exit(0));
process.on('SIGINT', () => {});
