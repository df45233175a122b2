import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fromBase64Url, toBase64Url } from '../../../../src/base/bytes.ts';
import {
  CODE_BYTES,
  type CodeRecord,
  judgeCode,
  readCode,
  writeCode,
} from '../../../../src/trust/devices/codes.ts';
import { namesOf, newDeviceId, newPersonId, urisOf } from '../../../../src/trust/devices/ids.ts';
import { judgePossession, POSSESSION, type Possession } from '../../../../src/trust/devices/possession.ts';
import { DEVICE_REQUEST } from '../../../../src/trust/devices/request.ts';
import {
  hashOfCode,
  isProvenBy,
  makeDeviceRequest,
  openDeviceRequest,
} from '../../../../src/trust/signing/device-request.ts';
import { keysOf, newKeyPair } from '../../../../src/trust/signing/keys.ts';
import { openStatement, signStatement } from '../../../../src/trust/signing/statement.ts';
import { ALGS } from '../../../../src/trust/statement/algorithms.ts';
import { codeOf, granted, NOW, person, randomBytes } from '../../../support/people.ts';

const NONCE = 'A'.repeat(22);
const CODE = '0123456789ABCDEFGHJK';

describe('ids of people and devices', () => {
  it('go into names of a certificate and come back', () => {
    const names = { person: newPersonId(randomBytes), device: newDeviceId(randomBytes) };
    assert.match(names.person, /^p[0-9a-f]{20}$/);
    assert.match(names.device, /^d[0-9a-f]{20}$/);
    assert.deepEqual(namesOf(urisOf(names)), names);
    assert.equal(namesOf([...urisOf(names)].reverse()), undefined);
  });
});

describe('a one-time code', () => {
  it('is twenty characters of five bits each, in groups that are read aloud', () => {
    assert.equal(writeCode(new Uint8Array(CODE_BYTES).fill(255)), 'ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ');
    assert.equal(writeCode(Uint8Array.from({ length: CODE_BYTES }, (_, i) => i)), '0123-4567-89AB-CDEF-GHJK');
    const ofAll = Array.from({ length: 256 }, (_, byte) =>
      writeCode(new Uint8Array(CODE_BYTES).fill(byte)).charAt(0),
    );
    assert.equal(new Set(ofAll).size, 32);
  });

  it('is read however it is typed', () => {
    const bytes = fc.uint8Array({ minLength: CODE_BYTES, maxLength: CODE_BYTES });
    fc.assert(
      fc.property(bytes, (random) => {
        const code = writeCode(random);
        const plain = code.replaceAll('-', '');
        assert.equal(readCode(code), plain);
        assert.equal(readCode(` ${code.toLowerCase().replaceAll('-', '  ')}\n`), plain);
        const misread = plain.replaceAll('0', 'o').replaceAll('1', 'l');
        assert.equal(readCode(misread), plain);
      }),
    );
    for (const none of ['', '0123', `${CODE}0`, CODE.replace('K', 'U'), CODE.replace('K', '§')])
      assert.equal(readCode(none), undefined, none);
  });

  it('serves one key, in its time', () => {
    const record: CodeRecord = { hash: '', person: person('alice'), untilUnixMs: NOW };
    assert.equal(codeOf(judgeCode(record, NOW - 1)), 'ok');
    assert.equal(codeOf(judgeCode(record, NOW)), 'code.expired');
    assert.equal(codeOf(judgeCode({ ...record, usedBy: 'key' }, NOW - 1)), 'code.used');
    assert.equal(codeOf(judgeCode(undefined, NOW)), 'code.unknown');
  });
});

describe('a request for a certificate', () => {
  it('shows that its maker has the key and knows the code, without telling it', async () => {
    for (const alg of ALGS) {
      const envelope = await makeDeviceRequest(await newKeyPair(false, alg), CODE);
      const request = granted(await openDeviceRequest(envelope));
      assert.equal(request.publicKey.alg, alg);
      assert.ok(await isProvenBy(request, await hashOfCode(CODE)));
      assert.ok(!(await isProvenBy(request, await hashOfCode(CODE.replace('K', 'M')))));
      const text = Buffer.from(fromBase64Url(envelope.bytes) ?? []).toString();
      assert.ok(!text.includes(CODE) && !text.includes(toBase64Url(await hashOfCode(CODE))));
    }
  });

  it('proves nothing without a proof', async () => {
    const request = granted(await openDeviceRequest(await makeDeviceRequest(await newKeyPair(false))));
    assert.equal(request.proof, undefined);
    assert.ok(!(await isProvenBy(request, await hashOfCode(CODE))));
  });

  it('cannot be turned into one for another key', async () => {
    const seen = granted(await openDeviceRequest(await makeDeviceRequest(await newKeyPair(false), CODE)));
    const thief = await keysOf(await newKeyPair(false));
    const proof = toBase64Url(seen.proof ?? new Uint8Array());
    const publicKey = toBase64Url(thief.publicKey.spki);
    const stolen = await signStatement(
      DEVICE_REQUEST,
      { nonce: NONCE, alg: 'ES256', publicKey, proof },
      thief.signing,
    );
    const request = granted(await openDeviceRequest(stolen));
    assert.ok(!(await isProvenBy(request, await hashOfCode(CODE))));
  });

  it('is refused where another key signed it', async () => {
    const [own, thief] = [await keysOf(await newKeyPair(false)), await keysOf(await newKeyPair(false))];
    const value = { nonce: NONCE, alg: 'ES256', publicKey: toBase64Url(own.publicKey.spki) } as const;
    const signed = await signStatement(DEVICE_REQUEST, value, thief.signing);
    assert.equal(codeOf(await openDeviceRequest(signed)), 'statement.other-signer');
    const claimed = { ...signed, signer: own.publicKey.keyId };
    assert.equal(codeOf(await openDeviceRequest(claimed)), 'statement.not-authentic');
  });

  it('is refused where its key is none of the algorithm that it names', async () => {
    const { signing, publicKey } = await keysOf(await newKeyPair(false));
    const spki = toBase64Url(publicKey.spki);
    const compressed = compressedSpki(publicKey.spki);
    for (const value of [
      { alg: 'ES384', publicKey: spki },
      { alg: 'ES256', publicKey: toBase64Url(new Uint8Array(91).fill(7)) },
      { alg: 'ES256', publicKey: toBase64Url(compressed) },
    ] as const) {
      const signed = await signStatement(DEVICE_REQUEST, { nonce: NONCE, ...value }, signing);
      assert.equal(codeOf(await openDeviceRequest(signed)), 'request.key');
    }
  });
});

/** The same key with its point in the short form (SEC 1 section 2.3.3). */
const compressedSpki = (spki: Uint8Array): Uint8Array => {
  const point = spki.subarray(-65);
  const short = Uint8Array.of(2 + ((point[64] ?? 0) & 1), ...point.subarray(1, 33));
  const head = spki.slice(0, -66);
  head[1] = (head[1] ?? 0) - 32;
  head[head.length - 1] = 34;
  return Uint8Array.of(...head, 0, ...short);
};

describe('a proof of possession', () => {
  const asked: Possession = {
    nonce: toBase64Url(new Uint8Array(32).fill(1)),
    connection: toBase64Url(new Uint8Array(32).fill(2)),
    meeting: 'meeting' as Possession['meeting'],
    purpose: 'enter',
  };

  it('is a statement of the device', async () => {
    const { signing, publicKey } = await keysOf(await newKeyPair(false));
    const proof = await signStatement(POSSESSION, asked, signing);
    const opened = granted(await openStatement(POSSESSION, proof, publicKey));
    assert.equal(codeOf(judgePossession(opened.value, asked)), 'ok');
  });

  it('is one for nothing but what was asked', () => {
    const others = {
      nonce: toBase64Url(new Uint8Array(32).fill(9)),
      connection: toBase64Url(new Uint8Array(32).fill(9)),
      meeting: 'other' as Possession['meeting'],
      purpose: 'resume',
    } as const;
    for (const field of ['nonce', 'connection', 'meeting', 'purpose'] as const)
      assert.equal(
        codeOf(judgePossession({ ...asked, [field]: others[field] }, asked)),
        `possession.other-${field}`,
      );
  });

  it('needs a whole nonce and a whole connection', () => {
    for (const short of [{ nonce: 'AAAA' }, { connection: 'AAAA' }, { nonce: '' }, { purpose: 'any' }])
      assert.ok(!POSSESSION.schema.safeParse({ ...asked, ...short }).success);
  });
});
