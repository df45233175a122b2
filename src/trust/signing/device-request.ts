import { type Bytes, fromBase64Url, toBase64Url } from '../../base/bytes.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import { codeHashInput, proofInput } from '../devices/codes.ts';
import { DEVICE_REQUEST, REQUEST_NONCE_BYTES } from '../devices/request.ts';
import type { Envelope, PublicKeyInfo, StatementDigest, StatementRefusal } from '../statement/statement.ts';
import { importPublicKey, keysOf, publicKeyInfo, sha256 } from './keys.ts';
import { openStatement, peekStatement, signStatement } from './statement.ts';

const MAC = { name: 'HMAC', hash: 'SHA-256' } as const;

/** What the authority keeps of a code. */
export const hashOfCode = (code: string): Promise<Uint8Array<ArrayBuffer>> => sha256(codeHashInput(code));

const macKey = (codeHash: Bytes, use: 'sign' | 'verify'): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', new Uint8Array(codeHash), MAC, false, [use]);

const proofOf = async (codeHash: Bytes, spki: Bytes): Promise<string> => {
  const mac = await crypto.subtle.sign(MAC, await macKey(codeHash, 'sign'), proofInput(spki));
  return toBase64Url(new Uint8Array(mac));
};

/** Asks for a certificate for `pair`: with a code as `readCode` gives it the first time, without one to renew. */
export const makeDeviceRequest = async (pair: CryptoKeyPair, code?: string): Promise<Envelope> => {
  const { signing, publicKey } = await keysOf(pair);
  const nonce = toBase64Url(crypto.getRandomValues(new Uint8Array(REQUEST_NONCE_BYTES)));
  const base = { nonce, alg: publicKey.alg, publicKey: toBase64Url(publicKey.spki) };
  const value =
    code === undefined ? base : { ...base, proof: await proofOf(await hashOfCode(code), publicKey.spki) };
  return signStatement(DEVICE_REQUEST, value, signing);
};

/** A request whose maker holds its key. Whether he may have a certificate is not said by that. */
export interface DeviceRequest {
  readonly publicKey: PublicKeyInfo;
  readonly proof: Uint8Array<ArrayBuffer> | undefined;
  /** Names this one request. */
  readonly digest: StatementDigest;
}
export type RequestRefusal = StatementRefusal | Refusal<'request.key'>;

export const openDeviceRequest = async (
  envelope: unknown,
): Promise<Result<DeviceRequest, RequestRefusal>> => {
  const peeked = peekStatement(DEVICE_REQUEST, envelope);
  if (!peeked.ok) return peeked;
  const { alg, publicKey, proof } = peeked.value;
  const info = await publicKeyInfo(alg, fromBase64Url(publicKey) ?? new Uint8Array());
  if (!(await isCanonicalKey(info))) return refuse('request.key', 'its key is not of the algorithm it names');
  const opened = await openStatement(DEVICE_REQUEST, envelope, info);
  if (!opened.ok) return opened;
  const { digest } = opened.value;
  return ok({ publicKey: info, digest, proof: proof === undefined ? undefined : fromBase64Url(proof) });
};

/** In the one form in which it is written again: another form of the same key would have another id. */
const isCanonicalKey = async (info: PublicKeyInfo): Promise<boolean> => {
  try {
    const written = await crypto.subtle.exportKey('spki', await importPublicKey(info));
    return toBase64Url(new Uint8Array(written)) === toBase64Url(info.spki);
  } catch {
    return false;
  }
};

/** Whether the request was made by somebody who knows the code of `codeHash`. */
export const isProvenBy = async ({ publicKey, proof }: DeviceRequest, codeHash: Bytes): Promise<boolean> =>
  proof !== undefined &&
  crypto.subtle.verify(MAC, await macKey(codeHash, 'verify'), proof, proofInput(publicKey.spki));
