import { type Bytes, concatBytes, utf8 } from '../../base/bytes.ts';
import { decodeElements, encodeElement } from './der.ts';
import { canonicalIp, ipRange, maskOf } from './ip.ts';
import type { Permitted } from './permitted.ts';

/** RFC 5280 section 4.2.1.10. */
export const NAME_CONSTRAINTS = '2.5.29.30';

const SEQUENCE = 0x30;
const PERMITTED_SUBTREES = 0xa0;
/** Choices of GeneralName, section 4.2.1.6. */
const [RFC822_NAME, DNS_NAME, IP_ADDRESS] = [0x81, 0x82, 0x87];
/**
 * Only mailboxes of this host, which exists nowhere (RFC 2606): the authority vouches for no person. Left out, mailboxes
 * would be unconstrained, because a constraint binds only its own form of name.
 */
const NO_MAILBOX_HOST = 'invalid';

const subtree = (tag: number, value: Bytes): Bytes => encodeElement(SEQUENCE, encodeElement(tag, value));

const rangeBytes = (text: string): Bytes => {
  const range = ipRange(text);
  if (range === undefined) throw new RangeError(`${text} is no range of addresses`);
  const mask = maskOf(range);
  return concatBytes(
    range.address.map((byte, i) => byte & (mask[i] ?? 0)),
    mask,
  );
};

/** The value of the extension. */
export const encodeNameConstraints = ({ ranges, domains }: Permitted): Uint8Array<ArrayBuffer> =>
  encodeElement(
    SEQUENCE,
    encodeElement(
      PERMITTED_SUBTREES,
      ...domains.map((domain) => subtree(DNS_NAME, utf8(domain))),
      ...ranges.map((range) => subtree(IP_ADDRESS, rangeBytes(range))),
      subtree(RFC822_NAME, utf8(NO_MAILBOX_HOST)),
    ),
  );

/** What `encodeNameConstraints` wrote, or `undefined` where it is something else. */
export const decodeNameConstraints = (value: Bytes): Permitted | undefined => {
  const constraints = decodeElements(decodeElements(value)?.[0]?.content ?? value);
  const permitted = constraints?.find(({ tag }) => tag === PERMITTED_SUBTREES);
  const names = decodeElements(permitted?.content ?? new Uint8Array())?.map(
    ({ content }) => decodeElements(content)?.[0],
  );
  if (names === undefined || names.length === 0) return undefined;
  const contentsOf = (tag: number) => names.flatMap((name) => (name?.tag === tag ? [name.content] : []));
  return {
    ranges: contentsOf(IP_ADDRESS).map(rangeText),
    domains: contentsOf(DNS_NAME).map((bytes) => new TextDecoder().decode(bytes)),
  };
};

const rangeText = (bytes: Bytes): string => {
  const size = bytes.length / 2;
  const prefixBits = bytes
    .subarray(size)
    .reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
  return `${addressText(bytes.subarray(0, size))}/${prefixBits}`;
};

const addressText = (bytes: Bytes): string => {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: bytes.length / 2 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  return canonicalIp(groups.join(':'));
};
