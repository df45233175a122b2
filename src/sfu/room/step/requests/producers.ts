import type { ParticipantId, ProducerId } from '../../../../base/ids.ts';
import type { MediaRequest } from '../../../../base/media.ts';
import { dropProducer } from '../drop.ts';
import { wouldOverflow } from '../layout.ts';
import { allLayers } from '../needs.ts';
import { invalid, limit, unknown } from '../refusals.ts';
import { checkStream, nameStream } from '../rtp-rules.ts';
import type { Producer } from '../state.ts';
import { answerDone, call, change, mint, type Turn, update, withEntry } from '../turn.ts';
import { type Asking, type Handled, ownProducer, ownTransport } from './own.ts';

type Request<K extends MediaRequest['kind']> = Extract<MediaRequest, { readonly kind: K }>;

/**
 * One producer per source: a new one replaces the old one. Refusing instead would lock out a client that lost the
 * answer to its first try, whose id it then does not know. The old one is closed first, as both may use the same SSRC.
 * Camera off and on is either pause and resume (same producer) or close and produce; the room takes both.
 */
export const produce = (request: Request<'produce'>, turn: Turn, { ask, me }: Asking): Handled => {
  const [direction] = ownTransport(me, request.transport) ?? [];
  if (direction === undefined) return unknown('transport');
  if (direction !== 'send') return invalid('that is the transport for receiving');
  const codec = checkStream(request.source, request.rtpParameters);
  if (!codec.ok) return codec.refusal;
  const { source, paused } = request;
  const layers = allLayers(request.rtpParameters.encodings.length);
  const producer = {
    producer: mint<ProducerId>(turn),
    source,
    codec: codec.value,
    live: false,
    paused,
    layers,
  };
  const producers = withEntry(me.producers, source, producer);
  if (wouldOverflow(withEntry(turn.state.participants, me.participant, { ...me, producers })))
    return limit('the room forwards as many streams as it may');
  dropProducer(turn, me.participant, source);
  addProducer(turn, me.participant, producer);
  startProducer(turn, request, ask, me.participant, producer.producer);
};

const addProducer = (turn: Turn, who: ParticipantId, producer: Producer): void => {
  const producers = turn.state.participants.get(who)?.producers;
  if (producers === undefined) return;
  change(turn, who, { producers: withEntry(producers, producer.source, producer) });
  update(turn, { owners: withEntry(turn.state.owners, producer.producer, who) });
};

const startProducer = (
  turn: Turn,
  { transport, source, paused, rtpParameters }: Request<'produce'>,
  ask: number,
  who: ParticipantId,
  producer: ProducerId,
): void => {
  const named = nameStream(rtpParameters, who);
  const verb = { kind: 'produce', transport, producer, source, paused, rtpParameters: named } as const;
  call(turn, verb, { kind: 'produce', ask, who, source, producer });
};

type PauseOrResume = Request<'pause-producer' | 'resume-producer'>;

export const pauseOrResumeProducer = (
  { kind, producer }: PauseOrResume,
  turn: Turn,
  { ask, me }: Asking,
): Handled => {
  const held = ownProducer(me, producer);
  if (held === undefined) return unknown('producer');
  const paused = kind === 'pause-producer';
  const pending = { kind: 'pause', ask, who: me.participant, source: held.source, producer, paused } as const;
  call(turn, { kind, producer }, pending);
};

export const closeProducer = (
  { producer }: Request<'close-producer'>,
  turn: Turn,
  { ask, me }: Asking,
): Handled => {
  const held = ownProducer(me, producer);
  if (held === undefined) return unknown('producer');
  dropProducer(turn, me.participant, held.source);
  answerDone(turn, ask);
};
