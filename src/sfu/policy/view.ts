import type { ParticipantId, ProducerId } from '../../base/ids.ts';
import type { Source } from '../../base/media.ts';
import type { RtpCapabilities } from '../../base/rtp.ts';

/** The highest layers to forward; the worker adapts below them. */
export interface Ceiling {
  readonly spatialLayer: number;
  readonly temporalLayer: number;
}

/** No codec that the relay routes has more layers than the protocol can name, so this ceiling holds nothing back. */
export const TOP_LAYERS: Ceiling = { spatialLayer: 7, temporalLayer: 7 };

export interface ViewProducer {
  readonly producer: ProducerId;
  readonly source: Source;
  /** Lower case, as in `video/vp8`. */
  readonly mimeType: string;
}

/** One participant as far as layouts depend on it. */
export interface ViewParticipant {
  readonly participant: ParticipantId;
  /** Its streams that may be forwarded now. */
  readonly producers: readonly ViewProducer[];
  /** What it can take; `undefined` while it receives nothing. */
  readonly receives: RtpCapabilities | undefined;
  /** The layers it asked for, by producer. */
  readonly preferred: ReadonlyMap<ProducerId, Ceiling>;
}

/** A room as far as layouts depend on it. */
export type PolicyView = readonly ViewParticipant[];

/** Who receives which producers, and up to which layers. A receiver without streams may be absent. */
export type Layout = ReadonlyMap<ParticipantId, ReadonlyMap<ProducerId, Ceiling>>;

export const layoutSize = (layout: Layout): number =>
  layout.values().reduce((sum, streams) => sum + streams.size, 0);
