import type { Clock } from '../../../src/base/clock.ts';

/**
 * From here on this page sends and plays frames as they are: the browser is kept from hearing of the transforms that the
 * media stack attaches, and of the lock that sends nothing without one. It is how this page alone compares; no page of
 * the product loads it, and the relay as it is would stop what it sends.
 */
export const passInClear = (): void => {
  for (const side of [RTCRtpSender, RTCRtpReceiver])
    Object.defineProperty(side.prototype, 'transform', { set() {}, get: () => null });
  const Original = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Original {
    constructor(configuration: RTCConfiguration & { encodedInsertableStreams?: boolean } = {}) {
      const { encodedInsertableStreams: _, ...rest } = configuration;
      super(rest);
    }
  };
};

/** With it the media stack never looks whether what left was sealed: it would stop it. */
export const withoutRounds = (clock: Clock): Clock => ({ ...clock, every: () => () => {} });
