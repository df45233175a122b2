import { type Bytes, concatBytes } from '../../base/bytes.ts';
import { BelfryError } from '../../base/errors.ts';

/** Where a meeting's blobs are, and what opens them. */
export interface BlobPlace {
  /** Ends without a slash. */
  readonly url: string;
  readonly token: string;
}

/** Bytes that travel beside the socket. Each rejects where it cannot. */
export interface FetchBlobs {
  /** The hash under which they are kept. */
  put(place: BlobPlace, bytes: Bytes): Promise<string>;
  /** Never reads more than `maxBytes`. */
  get(place: BlobPlace, hash: string, maxBytes: number): Promise<Bytes>;
}

/** `{"hash": …}` of 43 characters. */
const MAX_ANSWER_BYTES = 256;

/** Nothing of the device goes along but the token, and nothing is taken from a cache or from another address. */
const options = ({ token }: BlobPlace): RequestInit => ({
  headers: { Authorization: `Bearer ${token}` },
  cache: 'no-store',
  credentials: 'omit',
  redirect: 'error',
  referrerPolicy: 'no-referrer',
});

export const fetchBlobs: FetchBlobs = {
  async put(place, bytes) {
    const body = new Uint8Array(bytes);
    const response = await fetch(place.url, { ...options(place), method: 'PUT', body });
    const answer: unknown = JSON.parse(
      new TextDecoder().decode(await readBounded(response, MAX_ANSWER_BYTES)),
    );
    if (typeof answer === 'object' && answer !== null && 'hash' in answer) return String(answer.hash);
    throw new BelfryError('group.blob-refused', 'the relay does not say under which hash it keeps a blob');
  },
  async get(place, hash, maxBytes) {
    return readBounded(await fetch(`${place.url}/${hash}`, options(place)), maxBytes);
  },
};

const readBounded = async (response: Response, maxBytes: number): Promise<Bytes> => {
  if (!response.ok || response.body === null)
    throw new BelfryError('group.blob-refused', `the relay answered ${response.status}`);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body) {
    size += part.length;
    if (size > maxBytes)
      throw new BelfryError('group.blob-too-large', `a blob of more than ${maxBytes} bytes`);
    parts.push(part);
  }
  return concatBytes(...parts);
};
