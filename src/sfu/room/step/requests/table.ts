import type { MediaRequest } from '../../../../base/media.ts';
import { MAX_OPEN_REQUESTS } from '../../limits.ts';
import { dispatch, type Table } from '../dispatch.ts';
import type { RoomInput } from '../input.ts';
import { limit, unavailable, unknown } from '../refusals.ts';
import type { RoomState } from '../state.ts';
import { answerRefused, type Turn } from '../turn.ts';
import { passToConsumer, preferLayers } from './consumers.ts';
import type { Asking, Handled } from './own.ts';
import { closeProducer, pauseOrResumeProducer, produce } from './producers.ts';
import { connectTransport, createTransport, receive, restartIce } from './transports.ts';

const REQUESTS: Table<MediaRequest, [Turn, Asking], Handled> = {
  'create-transport': createTransport,
  'connect-transport': connectTransport,
  'restart-ice': restartIce,
  produce,
  'pause-producer': pauseOrResumeProducer,
  'resume-producer': pauseOrResumeProducer,
  'close-producer': closeProducer,
  receive,
  'resume-consumer': passToConsumer,
  'pause-consumer': passToConsumer,
  'request-key-frame': passToConsumer,
  'prefer-layers': preferLayers,
};

const openRequests = ({ pending }: RoomState, who: string): number =>
  pending.values().reduce((sum, one) => sum + ('ask' in one && one.who === who ? 1 : 0), 0);

type Asked = Extract<RoomInput, { readonly kind: 'request' }>;

const handle = ({ ask, participant, request }: Asked, turn: Turn): Handled => {
  const me = turn.state.participants.get(participant);
  if (me === undefined) return unknown('participant');
  if (turn.state.phase.kind !== 'open') return unavailable('the room is being rebuilt');
  if (openRequests(turn.state, participant) >= MAX_OPEN_REQUESTS)
    return limit('too many requests are waiting for their answers');
  return dispatch(REQUESTS, request, turn, { ask, me });
};

export const onRequest = (input: Asked, turn: Turn): void => {
  const refusal = handle(input, turn);
  if (refusal !== undefined) answerRefused(turn, input.ask, refusal);
};
