import type { ConsumerId, ProducerId, TransportId } from '../../../../base/ids.ts';
import type { Direction } from '../../../../base/media.ts';
import type { Refusal } from '../../../../base/result.ts';
import type { Consumer, Participant, Producer, Transport } from '../state.ts';

/** A request in the hands of its handler. */
export interface Asking {
  readonly ask: number;
  /** Who asks, as the room knew it when the request came. */
  readonly me: Participant;
}

/** A refusal to answer with; else the handler has answered, or has left that to the reply of one verb. */
export type Handled = Refusal | undefined;

/** These find what the asking participant owns and has been told of; everything else does not exist for it. */
export const ownTransport = (
  { transports }: Participant,
  id: TransportId,
): readonly [Direction, Transport] | undefined =>
  transports.entries().find(([, { transport, ready }]) => ready && transport === id);

export const ownProducer = ({ producers }: Participant, id: ProducerId): Producer | undefined =>
  producers.values().find(({ producer, live }) => live && producer === id);

export const ownConsumer = ({ consumers }: Participant, id: ConsumerId): Consumer | undefined =>
  consumers.values().find(({ consumer, standing }) => standing === 'live' && consumer === id);
