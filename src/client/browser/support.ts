import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';

/** What a page must have for a sealed meeting, as found in its global scope. */
export interface BrowserFeatures {
  readonly isSecureContext: boolean;
  readonly hasWebRtc: boolean;
  /** `RTCRtpScriptTransform`: encoded frames pass through a worker of the page. */
  readonly hasTransform: boolean;
  readonly hasWebCrypto: boolean;
}

export type SupportRefusal = Refusal<
  'browser.insecure' | 'browser.no-webrtc' | 'browser.no-transform' | 'browser.no-crypto'
>;

const UPDATE = 'update the browser: Chromium, Chrome or Edge 141, Firefox 117, Safari 15.4, or later';

/** Whether a meeting can be sealed here. There is no meeting that is not. */
export const judgeSupport = (features: BrowserFeatures): Result<undefined, SupportRefusal> => {
  if (!features.isSecureContext)
    return refuse(
      'browser.insecure',
      'this page was not loaded over a secure connection, so the browser gives it no camera and no keys',
      "open the link with https, and install the authority's certificate if the browser warns",
    );
  if (!features.hasWebRtc)
    return refuse('browser.no-webrtc', 'this browser cannot send or receive media (no WebRTC)', UPDATE);
  if (!features.hasTransform)
    return refuse(
      'browser.no-transform',
      'this browser cannot seal what camera and microphone send (no RTCRtpScriptTransform)',
      UPDATE,
    );
  if (!features.hasWebCrypto)
    return refuse('browser.no-crypto', 'this browser gives the page no cryptography (no WebCrypto)', UPDATE);
  return ok(undefined);
};

export const browserFeatures = (scope: typeof globalThis): BrowserFeatures => ({
  isSecureContext: scope.isSecureContext,
  hasWebRtc: 'RTCPeerConnection' in scope,
  hasTransform: 'RTCRtpScriptTransform' in scope,
  hasWebCrypto: scope.crypto?.subtle !== undefined,
});
