import type { types } from 'mediasoup';
import type { RoomId, WorkerId } from '../../../base/ids.ts';
import type { MediaWorker } from './spawn.ts';
import type { ReadSource, Traffic } from './traffic.ts';

export type ThingKind = 'transport' | 'producer' | 'consumer';

/** A living worker and what is known of it. */
export interface Host {
  readonly id: WorkerId;
  readonly process: MediaWorker;
  readonly traffic: Traffic;
  readonly rooms: Set<LiveRoom>;
  readonly counts: Record<ThingKind, number>;
  /** Routers being opened: they count as load before they exist, or a burst of rooms would land on one worker. */
  opening: number;
  cpuMs: number;
  socketDrops: number;
}

/** A room's router and what lives on it. */
export interface LiveRoom {
  readonly id: RoomId;
  readonly host: Host;
  readonly router: types.Router;
  /** Ids of its transports. */
  readonly children: Set<string>;
  /** Carries watched producers into this process; made at the first `watch`. */
  witness: types.DirectTransport | undefined;
}

interface ThingBase {
  readonly room: LiveRoom;
  /** Ids of what ends with it. */
  readonly children: Set<string>;
  readonly read: ReadSource;
}

export interface LiveTransport extends ThingBase {
  readonly kind: 'transport';
  readonly handle: types.WebRtcTransport;
}

export interface LiveProducer extends ThingBase {
  readonly kind: 'producer';
  readonly handle: types.Producer;
  watched: boolean;
}

export interface LiveConsumer extends ThingBase {
  readonly kind: 'consumer';
  readonly handle: types.Consumer;
}

export type Thing = LiveTransport | LiveProducer | LiveConsumer;
export type ThingOf<K extends ThingKind> = Extract<Thing, { readonly kind: K }>;
