import { type Bytes, fromBase64Url } from '../../base/bytes.ts';
import { checkpointText, type SignedCheckpoint } from '../record/checkpoint.ts';

const bytesOf = (text: string): Bytes => fromBase64Url(text) ?? new Uint8Array();

/** By the relay's own key: what it signed it cannot take back. */
export const isSignedByRecord = async ({
  record,
  count,
  hash,
  publicKey,
  signature,
}: SignedCheckpoint): Promise<boolean> => {
  try {
    const spki = new Uint8Array(bytesOf(publicKey));
    const key = await crypto.subtle.importKey('spki', spki, 'Ed25519', false, ['verify']);
    const text = new Uint8Array(checkpointText(record, { count, hash: bytesOf(hash) }));
    return await crypto.subtle.verify('Ed25519', key, new Uint8Array(bytesOf(signature)), text);
  } catch {
    return false;
  }
};
