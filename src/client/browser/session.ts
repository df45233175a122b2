import type { Device, types } from 'mediasoup-client';
import type { ConsumerId, ProducerId } from '../../base/ids.ts';
import type { Direction, Source, TransportOffer } from '../../base/media.ts';
import type { RtpParameters } from '../../base/rtp.ts';
import { toTransportOptions } from './convert.ts';
import type { LayerLimit } from './layer-limit.ts';
import type { SealingWatch } from './watch.ts';

export type Announce = (rtpParameters: RtpParameters) => Promise<ProducerId>;

export interface Sending {
  /** Of the worker. */
  readonly stream: number;
  readonly track: MediaStreamTrack;
  readonly announce: Announce;
  readonly watch: SealingWatch;
  readonly layers: LayerLimit;
  /** `undefined` between `produce` and the relay's answer. */
  producer: types.Producer | undefined;
}

export interface Receiving {
  /** Of the worker. */
  readonly stream: number;
  consumer: types.Consumer | undefined;
}

/** What lives from one `load` to the next `reset`. */
export interface Session {
  readonly device: Device;
  readonly transports: Map<Direction, types.Transport>;
  readonly sending: Map<Source, Sending>;
  readonly receiving: Map<ConsumerId, Receiving>;
}

/** The second lock, of Chromium's: with it a sender sends nothing and a receiver plays nothing without a transform. */
const LOCKED: RTCConfiguration & { encodedInsertableStreams: true } = { encodedInsertableStreams: true };

export const openTransport = (
  device: Device,
  direction: Direction,
  offer: TransportOffer,
): types.Transport => {
  const options = { ...toTransportOptions(offer), additionalSettings: LOCKED };
  return direction === 'send' ? device.createSendTransport(options) : device.createRecvTransport(options);
};
