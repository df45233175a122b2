import type { TransportId } from '../../../../base/ids.ts';
import type { MediaRequest } from '../../../../base/media.ts';
import { dropTransport } from '../drop.ts';
import { reconcile, withoutFailed, wouldOverflow } from '../layout.ts';
import { invalid, limit, order, unknown } from '../refusals.ts';
import { answerDone, call, change, mint, type Turn, withEntry } from '../turn.ts';
import { type Asking, type Handled, ownTransport } from './own.ts';

type Request<K extends MediaRequest['kind']> = Extract<MediaRequest, { readonly kind: K }>;

/** One transport per direction: a second one replaces the first with everything on it, as after a reload of the client's media. */
export const createTransport = (
  { direction }: Request<'create-transport'>,
  turn: Turn,
  { ask, me }: Asking,
): undefined => {
  const who = me.participant;
  dropTransport(turn, who, direction);
  const transport = mint<TransportId>(turn);
  const entry = { transport, ready: false, connected: false };
  const transports = turn.state.participants.get(who)?.transports ?? me.transports;
  change(turn, who, { transports: withEntry(transports, direction, entry) });
  const verb = { kind: 'create-transport', room: turn.state.room, transport, direction } as const;
  call(turn, verb, { kind: 'transport', ask, who, direction, transport });
};

export const connectTransport = (
  { transport, dtlsParameters }: Request<'connect-transport'>,
  turn: Turn,
  { ask, me }: Asking,
): Handled => {
  const [direction, held] = ownTransport(me, transport) ?? [];
  if (direction === undefined || held === undefined) return unknown('transport');
  if (held.connected) return order('the transport is connected already');
  const transports = withEntry(me.transports, direction, { ...held, connected: true });
  change(turn, me.participant, { transports });
  const verb = { kind: 'connect-transport', transport, dtlsParameters } as const;
  call(turn, verb, { kind: 'connect', ask, who: me.participant, direction, transport });
};

export const restartIce = (
  { transport }: Request<'restart-ice'>,
  turn: Turn,
  { ask, me }: Asking,
): Handled => {
  if (!ownTransport(me, transport)) return unknown('transport');
  call(turn, { kind: 'restart-ice', transport }, { kind: 'ice', ask, who: me.participant });
};

/** Asked again, it takes the new capabilities and tries once more what the engine refused before. */
export const receive = (
  { transport, rtpCapabilities }: Request<'receive'>,
  turn: Turn,
  { ask, me }: Asking,
): Handled => {
  const [direction] = ownTransport(me, transport) ?? [];
  if (direction === undefined) return unknown('transport');
  if (direction !== 'receive') return invalid('that is the transport for sending');
  const consumers = withoutFailed(me.consumers);
  const receiver = { ...me, rtpCapabilities, consumers };
  if (wouldOverflow(withEntry(turn.state.participants, me.participant, receiver)))
    return limit('the room forwards as many streams as it may');
  change(turn, me.participant, { rtpCapabilities, consumers });
  answerDone(turn, ask);
  reconcile(turn);
};
