import { type Bytes, fromBase64Url, toBase64Url, utf8 } from '../../base/bytes.ts';
import { asId } from '../../base/ids.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import { ALGORITHMS } from '../statement/algorithms.ts';
import {
  type Envelope,
  envelopeSchema,
  type Opened,
  type PublicKeyInfo,
  type StatementDigest,
  type StatementKind,
  type StatementRefusal,
  signatureInput,
} from '../statement/statement.ts';
import { checkShape, readJson } from '../statement/strict-json.ts';
import { importPublicKey, type SigningKey, sha256 } from './keys.ts';
import { Memo } from './memo.ts';

type Opening<T> = Result<T, StatementRefusal>;

/** Throws where `value` is not what `kind` says: that is a bug of the caller, and nobody would open it. */
export const signStatement = async <T>(
  kind: StatementKind<T>,
  value: NoInfer<T>,
  key: SigningKey,
): Promise<Envelope> => {
  const bytes = utf8(JSON.stringify(value));
  const readBack = readJson(bytes, kind.maxBytes, kind.schema);
  if (!readBack.ok) throw new Error(`not to be signed as ${kind.kind}: ${readBack.refusal.message}`);
  const input = signatureInput(kind.kind, bytes);
  const signature = await crypto.subtle.sign(ALGORITHMS[key.alg], key.privateKey, input);
  return {
    kind: kind.kind,
    alg: key.alg,
    bytes: toBase64Url(bytes),
    signature: toBase64Url(new Uint8Array(signature)),
    signer: key.keyId,
  };
};

/** Longer ones, as lists and charters are, come once: their texts would fill the memory. */
const MAX_MEMO_CHARS = 2_048;

/** Small statements that were opened, each under its kind, key, bytes and signature: all that its opening depends on. */
export class StatementMemo {
  readonly #memo = new Memo<Opening<Opened<unknown>>>(({ ok: isGood }) => isGood);

  read<T>(
    { kind }: StatementKind<T>,
    { bytes, signature }: Envelope,
    { alg, keyId }: PublicKeyInfo,
    open: () => Promise<Opening<Opened<T>>>,
  ): Promise<Opening<Opened<T>>> {
    if (bytes.length > MAX_MEMO_CHARS) return open();
    const text = JSON.stringify([kind, alg, keyId, bytes, signature]);
    // A kind has one form: what was opened as it is a `T`.
    return this.#memo.read(text, open) as Promise<Opening<Opened<T>>>;
  }
}

/** The statement in `envelope`, if it is of `kind` and `key` signed it. Nothing unsigned is read beyond its form. */
export const openStatement = async <T>(
  kind: StatementKind<T>,
  envelope: unknown,
  key: PublicKeyInfo,
  memo?: StatementMemo,
): Promise<Opening<Opened<T>>> => {
  const parts = readEnvelope(kind, envelope);
  if (!parts.ok) return parts;
  const { envelope: read } = parts.value;
  if (read.signer !== key.keyId) return refuse('statement.other-signer', 'another key signed it');
  if (read.alg !== key.alg)
    return refuse('statement.other-algorithm', 'the key is not of the algorithm that it names');
  const open = () => openSigned(kind, parts.value, key);
  return memo === undefined ? open() : memo.read(kind, read, key, open);
};

const openSigned = async <T>(
  kind: StatementKind<T>,
  { bytes, signature }: Parts,
  key: PublicKeyInfo,
): Promise<Opening<Opened<T>>> => {
  const input = signatureInput(kind.kind, bytes);
  if (!(await isAuthentic(key, signature, input)))
    return refuse('statement.not-authentic', 'the signature is wrong');
  const value = readJson(bytes, kind.maxBytes, kind.schema);
  if (!value.ok) return value;
  const digest = asId<StatementDigest>(toBase64Url(await sha256(input)));
  return ok({ value: value.value, signer: key.keyId, digest });
};

/** What a statement says before anybody has checked who signed it: only to find the key that it brings along. */
export const peekStatement = <T>(kind: StatementKind<T>, envelope: unknown): Opening<T> => {
  const parts = readEnvelope(kind, envelope);
  return parts.ok ? readJson(parts.value.bytes, kind.maxBytes, kind.schema) : parts;
};

interface Parts {
  readonly envelope: Envelope;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
}

const readEnvelope = (
  { kind, maxBytes }: { readonly kind: string; readonly maxBytes: number },
  value: unknown,
): Opening<Parts> => {
  const shaped = checkShape(value, envelopeSchema);
  if (!shaped.ok) return refuse('statement.malformed', shaped.refusal.message);
  const envelope = shaped.value;
  if (envelope.kind !== kind) return refuse('statement.other-kind', `it is not a statement of kind ${kind}`);
  if (envelope.bytes.length > Math.ceil((maxBytes * 4) / 3))
    return refuse('statement.too-large', `a statement of kind ${kind} has at most ${maxBytes} bytes`);
  const [bytes, signature] = [fromBase64Url(envelope.bytes), fromBase64Url(envelope.signature)];
  if (bytes === undefined || signature === undefined)
    return refuse('statement.malformed', 'bytes and signature are base64url');
  return ok({ envelope, bytes, signature });
};

const isAuthentic = async (key: PublicKeyInfo, signature: Bytes, input: Bytes): Promise<boolean> => {
  const { signatureBytes, ...algorithm } = ALGORITHMS[key.alg];
  if (signature.length !== signatureBytes) return false;
  const imported = await importPublicKey(key);
  return crypto.subtle.verify(algorithm, imported, new Uint8Array(signature), new Uint8Array(input));
};
