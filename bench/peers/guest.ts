import type { TransportOffer } from '../../src/base/media.ts';
import type { DtlsParameters, RtpCapabilities, RtpParameters } from '../../src/base/rtp.ts';

export type Direction = 'send' | 'receive';

/** One participant, as far as a relay is asked for media in its name. */
export interface Guest {
  readonly router: RtpCapabilities;
  /** What its sealed frames carry. */
  readonly number: number;
  open(direction: Direction): Promise<TransportOffer>;
  connect(transport: string, dtlsParameters: DtlsParameters): Promise<void>;
  produce(transport: string, rtpParameters: RtpParameters): Promise<void>;
  /** Settles once `count` streams of others flow. */
  receive(
    transport: string,
    rtpCapabilities: RtpCapabilities,
    count: number,
  ): Promise<readonly RtpParameters[]>;
}

/** A relay that runs, with one meeting in it. */
export interface House {
  /** One after the other from 0, those who send first. */
  enter(nth: number): Promise<Guest>;
  /** The process that forwards, and those beside it that the relay needs. */
  readonly worker: number;
  readonly others: readonly number[];
  close(): Promise<void>;
}
