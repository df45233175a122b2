import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { utf8 } from '../../../../../src/base/bytes.ts';
import { refuse } from '../../../../../src/base/result.ts';
import type { GroupKeyAgreement } from '../../../../../src/e2ee/mls/port.ts';
import { remoteAgreement } from '../../../../../src/e2ee/mls/worker/remote.ts';
import { Shelf } from '../../../../../src/e2ee/mls/worker/shelf.ts';
import { keysOf, newKeyPair } from '../../../../../src/trust/signing/keys.ts';
import { agreementByMessages } from '../../../../support/message-tools.ts';
import { accepted, admit, anybody, codeOf, contextOf, epochOf } from '../../../../support/mls-device.ts';

const context = contextOf('x25519');

const ownerOf = async (name: string) => {
  const { signing, publicKey } = await keysOf(await newKeyPair(false));
  return { suite: 'x25519', certificates: [utf8(name)], signing, publicKey } as const;
};

/** Of a worker that answers nothing but that it was started. */
const silentWorker = () => {
  const listeners = new Map<string, (event: { readonly data: unknown }) => void>();
  return {
    postMessage: (message: unknown) => {
      const { ask, kind } = message as { ask: number; kind: string };
      if (kind === 'start') queueMicrotask(() => listeners.get('message')?.({ data: { ask } }));
    },
    addEventListener: (type: string, listener: (event: { readonly data: unknown }) => void) => {
      listeners.set(type, listener);
    },
    breaks: () => listeners.get('error')?.({ data: undefined }),
  };
};

describe('a group in a worker', () => {
  const withDevices = async (
    run: (chair: GroupKeyAgreement, anna: GroupKeyAgreement) => Promise<void>,
  ): Promise<void> => {
    const [chair, anna] = [
      await agreementByMessages(await ownerOf('chair')),
      await agreementByMessages(await ownerOf('anna')),
    ];
    try {
      await run(chair.agreement, anna.agreement);
    } finally {
      for (const { end } of [chair, anna]) end();
    }
  };

  it('is the group that it would be elsewhere', () =>
    withDevices(async (chairs, annas) => {
      const chair = accepted(await chairs.create(context));
      assert.deepEqual([chair.epoch(), chair.ownLeaf(), chair.members().length], [0n, 0, 1]);
      const [anna] = await admit(chair, [], [annas]);
      assert.ok(anna !== undefined);
      assert.deepEqual([chair.epoch(), anna.epoch(), anna.ownLeaf(), anna.members().length], [1n, 1n, 1, 2]);
      assert.equal(await epochOf(chair), await epochOf(anna));
      assert.deepEqual(accepted(await anna.hallKeys()), accepted(await chair.hallKeys()));
      const out = accepted(await chair.commit({ remove: [1] }, anybody));
      const seen = accepted(await anna.stage(out.message, anybody));
      assert.equal(seen.selfRemoved, true);
      accepted(await anna.adopt(seen));
      assert.equal(codeOf(await anna.baseKey(32)), 'mls.ended');
    }));

  it('is judged here before anything of it counts', () =>
    withDevices(async (chairs, annas) => {
      const nobody = () => refuse('test.nobody', 'nobody may be here').refusal;
      const chair = accepted(await chairs.create(context));
      const add = [await annas.keyPackage()];
      assert.equal(codeOf(await chair.commit({ add }, nobody)), 'test.nobody');
      const commit = accepted(await chair.commit({ add }, anybody));
      const [welcome = new Uint8Array()] = commit.welcomes;
      assert.equal(codeOf(await annas.join(welcome, commit.tree, context, nobody)), 'test.nobody');
      const renewal = accepted(await chair.commit({}, anybody));
      accepted(await chair.adopt(commit));
      assert.equal(codeOf(await chair.adopt(renewal)), 'mls.stale');
      assert.equal(codeOf(await chair.adopt({ ...commit })), 'mls.stale', 'of a name that nobody gave');
      assert.equal(chair.epoch(), 1n);
    }));

  it('is not pushed out by groups that are refused here', () =>
    withDevices(async (chairs, annas) => {
      const stranger = () => refuse('test.stranger', 'a stranger is in it').refusal;
      const own = accepted(await annas.create(context));
      for (let i = 0; i < 5; i += 1) {
        const other = accepted(await chairs.create(context));
        const { welcomes, tree } = accepted(await other.commit({ add: [await annas.keyPackage()] }, anybody));
        const [welcome = new Uint8Array()] = welcomes;
        assert.equal(codeOf(await annas.join(welcome, tree, context, stranger)), 'test.stranger');
        other.end();
      }
      assert.equal(accepted(await own.baseKey(32)).length, 32);
    }));

  it('whose worker breaks answers nothing any more, and says so', async () => {
    const worker = silentWorker();
    const { privateKey } = (await ownerOf('anna')).signing;
    const owner = { ...(await ownerOf('anna')), privateKey };
    const { agreement } = await remoteAgreement(worker, owner);
    const asked = agreement.keyPackage();
    worker.breaks();
    await assert.rejects(asked, { code: 'mls.worker-failed' });
    await assert.rejects(agreement.keyPackage(), { code: 'mls.worker-failed' });
  });

  it('is not asked without end', async () => {
    const { privateKey } = (await ownerOf('anna')).signing;
    const { agreement, fail } = await remoteAgreement(silentWorker(), {
      ...(await ownerOf('anna')),
      privateKey,
    });
    const asked = Array.from({ length: 65 }, () => agreement.keyPackage());
    await assert.rejects(asked[64] ?? Promise.resolve(), { code: 'mls.worker-busy' });
    fail();
    const settled = await Promise.allSettled(asked);
    assert.ok(settled.every(({ status }) => status === 'rejected'));
  });
});

it('a shelf keeps the newest', () => {
  const shelf = new Shelf<string>(2);
  const [a, b, c] = ['a', 'b', 'c'].map((thing) => shelf.put(thing));
  assert.deepEqual(
    [a, b, c].map((number) => shelf.get(number ?? 0)),
    [undefined, 'b', 'c'],
  );
});

it('a shelf has room again for what was taken off it', () => {
  const shelf = new Shelf<string>(2);
  const [a = 0, b = 0] = ['a', 'b'].map((thing) => shelf.put(thing));
  assert.equal(shelf.take(b), 'b');
  shelf.put('c');
  assert.deepEqual([shelf.get(a), shelf.get(b)], ['a', undefined]);
});
