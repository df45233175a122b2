import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asId, type MeetingId, type ParticipantId, type SessionId } from '../../../../src/base/ids.ts';
import { ok } from '../../../../src/base/result.ts';
import { BATCH_MS, PACE_MS } from '../../../../src/signaling/delivery/limits.ts';
import { Budget } from '../../../../src/signaling/group/budget.ts';
import { Group } from '../../../../src/signaling/group/group.ts';
import { READY_BATCH_MS } from '../../../../src/signaling/group/limits.ts';
import type { WireGroupHeard, WireGroupSaid } from '../../../../src/signaling/protocol/group-schemas.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { digestOf } from '../../../support/group-relay.ts';

const BLOB = { hash: digestOf('bytes'), bytes: 1 };
const id = (name: string) => asId<ParticipantId>(name);

/** A group of the first of `names`, in which the others have their seats. */
const groupWith = (...names: string[]) => {
  const clock = new FakeClock();
  const told: { readonly to: string; readonly heard: WireGroupHeard }[] = [];
  const expected: ReadonlyMap<ParticipantId, readonly number[]>[] = [];
  let onTold = (_: string): void => {};
  const group = new Group({
    meeting: asId<MeetingId>('meeting'),
    clock,
    audit: { write: () => ok(undefined) },
    media: { expectSenders: (_, numbers) => expected.push(numbers) },
    budget: new Budget(1_000),
    tell: (to, heard) => {
      for (const session of to) {
        told.push({ to: session, heard });
        onTold(session);
      }
    },
    expel: (participant) => group.leave(participant),
  });
  const say = (name: string, said: WireGroupSaid) => group.hear(id(name), said);
  const heard = (name: string) => told.filter(({ to }) => to === name).map((one) => one.heard.kind);
  for (const name of names) group.seat(id(name), asId<SessionId>(name));
  group.shelf.put(id(String(names[0])), BLOB.hash, new Uint8Array(1), 0);
  say(String(names[0]), { kind: 'enter', keyPackage: BLOB });
  say(String(names[0]), { kind: 'created', generation: 0, epoch: 0 });
  const join = (...others: string[]) => {
    for (const name of others) say(name, { kind: 'enter', keyPackage: BLOB });
    clock.advance(BATCH_MS);
    const welcomes = others.map((name) => ({ participant: id(name), blob: BLOB }));
    const commit = { generation: 0, epoch: 0, commit: BLOB, welcomes, removed: [], tree: BLOB };
    return say(String(names[0]), { kind: 'commit', ...commit });
  };
  return { group, clock, told, expected, say, heard, join, onTell: (run: typeof onTold) => (onTold = run) };
};

describe('the shell of a group', () => {
  it('begins a group anew, and has those who enter it make it', () => {
    const { group, say, heard, join } = groupWith('a', 'b', 'c');
    join('b', 'c');
    group.restart();
    for (const name of ['a', 'b', 'c']) assert.equal(heard(name).at(-1), 'refused');
    say('b', { kind: 'enter', keyPackage: BLOB });
    assert.equal(heard('b').at(-1), 'ask-create');
    assert.equal(say('a', { kind: 'ready', generation: 0, epoch: 1, digest: BLOB.hash, leaf: 0 }).ok, false);
  });

  it('keeps the order of what it tells when somebody goes because of it', () => {
    const { group, clock, told, say, join, onTell } = groupWith('a', 'b', 'c', 'd');
    join('b', 'c', 'd');
    for (const name of ['b', 'c', 'd']) say(name, { kind: 'adopted', generation: 0, epoch: 1 });
    clock.advance(PACE_MS);
    say('a', { kind: 'commit', generation: 0, epoch: 1, commit: BLOB, welcomes: [], removed: [] });
    say('c', { kind: 'reject', generation: 0, epoch: 2, reason: 'signed' });
    const from = told.length;
    // Being told was too much for its session, which ends in the middle of telling the others.
    onTell((session) => {
      if (session === 'b') group.leave(id('b'));
    });
    say('d', { kind: 'reject', generation: 0, epoch: 2, reason: 'signed' });
    const kinds = told.slice(from).map(({ heard: { kind } }) => kind);
    assert.deepEqual([...new Set(kinds)], ['rejected', 'reopened', 'ask-commit']);
    assert.equal(kinds.at(-1), 'ask-commit');
  });

  it('says nothing to who has left, and of who has left that it is ready', () => {
    const { group, clock, told, say, join } = groupWith('a', 'b');
    join('b');
    say('b', { kind: 'ready', generation: 0, epoch: 1, digest: BLOB.hash, leaf: 1 });
    group.leave(id('b'));
    const before = told.length;
    clock.advance(READY_BATCH_MS);
    assert.deepEqual(
      told.slice(before).map(({ heard: { kind } }) => kind),
      [],
    );
    assert.equal(say('b', { kind: 'catch-up', generation: 0, epoch: 1 }).ok, false);
  });

  it('knows the numbers of those alone who are here, however many came and went', () => {
    const { group, clock, expected, say } = groupWith('a');
    let epoch = 0;
    const committed = (change: object) => {
      say('a', { kind: 'commit', generation: 0, epoch, commit: BLOB, welcomes: [], removed: [], ...change });
      epoch += 1;
    };
    const isReady = (name: string, leaf: number) =>
      assert.ok(say(name, { kind: 'ready', generation: 0, epoch, digest: BLOB.hash, leaf }).ok);
    for (let i = 0; i < 3; i++) {
      const name = `guest-${i}`;
      group.seat(id(name), asId<SessionId>(name));
      say(name, { kind: 'enter', keyPackage: BLOB });
      clock.advance(BATCH_MS);
      committed({ welcomes: [{ participant: id(name), blob: BLOB }], tree: BLOB });
      say(name, { kind: 'adopted', generation: 0, epoch });
      isReady('a', 0);
      isReady(name, 1);
      assert.deepEqual([...(expected.at(-1)?.keys() ?? [])], [name]);
      group.leave(id(name));
      committed({ removed: [id(name)] });
      assert.deepEqual([...(expected.at(-1)?.keys() ?? [])], ['a'], 'of the new epoch');
    }
  });

  it('ends with everything that it holds', () => {
    const { group, clock, say, join } = groupWith('a', 'b');
    join('b');
    say('b', { kind: 'ready', generation: 0, epoch: 1, digest: BLOB.hash, leaf: 1 });
    assert.ok(clock.pendingTimers > 0);
    group.end();
    assert.equal(clock.pendingTimers, 0);
    assert.equal(group.shelf.get(BLOB.hash), undefined);
  });
});
