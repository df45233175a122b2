/** Whatever strangers send where a signature is expected: a refusal with a code, and never a throw. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Result } from '../../src/base/result.ts';
import { readScale } from '../../src/trust/markings/scale.ts';
import { REVOCATION } from '../../src/trust/revocation/list.ts';
import { openCharter } from '../../src/trust/signing/charter.ts';
import { makeDeviceRequest, openDeviceRequest } from '../../src/trust/signing/device-request.ts';
import { newKeyPair } from '../../src/trust/signing/keys.ts';
import { judgeDeviceCertificate, openPeopleRoot } from '../../src/trust/signing/people-certificate.ts';
import { openStatement } from '../../src/trust/signing/statement.ts';
import { openOfficeStatement } from '../../src/trust/signing/vouched.ts';
import type { Envelope } from '../../src/trust/statement/statement.ts';
import { ALICE, makePeople, NOW, type People, type Signer } from '../support/people.ts';

const refused = (result: Result<unknown>): void => {
  assert.ok(!result.ok);
  assert.match(result.refusal.code, /^[a-z]+\.[a-z0-9-]+$/);
};

const pemOf = (der: Uint8Array): string => {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
};

describe('hostile statements and certificates', () => {
  let people: People;
  let alice: Signer;
  let envelope: Envelope;

  before(async () => {
    people = await makePeople();
    alice = await people.device(ALICE);
    envelope = await makeDeviceRequest(await newKeyPair(false));
  });

  it('any JSON is refused as an envelope', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 3 }), async (value) => {
        refused(await openDeviceRequest(value));
        refused(await openStatement(REVOCATION, value, alice.publicKey));
      }),
    );
  });

  it('a good envelope with any one field replaced is refused', async () => {
    const fields = fc.constantFrom('kind', 'alg', 'bytes', 'signature', 'signer');
    const replaced = fc.oneof(
      fc.jsonValue({ maxDepth: 1 }),
      fc.base64String({ maxLength: 400 }),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(fields, replaced, async (field, value) => {
        fc.pre(value !== envelope[field]);
        refused(await openDeviceRequest({ ...envelope, [field]: value }));
      }),
    );
  });

  it('any text is refused as a certificate or root, armoured or not', async () => {
    const texts = fc.oneof(fc.string(), fc.uint8Array({ maxLength: 600 }).map(pemOf));
    await fc.assert(
      fc.asyncProperty(texts, async (pem) => {
        refused(await judgeDeviceCertificate(pem, people.root, NOW));
        refused(await openPeopleRoot(pem));
      }),
    );
  });

  it('a good certificate with bytes of what is signed changed, cut or added is refused', async () => {
    const [leaf, root] = [alice.certificate, people.root.pem].map((pem) => new X509Certificate(pem).raw);
    assert.ok(leaf && root);
    const end = Math.min(...[leaf, root].map((der) => der.readUInt16BE(6)));
    const edits = fc.array(fc.tuple(fc.integer({ min: 8, max: end }), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    const broken = (der: Uint8Array, changes: readonly (readonly [number, number])[]): string => {
      const bytes = new Uint8Array(der);
      // The last edit of a place counts, so that two cannot cancel out.
      for (const [at, mask] of changes) bytes[at] = (der[at] ?? 0) ^ mask;
      return pemOf(bytes);
    };
    await fc.assert(
      fc.asyncProperty(edits, async (changes) => {
        refused(await judgeDeviceCertificate(broken(leaf, changes), people.root, NOW));
        refused(await openPeopleRoot(broken(root, changes)));
      }),
      { numRuns: 500 },
    );
    for (let size = 0; size < leaf.length; size += 7)
      refused(await judgeDeviceCertificate(pemOf(leaf.subarray(0, size)), people.root, NOW));
  });

  it('a certificate of a stranger with any statement is refused', async () => {
    const judge = { root: people.root, nowUnixMs: NOW };
    await fc.assert(
      fc.asyncProperty(fc.string(), async (certificate) => {
        refused(await openCharter({ certificate, statement: envelope }, judge));
        refused(await openCharter({ certificate: alice.certificate, statement: envelope }, judge));
        refused(
          await openOfficeStatement(REVOCATION, 'revocation', { certificate, statement: envelope }, judge),
        );
      }),
    );
  });

  it('any text is refused as a scale, with a line', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const read = readScale(text);
        refused(read);
        if (!read.ok) assert.match(read.refusal.message, /^line \d+: /);
      }),
      { numRuns: 1_000 },
    );
  });
});
