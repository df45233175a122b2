import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { utf8 } from '../../../../src/base/bytes.ts';
import { mlsAgreement } from '../../../../src/e2ee/mls/agreement.ts';
import { nodeMlsCrypto } from '../../../../src/e2ee/mls/crypto/node.ts';
import { deviceSigner, pointOf, verifyDevice } from '../../../../src/e2ee/mls/device-signatures.ts';
import type { Signer } from '../../../../src/e2ee/mls/signer.ts';
import { keysOf, newKeyPair } from '../../../../src/trust/signing/keys.ts';
import { ALGS, type Alg } from '../../../../src/trust/statement/algorithms.ts';
import { accepted, admit, anybody, codeOf, contextOf, epochOf } from '../../../support/mls-device.ts';

const signerOf = async (alg: Alg): Promise<Signer> => {
  const { signing, publicKey } = await keysOf(await newKeyPair(false, alg));
  const signer = deviceSigner(signing.privateKey, publicKey);
  assert.deepEqual(signer.publicKey, pointOf(publicKey));
  return signer;
};

const device = async (name: string, signer: Signer) =>
  mlsAgreement({
    suite: 'x25519',
    signer,
    crypto: nodeMlsCrypto,
    clock: { unixMs: Date.now },
    certificates: [utf8(name)],
    verify: verifyDevice,
  });

const message = utf8('a message');

describe('a leaf that a device signs for', () => {
  for (const alg of ALGS)
    it(`is of its key and its message: ${alg}`, async () => {
      const [signer, other] = [await signerOf(alg), await signerOf(alg)];
      const signature = await signer.sign(message);
      assert.equal(await verifyDevice(signer.publicKey, message, signature), true);
      assert.equal(await verifyDevice(other.publicKey, message, signature), false);
      assert.equal(await verifyDevice(signer.publicKey, utf8('another one'), signature), false);
      assert.equal(await verifyDevice(signer.publicKey, message, signature.subarray(1)), false);
      assert.equal(await verifyDevice(signer.publicKey.subarray(1), message, signature), false);
    });

  it('is in one group with leaves of another algorithm', async () => {
    const chair = accepted(
      await (await device('chair', await signerOf('ES384'))).create(contextOf('x25519')),
    );
    const [anna] = await admit(chair, [], [await device('anna', await signerOf('ES256'))]);
    assert.ok(anna !== undefined);
    assert.equal(await epochOf(anna), await epochOf(chair));
  });

  it('is not added where another key signed', async () => {
    const chair = accepted(
      await (await device('chair', await signerOf('ES256'))).create(contextOf('x25519')),
    );
    const [victim, thief] = [await signerOf('ES256'), await signerOf('ES256')];
    const forged = await device('victim', { ...thief, publicKey: victim.publicKey });
    const add = [await forged.keyPackage()];
    assert.equal(codeOf(await chair.commit({ add }, anybody)), 'mls.impossible-commit');
  });
});
