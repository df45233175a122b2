import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { GroupThread } from '../../../../bench/load/crew/group-thread.ts';
import type { GroupAnswer } from '../../../../bench/load/crew/late-keys.ts';
import { utf8 } from '../../../../src/base/bytes.ts';
import { nodeGroupTools } from '../../../../src/client/node/group-tools.ts';
import { keysOf, newKeyPair } from '../../../../src/trust/signing/keys.ts';
import { accepted, admit, contextOf, epochOf } from '../../../support/mls-device.ts';

let thread: GroupThread;
beforeEach(() => {
  thread = new GroupThread();
});
afterEach(() => thread.end());

const ownerOf = async (name: string) => {
  const { signing, publicKey } = await keysOf(await newKeyPair(false));
  return { suite: 'x-wing', certificates: [utf8(name)], signing, publicKey } as const;
};

test('people of one process have groups of their own in its thread, each until its end', async () => {
  const [chair, anna] = [
    await thread.tools(() => {}).startAgreement(await ownerOf('chair')),
    await thread.tools(() => {}).startAgreement(await ownerOf('anna')),
  ];
  const chairs = accepted(await chair.agreement.create(contextOf('x-wing')));
  const [annas] = await admit(chairs, [], [anna.agreement]);
  assert.ok(annas !== undefined);
  assert.equal(await epochOf(chairs), await epochOf(annas));
  anna.end();
  await assert.rejects(() => annas.baseKey(32), { code: 'mls.worker-failed' });
  assert.equal(accepted(await chairs.baseKey(32)).length, 32);
});

test('nothing of them is computed where frames are sent and received', async (t) => {
  const sign = t.mock.method(crypto.subtle, 'sign');
  const [owner, tools] = [await ownerOf('anna'), nodeGroupTools({ unixMs: Date.now })];
  await (await tools.startAgreement(owner)).agreement.keyPackage();
  assert.ok(sign.mock.callCount() > 0, 'a key package is signed for');
  sign.mock.resetCalls();
  await (await thread.tools(() => {}).startAgreement(owner)).agreement.keyPackage();
  assert.equal(sign.mock.callCount(), 0);
});

test('what keys wait for is told with the processor time that it cost, and nothing else is', async () => {
  const answers: GroupAnswer[] = [];
  const tools = thread.tools((answer) => answers.push(answer));
  const { agreement } = await tools.startAgreement(await ownerOf('chair'));
  await agreement.keyPackage();
  assert.deepEqual(answers, []);
  accepted(await agreement.create(contextOf('x-wing')));
  const [{ askedMs, atMs, tookMs } = assert.fail('no answer'), ...more] = answers;
  assert.deepEqual(more, []);
  assert.ok(tookMs > 0 && tookMs <= atMs - askedMs, `${tookMs} of ${atMs - askedMs}`);
});
