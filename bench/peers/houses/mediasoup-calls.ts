import type { DtlsParameters, RtpCapabilities, RtpParameters } from '../../../src/base/rtp.ts';

/** What the process with bare mediasoup is asked. */
export interface Fields {
  readonly open: object;
  readonly connect: { readonly transport: string; readonly dtlsParameters: DtlsParameters };
  readonly produce: {
    readonly guest: string;
    readonly transport: string;
    readonly rtpParameters: RtpParameters;
  };
  readonly receive: {
    readonly guest: string;
    readonly transport: string;
    readonly rtpCapabilities: RtpCapabilities;
  };
}

export type Asked = {
  readonly [Kind in keyof Fields]: {
    readonly id: number;
    readonly kind: Kind;
    readonly fields: Fields[Kind];
  };
}[keyof Fields];

export interface Answer {
  readonly id: number;
  readonly body?: unknown;
  readonly error?: string;
}
