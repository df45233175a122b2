import assert from 'node:assert/strict';
import { createHash, verify } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { z } from 'zod';
import { fromBase64Url, toBase64Url, utf8 } from '../../../../src/base/bytes.ts';
import { keysOf, newKeyPair, type SigningKey } from '../../../../src/trust/signing/keys.ts';
import {
  openStatement,
  peekStatement,
  StatementMemo,
  signStatement,
} from '../../../../src/trust/signing/statement.ts';
import { ALGS } from '../../../../src/trust/statement/algorithms.ts';
import {
  type Envelope,
  type PublicKeyInfo,
  type StatementKind,
  signatureInput,
} from '../../../../src/trust/statement/statement.ts';

const schema = z.strictObject({ text: z.string() });
const note: StatementKind<{ text: string }> = { kind: 'note', schema, maxBytes: 100 };
const other: StatementKind<{ text: string }> = { kind: 'other', schema, maxBytes: 100 };

interface Keys {
  readonly signing: SigningKey;
  readonly publicKey: PublicKeyInfo;
}

const codeOf = (result: { ok: boolean; refusal?: { code: string } }): string =>
  result.ok ? 'ok' : (result.refusal?.code ?? '');

/** Signs bytes that no honest program would sign. */
const signBytes = async ({ signing }: Keys, kind: string, bytes: Uint8Array): Promise<Envelope> => {
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
  const signature = await crypto.subtle.sign(algorithm, signing.privateKey, signatureInput(kind, bytes));
  return {
    kind,
    alg: 'ES256',
    bytes: toBase64Url(bytes),
    signature: toBase64Url(new Uint8Array(signature)),
    signer: signing.keyId,
  };
};

describe('a signed statement', () => {
  let keys: Keys;
  let stranger: Keys;
  let envelope: Envelope;

  before(async () => {
    keys = await keysOf(await newKeyPair(false));
    stranger = await keysOf(await newKeyPair(false));
    envelope = await signStatement(note, { text: 'hello' }, keys.signing);
  });

  it('is opened by who has the key, by every algorithm of the table', async () => {
    for (const alg of ALGS) {
      const { signing, publicKey } = await keysOf(await newKeyPair(false, alg));
      const signed = await signStatement(note, { text: 'hello' }, signing);
      const opened = await openStatement(note, JSON.parse(JSON.stringify(signed)), publicKey);
      assert.ok(opened.ok);
      assert.deepEqual(opened.value.value, { text: 'hello' });
      assert.equal(opened.value.signer, publicKey.keyId);
    }
  });

  it('signs the name of its kind, a zero byte, and the bytes that travel', () => {
    const bytes = fromBase64Url(envelope.bytes) ?? new Uint8Array();
    assert.equal(Buffer.from(bytes).toString(), '{"text":"hello"}');
    const signed = Buffer.concat([Buffer.from('belfry note v1\0'), bytes]);
    const key = { key: Buffer.from(keys.publicKey.spki), format: 'der', type: 'spki' } as const;
    const signature = Buffer.from(envelope.signature, 'base64url');
    assert.ok(verify('sha256', signed, { ...key, dsaEncoding: 'ieee-p1363' }, signature));
  });

  it('has a digest of what was signed, whoever signed it', async () => {
    const again = await signStatement(note, { text: 'hello' }, stranger.signing);
    const [one, two] = [
      await openStatement(note, envelope, keys.publicKey),
      await openStatement(note, again, stranger.publicKey),
    ];
    assert.ok(one.ok && two.ok);
    const signed = signatureInput('note', utf8('{"text":"hello"}'));
    assert.equal(one.value.digest, createHash('sha256').update(signed).digest('base64url'));
    assert.equal(two.value.digest, one.value.digest);
  });

  it('is refused with any bit of its bytes or signature turned over', async () => {
    for (const field of ['bytes', 'signature'] as const) {
      const whole = fromBase64Url(envelope[field]) ?? new Uint8Array();
      for (let bit = 0; bit < whole.length * 8; bit += 13) {
        const broken = whole.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        const result = await openStatement(
          note,
          { ...envelope, [field]: toBase64Url(broken) },
          keys.publicKey,
        );
        assert.equal(codeOf(result), 'statement.not-authentic');
      }
    }
  });

  it('is refused as another kind, also where the envelope is renamed', async () => {
    assert.equal(codeOf(await openStatement(other, envelope, keys.publicKey)), 'statement.other-kind');
    const renamed = { ...envelope, kind: 'other' };
    assert.equal(codeOf(await openStatement(other, renamed, keys.publicKey)), 'statement.not-authentic');
  });

  it('is refused under another key, also where the envelope names that key', async () => {
    assert.equal(codeOf(await openStatement(note, envelope, stranger.publicKey)), 'statement.other-signer');
    const claimed = { ...envelope, signer: stranger.publicKey.keyId };
    assert.equal(codeOf(await openStatement(note, claimed, stranger.publicKey)), 'statement.not-authentic');
  });

  it('is refused with an algorithm that is not its key’s, or none of the table', async () => {
    const changed = { ...envelope, alg: 'ES384' };
    assert.equal(codeOf(await openStatement(note, changed, keys.publicKey)), 'statement.other-algorithm');
    for (const alg of ['none', 'HS256', '', null])
      assert.equal(
        codeOf(await openStatement(note, { ...envelope, alg }, keys.publicKey)),
        'statement.malformed',
      );
  });

  it('is refused malformed: fields missing, added, of another type, or written in a second form', async () => {
    const { signer: _, ...short } = envelope;
    const forms = [null, 'text', [], short, { ...envelope, extra: 1 }, { ...envelope, bytes: 7 }];
    const padded = [`${envelope.bytes}=`, `${envelope.bytes}\n`, envelope.bytes.replace(/.$/, '+')];
    for (const form of [...forms, ...padded.map((bytes) => ({ ...envelope, bytes }))])
      assert.equal(codeOf(await openStatement(note, form, keys.publicKey)), 'statement.malformed');
  });

  it('is refused above the bound of its kind before its signature is looked at', async () => {
    const long = await signBytes(keys, 'note', utf8(JSON.stringify({ text: 'a'.repeat(200) })));
    assert.equal(codeOf(await openStatement(note, long, keys.publicKey)), 'statement.too-large');
    await assert.rejects(signStatement(note, { text: 'a'.repeat(200) }, keys.signing), /not to be signed/);
  });

  it('is refused where its key signed what is not strict JSON of its kind', async () => {
    const cases = [
      ['{"text":"a","text":"b"}', 'json.malformed'],
      ['{"text":"a","\\u0074ext":"b"}', 'json.malformed'],
      ['{"text":"a"', 'json.malformed'],
      ['{"text":"a"} {}', 'json.malformed'],
      ['{"text":"a","__proto__":{}}', 'json.malformed'],
      ['[[[[[[[[[]]]]]]]]]', 'json.malformed'],
      ['{"text":"a","more":1}', 'json.invalid'],
      ['{"text":1}', 'json.invalid'],
      ['null', 'json.invalid'],
    ] as const;
    for (const [text, code] of cases) {
      const signed = await signBytes(keys, 'note', utf8(text));
      assert.equal(codeOf(await openStatement(note, signed, keys.publicKey)), code, text);
    }
    const notUtf8 = await signBytes(keys, 'note', Uint8Array.of(0x22, 0xff, 0x22));
    assert.equal(codeOf(await openStatement(note, notUtf8, keys.publicKey)), 'json.not-utf8');
    const withMark = await signBytes(keys, 'note', utf8('\ufeff{"text":"a"}'));
    assert.equal(codeOf(await openStatement(note, withMark, keys.publicKey)), 'json.malformed');
  });

  it('can be looked into before its signer is known', () => {
    const peeked = peekStatement(note, envelope);
    assert.deepEqual(peeked, { ok: true, value: { text: 'hello' } });
    assert.equal(codeOf(peekStatement(other, envelope)), 'statement.other-kind');
  });

  it('needs no key that can be taken out', () => {
    assert.equal(keys.signing.privateKey.extractable, false);
  });

  it('is verified once under one memo, and what differs in anything is not taken for it', async (t) => {
    const memo = new StatementMemo();
    const verified = t.mock.method(crypto.subtle, 'verify');
    const open = (kind: typeof note, text: Envelope, { publicKey }: Keys = keys) =>
      openStatement(kind, text, publicKey, memo);
    const both = await Promise.all([open(note, envelope), open(note, envelope)]);
    assert.deepEqual([...both, await open(note, envelope)].map(codeOf), ['ok', 'ok', 'ok']);
    assert.equal(verified.mock.callCount(), 1);

    const [signature, bytes] = [{ text: 'adieu' }, { text: 'hallo' }].map((value) =>
      utf8(JSON.stringify(value)),
    );
    assert.ok(signature && bytes);
    const theirs = await signBytes(stranger, 'note', signature);
    assert.equal(
      codeOf(await open(note, { ...envelope, signature: theirs.signature })),
      'statement.not-authentic',
    );
    assert.equal(
      codeOf(await open(note, { ...envelope, bytes: toBase64Url(bytes) })),
      'statement.not-authentic',
    );
    assert.equal(codeOf(await open(other, { ...envelope, kind: 'other' })), 'statement.not-authentic');
    assert.equal(
      codeOf(await open(note, { ...envelope, signer: stranger.publicKey.keyId }, stranger)),
      'statement.not-authentic',
    );
    assert.equal(codeOf(await open(note, envelope)), 'ok');
  });
});
