import type { ConsumerId, ParticipantId, ProducerId, TransportId } from '../../../base/ids.ts';
import type { Direction, Source } from '../../../base/media.ts';

/** Somebody's request that the reply to a verb will answer. */
interface Asked {
  readonly ask: number;
  readonly who: ParticipantId;
}

/** What the room does when a verb is answered, as data: `replies/` has a handler of each kind. */
export type Pending =
  | { readonly kind: 'router' }
  | ({ readonly kind: 'transport'; readonly direction: Direction; readonly transport: TransportId } & Asked)
  | ({ readonly kind: 'connect'; readonly direction: Direction; readonly transport: TransportId } & Asked)
  | ({ readonly kind: 'ice' } & Asked)
  | ({ readonly kind: 'produce'; readonly source: Source; readonly producer: ProducerId } & Asked)
  | ({ readonly kind: 'watch'; readonly source: Source; readonly producer: ProducerId } & Asked)
  | ({
      readonly kind: 'pause';
      readonly source: Source;
      readonly producer: ProducerId;
      readonly paused: boolean;
    } & Asked)
  /** As `pause`, by somebody else's order. */
  | {
      readonly kind: 'mute';
      readonly who: ParticipantId;
      readonly source: Source;
      readonly producer: ProducerId;
      readonly paused: true;
    }
  /** Nobody asked for it: the layout wants it. */
  | {
      readonly kind: 'consume';
      readonly who: ParticipantId;
      readonly producer: ProducerId;
      readonly consumer: ConsumerId;
    }
  /** The reply is the answer, the room keeps nothing of it. */
  | ({ readonly kind: 'plain' } & Asked);
