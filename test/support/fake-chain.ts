import { createHash, X509Certificate } from 'node:crypto';
import { type Bytes, fromBase64Url, toBase64Url } from '../../src/base/bytes.ts';
import { asId } from '../../src/base/ids.ts';
import { entryInput } from '../../src/trust/acts/entry.ts';
import type { Head } from '../../src/trust/acts/head.ts';
import type { PersonId } from '../../src/trust/devices/ids.ts';
import { type StatementDigest, signatureInput } from '../../src/trust/statement/statement.ts';
import type { Vouched } from '../../src/trust/statement/vouched.ts';

const digestOf = (bytes: Bytes): StatementDigest =>
  asId<StatementDigest>(toBase64Url(new Uint8Array(createHash('sha256').update(bytes).digest())));

/** By which links name a charter, and on which its chain begins. */
export const charterDigest = ({ statement: { kind, bytes } }: Vouched): StatementDigest =>
  digestOf(signatureInput(kind, fromBase64Url(bytes) ?? new Uint8Array()));

/** Who comes and goes, as a relay tells it; nobody orders anything here. */
export class FakeChain {
  readonly entries: string[] = [];
  readonly charter: Vouched;
  head: Head;

  constructor(charter: Vouched) {
    this.charter = charter;
    this.head = { n: 0, digest: charterDigest(charter) };
  }

  /** The text of the next entry. */
  tell(kind: 'arrived' | 'left', certificate: string): string {
    const what = { kind: 'fact', fact: { kind, person: personOf(certificate) } };
    const { n, digest: previous } = this.head;
    const text = JSON.stringify({ n: n + 1, previous, atUnixMs: 0, what });
    this.head = { n: n + 1, digest: digestOf(entryInput(text)) };
    this.entries.push(text);
    return text;
  }
}

/** Whatever a test made of the certificate. */
const personOf = (certificate: string): PersonId => {
  const names = new X509Certificate(certificate).subjectAltName ?? '';
  return asId<PersonId>(/urn:belfry:person:([\w-]+)/.exec(names)?.[1] ?? 'nobody');
};
