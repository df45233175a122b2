import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { toBase64Url, utf8 } from '../../../../src/base/bytes.ts';
import { asId, type ParticipantId } from '../../../../src/base/ids.ts';
import { ok, refuse } from '../../../../src/base/result.ts';
import { Blobs } from '../../../../src/client/group/blobs.ts';
import { EpochDriver } from '../../../../src/client/group/epoch-driver.ts';
import { BLOB_DEADLINE_MS, BLOB_TRIES } from '../../../../src/client/group/limits.ts';
import { judgeOf, type ParticipantOf } from '../../../../src/client/group/people.ts';
import { readWelcome } from '../../../../src/client/group/welcoming.ts';
import { READY_WITHIN_MS } from '../../../../src/e2ee/epochs/limits.ts';
import { createFrameKeys } from '../../../../src/e2ee/keys/store.ts';
import type { Group, GroupKeyAgreement } from '../../../../src/e2ee/mls/port.ts';
import { nodeDriver } from '../../../../src/e2ee/sframe/node.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { SealingLog, WatchedKeys } from '../../../support/group-keys.ts';
import { sha256 } from '../../../support/group-world.ts';
import { anybody, codeOf, contextOf } from '../../../support/mls-device.ts';
import { granted } from '../../../support/people.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a blob', () => {
  it('is asked for again when nothing comes, and given up after a few times', async () => {
    const clock = new FakeClock();
    let asked = 0;
    const get = () => {
      asked += 1;
      return new Promise<Uint8Array>(() => {});
    };
    const blobs = new Blobs({ say: () => {}, put: async () => '', get }, clock, sha256);
    const got = blobs.get({ hash: 'a'.repeat(43), bytes: 1 }, 10);
    for (let i = 0; i < 2 * BLOB_TRIES; i++) {
      clock.advance(BLOB_DEADLINE_MS);
      await settled();
    }
    const result = await got;
    assert.equal(result.ok ? '' : result.refusal.code, 'group.blob-missing');
    assert.equal(asked, BLOB_TRIES);
    assert.equal(clock.pendingTimers, 0);
  });

  it('is not asked for when it is larger than what is read', async () => {
    const get = () => assert.fail('asked for');
    const blobs = new Blobs({ say: () => {}, put: async () => '', get }, new FakeClock(), sha256);
    const result = await blobs.get({ hash: 'a'.repeat(43), bytes: 11 }, 10);
    assert.equal(result.ok ? '' : result.refusal.code, 'group.blob-too-large');
  });
});

describe('a base key', () => {
  it('is wiped as soon as it was handed on, also where that failed', () => {
    const keys = new WatchedKeys(asId<ParticipantId>('alice'), new SealingLog());
    const onFault = (error: unknown) => assert.fail(String(error));
    const driver = new EpochDriver({ keys, clock: new FakeClock(), sayReady: () => {}, onFault });
    const [one, two] = [utf8('key of epoch one'), utf8('key of epoch two')];
    const epoch = { ownLeaf: 0, others: new Map(), isRemoval: false };
    driver.adopt({ ...epoch, epoch: 1n, baseKey: one });
    assert.deepEqual([...one], new Array(one.length).fill(0));
    assert.equal(keys.sealing, 1n);
    keys.openUnder = () => {
      throw new Error('no room');
    };
    assert.throws(() => driver.adopt({ ...epoch, epoch: 2n, baseKey: two }), /no room/);
    assert.deepEqual([...two], new Array(two.length).fill(0));
  });
});

describe('the keys of epochs', () => {
  it('have room for twenty that come at once', () => {
    const clock = new FakeClock();
    const keys = createFrameKeys({ driver: nodeDriver });
    const onFault = (error: unknown) => assert.fail(String(error));
    const driver = new EpochDriver({ keys, clock, sayReady: () => {}, onFault });
    const others = new Map([[1, asId<ParticipantId>('bob')]]);
    for (let epoch = 1n; epoch <= 20n; epoch++)
      driver.adopt({
        epoch,
        baseKey: new Uint8Array(32).fill(Number(epoch)),
        ownLeaf: 0,
        others,
        isRemoval: false,
      });
    clock.advance(READY_WITHIN_MS);
    const sealed = granted(keys.newSealingContext('microphone', 'opus')).seal(utf8('a frame'), false);
    assert.equal(granted(sealed).kid & 15n, 20n & 15n);
  });
});

describe('a Welcome', () => {
  const told = { kind: 'welcome', generation: 1, epoch: 4 } as const;
  const bytes = utf8('something');
  const blob = { hash: toBase64Url(createHash('sha256').update(bytes).digest()), bytes: bytes.length };

  const read = async (epoch: bigint) => {
    let ends = 0;
    const group = { epoch: () => epoch, end: () => ends++ } as unknown as Group;
    const agreement = { join: async () => ok(group) } as unknown as GroupKeyAgreement;
    const blobs = new Blobs(
      { say: () => {}, put: async () => '', get: async () => bytes },
      new FakeClock(),
      sha256,
    );
    const how = { agreement, blobs, context: contextOf('x25519'), judge: anybody };
    const result = await readWelcome({ ...told, welcome: blob, tree: blob }, how);
    return [codeOf(result), ends];
  };

  it('leads into the epoch that the relay said, or is refused and its group ended', async () => {
    assert.deepEqual(await read(4n), ['accepted', 0]);
    for (const epoch of [3n, 5n]) assert.deepEqual(await read(epoch), ['group.other-epoch', 1]);
  });
});

describe('whom a group may hold', () => {
  const member = (leaf: number, name: string) => ({
    leaf,
    certificates: [utf8(name)],
    signatureKey: utf8(`key of ${name}`),
  });
  const people = new Map(['alice', 'bob'].map((name) => [name, asId<ParticipantId>(name)]));
  const participantOf: ParticipantOf = ({ certificates }) =>
    people.get(new TextDecoder().decode(certificates[0]).split(' ')[0] ?? '');
  const judge = judgeOf((members) => {
    const first = members[0]?.certificates[0] ?? new Uint8Array();
    return new TextDecoder().decode(first) === 'alice out' ? refuse('test.out', 'out').refusal : undefined;
  }, participantOf);
  const codeFor = (...names: readonly string[]) => judge(names.map((name, leaf) => member(leaf, name)))?.code;

  it('is everybody once, whom the roster knows and the meeting’s judge takes', () => {
    assert.equal(codeFor('alice', 'bob'), undefined);
    assert.equal(codeFor('alice', 'eve'), 'group.stranger');
    assert.equal(codeFor('alice', 'bob', 'alice again'), 'group.twice');
    assert.equal(codeFor('alice out', 'eve'), 'test.out');
  });
});
