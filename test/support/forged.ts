import assert from 'node:assert/strict';
import { type Bytes, fromBase64Url, toBase64Url } from '../../src/base/bytes.ts';
import type { Vouched } from '../../src/trust/statement/vouched.ts';

/** In the last number of a signature: its form stays, and nobody's key made it. */
const flipped = (bytes: Bytes): Bytes => {
  const copy = bytes.slice();
  const last = copy.at(-1);
  assert.ok(last !== undefined);
  copy[copy.length - 1] = last ^ 1;
  return copy;
};

/** What an office or a device signed, with a signature that it did not make; all else is as it was. */
export const forgedStatement = ({ certificate, statement }: Vouched): Vouched => {
  const signature = fromBase64Url(statement.signature);
  assert.ok(signature !== undefined);
  return { certificate, statement: { ...statement, signature: toBase64Url(flipped(signature)) } };
};

const LINE_CHARS = 64;

/** A certificate ends with its authority's signature (RFC 5280 section 4.1). */
export const forgedCertificate = (pem: string): string => {
  const [head = '', ...lines] = pem.trim().split('\n');
  const foot = lines.pop();
  const der = flipped(Buffer.from(lines.join(''), 'base64'));
  const text = Buffer.from(der).toString('base64');
  return `${[head, ...(text.match(new RegExp(`.{1,${LINE_CHARS}}`, 'g')) ?? []), foot].join('\n')}\n`;
};
