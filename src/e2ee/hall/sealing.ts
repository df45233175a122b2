import { type Bytes, concatBytes, fromBase64Url, toBase64Url, utf8 } from '../../base/bytes.ts';
import type { RandomBytes } from '../../base/clock.ts';
import { BelfryError } from '../../base/errors.ts';
import type { HallKey } from '../mls/port.ts';
import type { SyncDriver } from '../sframe/driver.ts';
import { hkdfExpand, hkdfExtract } from '../sframe/hkdf.ts';
import { nobleDriver } from '../sframe/noble.ts';
import { DEFAULT_SUITE, SUITES } from '../sframe/suites.ts';

/*
 * Texts under a hall key. Each sealing draws 256 random bits and derives a key of its own from them and the hall key (HKDF,
 * RFC 5869): the pair of key and nonce comes a second time only if a draw does, so the one nonce under it may be zero.
 * Every text of a kind has one size, so that none tells its length.
 */

const SUITE = SUITES[DEFAULT_SUITE];
const DRAW_BYTES = 32;
const LENGTH_BYTES = 2;

/** What is sealed, and into how many bytes it is packed. */
export interface HallKind {
  readonly name: 'card' | 'title';
  readonly packedBytes: number;
}
/** A signed name: 620 characters with the longest one and the larger signature. */
export const CARD_KIND: HallKind = { name: 'card', packedBytes: 768 };
/** A signed title with the certificate of its device, of 4,096 characters at most. */
export const TITLE_KIND: HallKind = { name: 'title', packedBytes: 6_144 };

/** `epoch`: of the hall key. */
export interface SealedText {
  readonly epoch: number;
  /** Base64url. */
  readonly sealed: string;
}

/** `about`: what it is bound to, beside its kind and the key's epoch. */
export interface HallUse {
  readonly kind: HallKind;
  readonly key: HallKey;
  readonly about: readonly (string | number)[];
  /** Default: the portable one. */
  readonly driver?: SyncDriver | undefined;
}

const noNonce = (): Uint8Array<ArrayBuffer> => new Uint8Array(SUITE.nonceBytes);

const aeadOf = ({ kind, key, driver = nobleDriver }: HallUse, draw: Bytes) => {
  const extracted = hkdfExtract(driver, SUITE.hash, draw, key.key);
  const label = utf8(`belfry.v1 ${kind.name}`);
  return driver.aead(SUITE, hkdfExpand(driver, SUITE.hash, extracted, label, SUITE.keyBytes));
};

/** JSON of a list: no two lists have one text. */
const aadOf = ({ kind, key, about }: HallUse): Bytes =>
  utf8(JSON.stringify([kind.name, Number(key.epoch), ...about]));

/** The length, the text, then zeros. */
const pack = (text: string, { name, packedBytes }: HallKind): Bytes => {
  const bytes = utf8(text);
  if (bytes.length > packedBytes - LENGTH_BYTES)
    throw new BelfryError('bug.hall', `a ${name} of ${bytes.length} bytes`);
  const packed = new Uint8Array(packedBytes);
  new DataView(packed.buffer).setUint16(0, bytes.length);
  packed.set(bytes, LENGTH_BYTES);
  return packed;
};

const unpack = (packed: Bytes): string | undefined => {
  const length = new DataView(packed.buffer, packed.byteOffset).getUint16(0);
  try {
    const bytes = packed.slice(LENGTH_BYTES, LENGTH_BYTES + length);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

export const sealText = (text: string, use: HallUse, random: RandomBytes): SealedText => {
  const draw = random(DRAW_BYTES);
  const packed = pack(text, use.kind);
  const sealed = new Uint8Array(packed.length + SUITE.tagBytes);
  aeadOf(use, draw).seal(noNonce(), aadOf(use), packed, sealed, 0);
  return { epoch: Number(use.key.epoch), sealed: toBase64Url(concatBytes(draw, sealed)) };
};

/** `undefined` for what was not sealed for this use, under this key. */
export const openText = ({ sealed }: SealedText, use: HallUse): string | undefined => {
  const bytes = fromBase64Url(sealed);
  if (bytes?.length !== DRAW_BYTES + use.kind.packedBytes + SUITE.tagBytes) return undefined;
  const aead = aeadOf(use, bytes.slice(0, DRAW_BYTES));
  const packed = aead.open(noNonce(), aadOf(use), bytes.slice(DRAW_BYTES));
  return packed === undefined ? undefined : unpack(packed);
};
