import type { Result } from '../../../../base/result.ts';
import type { EngineReply } from '../../../engine/port.ts';
import { dispatch, type Table } from '../dispatch.ts';
import type { RoomInput } from '../input.ts';
import type { Pending } from '../pending.ts';
import { routerAnswered } from '../router.ts';
import { type Turn, update, without } from '../turn.ts';
import { consumerMade } from './consumers.ts';
import { plainReply } from './plain.ts';
import { producerMade, producerMuted, producerPaused, producerWatched } from './producers.ts';
import { iceRestarted, transportConnected, transportMade } from './transports.ts';

const REPLIES: Table<Pending, [Turn, Result<EngineReply>]> = {
  router: (_, turn, reply) => routerAnswered(turn, reply),
  transport: transportMade,
  connect: transportConnected,
  ice: iceRestarted,
  produce: producerMade,
  watch: producerWatched,
  pause: producerPaused,
  mute: producerMuted,
  consume: consumerMade,
  plain: plainReply,
};

/** A reply that nobody waits for any more (its participant left, its worker died) changes nothing. */
export const onReply = (
  { call, result }: Extract<RoomInput, { readonly kind: 'reply' }>,
  turn: Turn,
): void => {
  const pending = turn.state.pending.get(call);
  if (pending === undefined) return;
  update(turn, { pending: without(turn.state.pending, call) });
  dispatch(REPLIES, pending, turn, result);
};
