import { concatBytes } from '../../base/bytes.ts';
import { BelfryError } from '../../base/errors.ts';
import { REVOCATION } from '../../trust/revocation/list.ts';

/** A list's bytes in base64url, its certificate and signature: what is longer is no list. */
export const MAX_LIST_BYTES = Math.ceil((REVOCATION.maxBytes * 4) / 3) + 8_192;

/** The text at `url`. Rejects where there is none, or more than `MAX_LIST_BYTES`. */
export type FetchList = (url: string, signal: AbortSignal) => Promise<Uint8Array<ArrayBuffer>>;

/** Nothing of the device goes along, and nothing is taken from a cache or from another address. */
export const fetchList: FetchList = async (url, signal) => {
  const response = await fetch(url, {
    signal,
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
    referrerPolicy: 'no-referrer',
  });
  if (!response.ok || response.body === null)
    throw new BelfryError('list.unreachable', `the relay answered ${response.status}`);
  return readBounded(response.body);
};

const readBounded = async (body: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> => {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reader = body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.length;
    if (size > MAX_LIST_BYTES) {
      await reader.cancel();
      throw new BelfryError('list.too-large', `a list has at most ${MAX_LIST_BYTES} bytes`);
    }
    parts.push(new Uint8Array(next.value));
  }
  return concatBytes(...parts);
};
