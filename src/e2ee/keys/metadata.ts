import type { Bytes } from '../../base/bytes.ts';
import type { Source } from '../../base/media.ts';

/** Part of the wire format: numbers are never changed or given again. */
const SOURCE_TAGS: { readonly [Name in Source]: number } = {
  microphone: 0,
  camera: 1,
  screen: 2,
  'screen-audio': 3,
};

/**
 * SFrame metadata (RFC 9605 section 9.4) of a frame: so authenticated, the relay can neither pass a screen off as a
 * camera nor touch the clear bytes.
 */
export const frameMetadata = (source: Source, clear: Bytes): Uint8Array<ArrayBuffer> => {
  const metadata = new Uint8Array(1 + clear.length);
  metadata[0] = SOURCE_TAGS[source];
  metadata.set(clear, 1);
  return metadata;
};
