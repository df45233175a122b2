import type { MediaRequest } from '../../../../base/media.ts';
import { TOP_LAYERS } from '../../../policy/view.ts';
import { reconcile } from '../layout.ts';
import { unknown } from '../refusals.ts';
import { answerDone, call, change, type Turn, withEntry } from '../turn.ts';
import { type Asking, type Handled, ownConsumer } from './own.ts';

type Request<K extends MediaRequest['kind']> = Extract<MediaRequest, { readonly kind: K }>;
type Passed = Request<'pause-consumer' | 'resume-consumer' | 'request-key-frame'>;

/** What the engine does by itself, once it is the participant's own consumer. */
export const passToConsumer = ({ kind, consumer }: Passed, turn: Turn, { ask, me }: Asking): Handled => {
  if (!ownConsumer(me, consumer)) return unknown('consumer');
  call(turn, { kind, consumer }, { kind: 'plain', ask, who: me.participant });
};

/** A wish that policy weighs from now on, also for a later consumer of the same producer; so it is answered at once. */
export const preferLayers = (
  { consumer, spatialLayer, temporalLayer = TOP_LAYERS.temporalLayer }: Request<'prefer-layers'>,
  turn: Turn,
  { ask, me }: Asking,
): Handled => {
  const held = ownConsumer(me, consumer);
  if (held === undefined) return unknown('consumer');
  const preferred = withEntry(me.preferred, held.producer, { spatialLayer, temporalLayer });
  change(turn, me.participant, { preferred });
  answerDone(turn, ask);
  reconcile(turn);
};
