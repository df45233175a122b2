import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CertificateFacts } from '../../../src/trust/devices/certificate.ts';
import { DAY_MS } from '../../../src/trust/hosts/validity.ts';
import { Memo } from '../../../src/trust/signing/memo.ts';
import { judgeDeviceCertificate } from '../../../src/trust/signing/people-certificate.ts';
import { ALICE, codeOf, makePeople, NOW } from '../../support/people.ts';

const facts = { isOfRoot: true } as CertificateFacts;

describe('what was read of certificates', () => {
  it('is read once, and again when 1,024 others were asked for since', async () => {
    const memo = new Memo<CertificateFacts>();
    const read: string[] = [];
    const ask = (pem: string) =>
      memo.read(pem, async () => {
        read.push(pem);
        return facts;
      });
    for (const pem of ['a', 'b', 'a', 'a']) await ask(pem);
    assert.deepEqual(read, ['a', 'b']);
    for (let i = 0; i < 1_023; i++) await ask(`other ${i}`);
    await ask('a');
    assert.equal(read.at(-1), 'other 1022', 'it is among the 1,024 newest');
    await ask('b');
    assert.equal(read.at(-1), 'b');
  });

  it('is not kept where it cannot be read', async () => {
    const memo = new Memo<CertificateFacts>();
    await assert.rejects(memo.read('x', () => Promise.reject(new Error('unreadable'))));
    assert.equal(await memo.read('x', async () => facts), facts);
  });

  it('says nothing of whether a certificate is valid now, or whose root it is of', async () => {
    const people = await makePeople();
    const { certificate } = await people.device(ALICE);
    const at = async (nowUnixMs: number, root = people.root) =>
      codeOf(await judgeDeviceCertificate(certificate, root, nowUnixMs));
    assert.deepEqual(
      [await at(NOW), await at(NOW + 31 * DAY_MS), await at(NOW - 2 * DAY_MS), await at(NOW)],
      ['ok', 'certificate.expired', 'certificate.root-over', 'ok'],
    );
    assert.equal(await at(NOW, (await makePeople()).root), 'certificate.other-root');
  });
});
