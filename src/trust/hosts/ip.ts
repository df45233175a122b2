/** The 4 or 16 bytes of an IP address without a zone, in network order, or `undefined` where `text` is none. */
export const ipBytes = (text: string): Uint8Array<ArrayBuffer> | undefined => {
  const isIpv6 = text.includes(':');
  const host = URL.parse(isIpv6 ? `http://[${text}]` : `http://${text}`)?.hostname;
  if (host === undefined) return undefined;
  if (isIpv6) return ipv6Bytes(host.slice(1, -1));
  return host === text ? ipv4Bytes(host) : undefined;
};

const ipv4Bytes = (host: string): Uint8Array<ArrayBuffer> | undefined =>
  /^\d+(\.\d+){3}$/.test(host) ? Uint8Array.from(host.split('.'), Number) : undefined;

/** `host` as URLs write it (RFC 5952): lower case, at most one `::`, no dotted part. */
const ipv6Bytes = (host: string): Uint8Array<ArrayBuffer> => {
  const [head = [], tail = []] = host
    .split('::')
    .map((part) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => 0);
  return Uint8Array.from([...head, ...zeros, ...tail].flatMap((group) => [group >> 8, group & 0xff]));
};

/** One text for one address, however it was written; what is no address stays as it is. */
export const canonicalIp = (text: string): string =>
  text.includes(':') ? (URL.parse(`http://[${text}]`)?.hostname.slice(1, -1) ?? text) : text;

/** An address and how many of its leading bits count. */
export interface IpRange {
  readonly address: Uint8Array<ArrayBuffer>;
  readonly prefixBits: number;
}

/** `10.0.0.0/8` or `fd00::/8`; `undefined` where it is no range. */
export const ipRange = (text: string): IpRange | undefined => {
  const [addressText = '', prefixText = ''] = text.split('/');
  const address = ipBytes(addressText);
  const prefixBits = Number(prefixText);
  if (address === undefined || !/^\d{1,3}$/.test(prefixText) || prefixBits > address.length * 8)
    return undefined;
  return { address, prefixBits };
};

export const maskOf = ({ address, prefixBits }: IpRange): Uint8Array<ArrayBuffer> =>
  address.map((_, i) => (0xff00 >> Math.min(8, Math.max(0, prefixBits - 8 * i))) & 0xff);

export const isInRange = (bytes: Uint8Array, range: IpRange): boolean => {
  const mask = maskOf(range);
  return (
    bytes.length === mask.length &&
    mask.every((bits, i) => ((bytes[i] ?? 0) & bits) === ((range.address[i] ?? 0) & bits))
  );
};
