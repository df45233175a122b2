import { catchUp, commit, created, renew, working } from './commits.ts';
import { decline } from './decline.ts';
import { type DeliveryStep, type Moved, moved } from './effects.ts';
import { restart } from './generations.ts';
import type { DeliveryInput } from './inputs.ts';
import { enter, leave } from './people.ts';
import { adopted, reject } from './rejections.ts';
import { schedule } from './schedule.ts';
import type { DeliveryState } from './state.ts';

type Handlers = {
  readonly [Kind in DeliveryInput['kind']]: (
    state: DeliveryState,
    input: Extract<DeliveryInput, { kind: Kind }>,
    nowMs: number,
  ) => Moved;
};

const HANDLERS: Handlers = {
  enter,
  leave,
  created,
  commit,
  working,
  adopted,
  reject,
  decline,
  renew,
  'catch-up': catchUp,
  restart: (state, _, nowMs) => restart(state, nowMs),
  tick: (state) => moved(state),
};

/**
 * The delivery service of one meeting (RFC 9750, section 5) as a function: one commit for each epoch, joiners in batches,
 * removals first, a committer that is asked and replaced. It sees who is in the group, never what is in a message.
 */
export const step = (state: DeliveryState, input: DeliveryInput, nowMs: number): DeliveryStep => {
  // The table's type pairs each kind with its own input; a lookup by a union cannot show that to the compiler.
  const handler = HANDLERS[input.kind] as (
    state: DeliveryState,
    input: DeliveryInput,
    nowMs: number,
  ) => Moved;
  return schedule(handler(state, input, nowMs), nowMs);
};
