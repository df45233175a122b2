import type { ProducerId } from '../../base/ids.ts';
import type { RtpCapabilities } from '../../base/rtp.ts';
import {
  type Ceiling,
  type Layout,
  type PolicyView,
  TOP_LAYERS,
  type ViewParticipant,
  type ViewProducer,
} from './view.ts';

const canTake = (capabilities: RtpCapabilities, { mimeType }: ViewProducer): boolean =>
  capabilities.codecs.some((codec) => codec.mimeType.toLowerCase() === mimeType);

/** What `receiver` could be sent at all: the streams of everybody else, in codecs that it can take. */
const candidatesOf = (receiver: ViewParticipant, view: PolicyView): ViewProducer[] => {
  const { receives } = receiver;
  if (receives === undefined) return [];
  return view
    .filter(({ participant }) => participant !== receiver.participant)
    .flatMap(({ producers }) => producers.filter((producer) => canTake(receives, producer)));
};

const ceilingOf = (receiver: ViewParticipant, { producer }: ViewProducer): Ceiling =>
  receiver.preferred.get(producer) ?? TOP_LAYERS;

const streamsOf = (receiver: ViewParticipant, view: PolicyView): ReadonlyMap<ProducerId, Ceiling> =>
  new Map(
    candidatesOf(receiver, view).map((stream) => [stream.producer, ceilingOf(receiver, stream)] as const),
  );

/**
 * Who shall receive what: every candidate, each up to the layers its receiver prefers. A choice among the candidates
 * (speakers, last-N) goes between `candidatesOf` and `ceilingOf`, with what it needs to know added to the view.
 */
export const wantedLayout = (view: PolicyView): Layout =>
  new Map(view.map((receiver) => [receiver.participant, streamsOf(receiver, view)] as const));
