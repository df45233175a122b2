import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asId, type ParticipantId } from '../../../../src/base/ids.ts';
import type { DeliveryEffect } from '../../../../src/signaling/delivery/effects.ts';
import type { DeliveryInput } from '../../../../src/signaling/delivery/inputs.ts';
import {
  BATCH_MS,
  BATCH_PEOPLE,
  hopelessAfterMs,
  MAX_EXTENSIONS,
  MAX_HISTORY,
  MAX_HISTORY_BYTES,
  PACE_MS,
  RENEW_PAUSE_MS,
  ROTATE_MS,
  silentAfterMs,
} from '../../../../src/signaling/delivery/limits.ts';
import { type Blob, newDelivery } from '../../../../src/signaling/delivery/state.ts';
import { step } from '../../../../src/signaling/delivery/step.ts';

const id = (name: string) => asId<ParticipantId>(name);
const blob = (hash: string): Blob => ({ hash, bytes: 1 });

/** The service with a clock, and what it told last. */
class Service {
  state = newDelivery(0);
  nowMs = 0;
  effects: readonly DeliveryEffect[] = [];
  wakeAtMs: number | undefined;

  feed(input: DeliveryInput): this {
    const done = step(this.state, input, this.nowMs);
    ({ state: this.state, effects: this.effects, wakeAtMs: this.wakeAtMs } = done);
    return this;
  }
  after(ms: number): this {
    this.nowMs += ms;
    return this.feed({ kind: 'tick' });
  }
  enter(...names: string[]): this {
    for (const name of names)
      this.feed({ kind: 'enter', participant: id(name), keyPackage: blob(`kp-${name}`) });
    return this;
  }
  leave(name: string): this {
    return this.feed({ kind: 'leave', participant: id(name) });
  }
  where() {
    const { generation, epoch } = this.state;
    return { generation, epoch };
  }
  commit(from: string, add: readonly string[], removed: readonly string[] = [], at = this.where()): this {
    return this.feed({
      kind: 'commit',
      from: id(from),
      ...at,
      commit: blob(`by-${from}-${at.epoch}`),
      welcomes: new Map(add.map((name) => [id(name), blob(`welcome-${name}`)])),
      removed: removed.map(id),
      tree: add.length === 0 ? undefined : blob('tree'),
    });
  }
  /** The epoch is to end, and `by` was asked for it. */
  turn(by: string): this {
    this.feed({ kind: 'renew', from: id(by), ...this.where() }).after(RENEW_PAUSE_MS);
    while (this.state.task?.committer !== id(by)) this.after(silentAfterMs(this.state.members.size));
    return this;
  }
  decline(from: string, name: string): this {
    return this.feed({ kind: 'decline', from: id(from), ...this.where(), participant: id(name) });
  }
  say(kind: 'adopted' | 'working', from: string): this {
    return this.feed({ kind, from: id(from), ...this.where() });
  }
  reject(from: string): this {
    return this.feed({ kind: 'reject', from: id(from), ...this.where(), reason: 'signed' });
  }
  asked() {
    return this.effects.flatMap((effect) =>
      effect.kind === 'ask-commit'
        ? [{ to: effect.to, add: [...effect.add.keys()], remove: effect.remove }]
        : [],
    );
  }
  refusals() {
    return this.effects.flatMap((effect) => (effect.kind === 'refused' ? [effect.refusal.code] : []));
  }
  kinds() {
    return this.effects.map(({ kind }) => kind);
  }
}

/** A group of `names`, with every path filled, nothing to do. */
const groupOf = (...names: string[]): Service => {
  const [first = '', ...others] = names;
  const service = new Service()
    .enter(first)
    .feed({ kind: 'created', from: id(first), generation: 0, epoch: 0 });
  if (others.length === 0) return service;
  service
    .enter(...others)
    .after(BATCH_MS)
    .commit(first, others);
  for (const name of names) {
    service.after(PACE_MS).commit(name, []);
    for (const other of names) if (other !== name) service.say('adopted', other);
  }
  return service;
};

describe('the delivery service', () => {
  test('has the first one begin the group, and the next one where nothing comes', () => {
    const service = new Service().enter('a', 'b');
    assert.deepEqual(service.state.task?.committer, 'a');
    service.after(silentAfterMs(0));
    assert.deepEqual(service.effects, [{ kind: 'ask-create', to: 'b', generation: 0 }]);
    service.feed({ kind: 'created', from: id('a'), generation: 0, epoch: 0 });
    assert.deepEqual(service.refusals(), ['delivery.stale']);
  });

  test('adds those who come within a moment by one commit', () => {
    const service = groupOf('a').enter('b');
    service.nowMs += BATCH_MS - 1;
    service.enter('c');
    assert.deepEqual(service.asked(), []);
    assert.deepEqual(service.after(1).asked(), [{ to: 'a', add: ['b', 'c'], remove: [] }]);
    service.commit('a', ['b', 'c']);
    assert.deepEqual(service.kinds(), ['accepted', 'commit', 'welcome', 'welcome']);
    assert.deepEqual([...service.state.members.keys()], ['a', 'b', 'c']);
  });

  test('does not wait where a whole batch is there', () => {
    const names = Array.from({ length: BATCH_PEOPLE + 1 }, (_, i) => `p${i}`);
    const service = groupOf('a').enter(...names.slice(0, BATCH_PEOPLE - 1));
    assert.deepEqual(service.asked(), []);
    service.enter(...names.slice(BATCH_PEOPLE - 1, BATCH_PEOPLE));
    assert.equal(service.asked()[0]?.add.length, BATCH_PEOPLE);
  });

  test('takes one commit for each epoch; the other hears what was first', () => {
    const service = groupOf('a', 'b', 'c').enter('d').after(BATCH_MS);
    const at = service.where();
    service.commit('b', ['d'], [], at).commit('c', ['d'], [], at);
    const [refused] = service.effects;
    assert.ok(refused?.kind === 'refused');
    assert.equal(refused.refusal.code, 'delivery.stale');
    assert.deepEqual(refused.missed, [{ epoch: at.epoch, commit: blob(`by-b-${at.epoch}`) }]);
  });

  test('has somebody removed at once, before those who wait, and takes nothing else until then', () => {
    const service = groupOf('a', 'b', 'c').enter('d').leave('c');
    const [asked] = service.asked();
    assert.deepEqual([asked?.add, asked?.remove], [[], ['c']]);
    assert.deepEqual(service.commit('a', ['d']).refusals(), ['delivery.removals-first']);
    service.commit('a', [], ['c']);
    assert.deepEqual([...service.state.members.keys()], ['a', 'b']);
    assert.equal(
      service.effects.some((effect) => effect.kind === 'commit' && effect.to.includes(id('c'))),
      false,
    );
  });

  test('has somebody removed at once also while a commit that adds is under way', () => {
    const service = groupOf('a', 'b', 'c').enter('d').after(BATCH_MS);
    assert.deepEqual(service.asked()[0]?.add, ['d']);
    const [asked] = service.leave('c').asked();
    assert.deepEqual([asked?.add, asked?.remove], [[], ['c']]);
    assert.deepEqual(service.commit('a', ['d']).refusals(), ['delivery.removals-first']);
  });

  test('never asks who leaves, and begins a new group where nobody is left', () => {
    const service = groupOf('a', 'b').leave('a');
    assert.equal(service.asked()[0]?.to, 'b');
    service.leave('b').enter('c');
    assert.deepEqual(service.effects, [{ kind: 'ask-create', to: 'c', generation: 1 }]);
  });

  test('adds and removes nobody whom it was not asked to', () => {
    const service = groupOf('a', 'b', 'c');
    assert.deepEqual(service.commit('a', ['eve']).refusals(), ['delivery.not-asked']);
    assert.deepEqual(service.commit('a', [], ['b']).refusals(), ['delivery.not-asked']);
    assert.deepEqual(service.commit('eve', []).refusals(), ['delivery.not-a-member']);
  });

  test('repairs a member that begins anew by one commit that removes and adds', () => {
    const service = groupOf('a', 'b', 'c').enter('b').after(BATCH_MS);
    const [asked] = service.asked();
    assert.deepEqual([asked?.add, asked?.remove], [['b'], ['b']]);
    assert.notEqual(asked?.to, 'b');
    assert.deepEqual(
      service.commit('a', ['b']).refusals(),
      ['delivery.not-asked'],
      'it would be in it twice',
    );
    service.commit(String(asked?.to), ['b'], ['b']);
    assert.deepEqual([...service.state.members.keys()].sort(), ['a', 'b', 'c']);
    assert.equal(service.state.leaving.size, 0);
  });

  test('repairs many by one commit, with those who are new, and takes no commit under way from the others', () => {
    const service = groupOf('a', 'b', 'c', 'd', 'e', 'f').leave('f');
    const [asked] = service.asked();
    const others = ['a', 'b', 'c', 'd', 'e'].filter((name) => name !== asked?.to);
    for (const name of others.slice(0, 3)) assert.deepEqual(service.enter(name).asked(), []);
    service.enter('g');
    assert.deepEqual(service.after(BATCH_MS).asked(), []);
    service.commit(String(asked?.to), [], ['f']);
    assert.deepEqual(service.refusals(), []);
    service.say('adopted', String(others[3]));
    const [repair] = service.asked();
    assert.deepEqual([repair?.add, repair?.remove], [[...others.slice(0, 3), 'g'], others.slice(0, 3)]);
  });

  test('asks another one at once where the committer has lost the group, and takes none of its commits', () => {
    const service = groupOf('a', 'b', 'c', 'd').leave('d');
    const first = String(service.asked()[0]?.to);
    const [second] = service.enter(first).asked();
    assert.deepEqual(second?.remove, ['d']);
    assert.notEqual(second?.to, first);
    assert.deepEqual(service.commit(first, [], ['d']).refusals(), ['delivery.removals-first']);
    const waiting = groupOf('a', 'b', 'c', 'd').enter('e').after(BATCH_MS);
    waiting.enter(String(waiting.asked()[0]?.to));
    assert.deepEqual(waiting.asked()[0]?.add.slice(0, 1), ['e']);
  });

  test('waits for no word on a commit from who has lost the group meanwhile, and counts none', () => {
    const service = groupOf('a', 'b', 'c', 'd', 'e').leave('e').commit('a', [], ['e']);
    service.enter('b', 'c').say('adopted', 'd').after(BATCH_MS);
    assert.deepEqual(service.asked()[0]?.remove, ['b', 'c']);
    const refused = groupOf('a', 'b', 'c', 'd', 'e').leave('e').commit('a', [], ['e']).reject('b').enter('b');
    refused.reject('c');
    assert.deepEqual(refused.kinds(), ['rejected'], 'one of two who are left');
    assert.deepEqual(refused.reject('d').kinds().slice(0, 2), ['rejected', 'reopened']);
  });

  test('ends an epoch once for all who can seal nothing in it, and not too soon', () => {
    const service = groupOf('a', 'b', 'c', 'd');
    const at = service.where();
    const renew = (from: string) => service.feed({ kind: 'renew', from: id(from), ...at });
    renew('b');
    assert.deepEqual(service.asked(), [], 'it has just begun');
    assert.equal(service.wakeAtMs, service.state.changedAtMs + RENEW_PAUSE_MS);
    assert.deepEqual(service.after(RENEW_PAUSE_MS - 1).asked(), []);
    const [asked] = service.after(1).asked();
    assert.deepEqual([asked?.add, asked?.remove], [[], []]);
    for (const name of ['a', 'b', 'c', 'd']) assert.deepEqual(renew(name).effects, []);
    service.commit(String(asked?.to), []);
    const [late] = renew('c').effects;
    assert.ok(late?.kind === 'caught-up' && late.missed.length === 1);
    for (const name of ['a', 'b', 'c', 'd']) service.say('adopted', name);
    assert.deepEqual(service.after(RENEW_PAUSE_MS).asked(), [], 'nobody wants another one');
    assert.deepEqual(renew('eve').refusals(), ['delivery.not-a-member']);
  });

  test('ends an epoch that nothing can be sealed in also while somebody waits whom nobody adds', () => {
    const service = groupOf('a', 'b', 'c').enter('d').after(RENEW_PAUSE_MS);
    assert.deepEqual(service.asked()[0]?.add, ['d']);
    service.feed({ kind: 'renew', from: id('b'), ...service.where() });
    assert.deepEqual(service.asked(), [], 'the commit that adds may still come');
    const [asked] = service.after(silentAfterMs(4)).asked();
    assert.deepEqual([asked?.add, asked?.remove], [[], []]);
    assert.ok((service.wakeAtMs ?? 0) > service.nowMs);
    service.commit(String(asked?.to), []);
    for (const name of ['a', 'b', 'c']) service.say('adopted', name);
    assert.deepEqual(service.state.task?.add.has(id('d')), true);
  });

  test('takes a commit that changes nobody only from who was asked, so that no one keeps the others waiting', () => {
    const service = groupOf('a', 'b', 'c', 'd').enter('e').after(BATCH_MS);
    const first = String(service.asked()[0]?.to);
    const [hasty = '', other = ''] = ['a', 'b', 'c', 'd'].filter((name) => name !== first);
    assert.deepEqual(service.commit(hasty, []).refusals(), ['delivery.not-asked']);
    service.after(silentAfterMs(5)).after(silentAfterMs(5));
    assert.deepEqual(service.commit(first, []).refusals(), [], 'late, and asked for');
    for (const name of ['a', 'b', 'c', 'd']) service.say('adopted', name);
    assert.deepEqual(service.commit(other, ['e']).refusals(), [], 'and whoever adds is welcome');
  });

  test('takes one that changes nobody from who is alone, and once from who is to renew its path', () => {
    const service = groupOf('a');
    for (let i = 0; i < 2; i++) assert.deepEqual(service.commit('a', []).refusals(), []);
    service.enter('b', 'c').after(BATCH_MS).commit('a', ['b', 'c']);
    assert.deepEqual(service.commit('c', []).refusals(), []);
    for (const name of ['a', 'b']) service.say('adopted', name);
    assert.deepEqual(service.commit('c', []).refusals(), ['delivery.not-asked']);
  });

  test('begins a new group where those who are left only commit for nobody', () => {
    const service = groupOf('a', 'b', 'c', 'd').enter('b', 'c', 'd');
    const { generation } = service.where();
    while (service.where().generation === generation && service.nowMs < 100_000) {
      service.after(200);
      if (service.state.task?.committer === id('a')) service.commit('a', []);
    }
    assert.equal(service.where().generation, generation + 1);
  });

  test('begins a new group where all who could commit are silent for long, and tells them', () => {
    const service = groupOf('a', 'b', 'c', 'd').enter('b', 'c', 'd');
    const { generation } = service.where();
    const waitedMs = () => service.nowMs - (service.state.waiting.get(id('b'))?.sinceMs ?? 0);
    while (service.where().generation === generation && waitedMs() < 100_000)
      service.after((service.wakeAtMs ?? service.nowMs + 1) - service.nowMs);
    assert.ok(waitedMs() >= hopelessAfterMs(4) && waitedMs() < hopelessAfterMs(4) + 2 * silentAfterMs(8));
    assert.deepEqual(service.effects[0]?.kind === 'refused' && service.effects[0].to, 'a');
    assert.deepEqual(service.refusals(), ['delivery.not-a-member']);
    assert.equal(service.kinds().at(-1), 'ask-create');
  });

  test('gives no group up because of fewer than are left in it, nor of who is new', () => {
    for (const names of [['c'], ['d', 'e', 'f']]) {
      const service = groupOf('a', 'b', 'c').enter(...names);
      const { generation } = service.where();
      while (service.nowMs < 100_000)
        service.after((service.wakeAtMs ?? Number.POSITIVE_INFINITY) - service.nowMs);
      assert.equal(service.where().generation, generation);
    }
  });

  test('gives no group up while one who could commit is at work', () => {
    const service = groupOf('a', 'b', 'c').enter('b', 'c').after(BATCH_MS);
    const { generation } = service.where();
    const waitedMs = () => service.nowMs - (service.state.waiting.get(id('b'))?.sinceMs ?? 0);
    while (waitedMs() < hopelessAfterMs(3) - 2_000) service.after((service.wakeAtMs ?? 0) - service.nowMs);
    for (let i = 0; i < 4; i++) service.say('working', 'a').after(silentAfterMs(3) - 1);
    assert.ok(waitedMs() > hopelessAfterMs(3));
    assert.equal(service.where().generation, generation);
    service.commit('a', ['b', 'c'], ['b', 'c']);
    assert.equal(service.state.members.size, 3);
  });

  test('replaces a committer that is silent, later in larger groups, and lets one that works go on for so long', () => {
    const service = groupOf('a', 'b', 'c').leave('c');
    const first = service.asked()[0]?.to;
    const silentMs = silentAfterMs(service.state.members.size);
    assert.equal(service.wakeAtMs, service.nowMs + silentMs);
    service.nowMs += silentMs - 1;
    service.say('working', String(first));
    assert.deepEqual(service.after(1).asked(), []);
    for (let i = 1; i < MAX_EXTENSIONS; i++) service.say('working', String(first));
    const dueAtMs = service.wakeAtMs;
    service.nowMs += 1;
    assert.equal(service.say('working', String(first)).wakeAtMs, dueAtMs, 'no more of it');
    service.after(silentMs - 1);
    assert.notEqual(service.asked()[0]?.to, first);
    assert.ok(silentAfterMs(500) > silentAfterMs(5));
  });

  test('takes no commit on top of one that most have not taken, unless they are silent', () => {
    const service = groupOf('a', 'b', 'c', 'd').enter('e').after(BATCH_MS).commit('a', ['e']).enter('f');
    assert.deepEqual(service.commit('a', ['f']).refusals(), ['delivery.unsettled']);
    service.say('adopted', 'b');
    assert.deepEqual(service.after(BATCH_MS).asked(), []);
    service.say('adopted', 'c');
    assert.deepEqual(service.asked()[0]?.add, ['f'], 'two of three');
    const silent = groupOf('a', 'b', 'c', 'd').enter('e').after(BATCH_MS).commit('a', ['e']).enter('f');
    assert.deepEqual(silent.after(silentAfterMs(5)).asked()[0]?.add, ['f']);
  });

  test('opens an epoch again that most refuse, and removes who does it twice', () => {
    const service = groupOf('a', 'b', 'c', 'd').enter('e').after(BATCH_MS);
    const before = service.where().epoch;
    service.commit('a', ['e']).reject('b');
    assert.deepEqual(service.kinds(), ['rejected'], 'one of three says so to all');
    service.reject('b');
    assert.equal(service.where().epoch, before + 1, 'and counts once');
    service.reject('c');
    assert.deepEqual(service.kinds(), ['rejected', 'reopened']);
    assert.equal(service.where().epoch, before);
    assert.deepEqual([...service.state.members.keys()], ['a', 'b', 'c', 'd']);
    assert.ok(service.state.waiting.has(id('e')));
    assert.notEqual(service.after(BATCH_MS).asked()[0]?.to, 'a');
    service.commit('a', ['e']).reject('b').reject('c');
    assert.ok(service.effects.some((effect) => effect.kind === 'expel' && effect.participant === 'a'));
    assert.deepEqual(service.asked()[0]?.remove, ['a']);
  });

  test('repairs again whom a commit repaired that does not count', () => {
    const service = groupOf('a', 'b', 'c', 'd').enter('d').after(BATCH_MS).commit('a', ['d'], ['d']);
    service.reject('b').reject('c').after(BATCH_MS);
    const [asked] = service.asked();
    assert.deepEqual([asked?.add, asked?.remove], [['d'], ['d']]);
  });

  test('has who waits come before who renews a path', () => {
    const service = groupOf('a').enter('b').after(BATCH_MS).commit('a', ['b']);
    assert.equal(service.after(PACE_MS).asked()[0]?.to, 'a');
    service.enter('c');
    assert.deepEqual(service.after(BATCH_MS).asked()[0]?.add, ['c']);
  });

  test('gives no turn to who renewed its path by a removal', () => {
    const service = groupOf('a').enter('b', 'c', 'd').after(BATCH_MS).commit('a', ['b', 'c', 'd']).leave('d');
    service.commit('a', [], ['d']).say('adopted', 'b').say('adopted', 'c');
    assert.equal(service.after(PACE_MS).asked()[0]?.to, 'b');
  });

  test('gives no turn to who renewed its path by a repair', () => {
    const service = groupOf('a').enter('b', 'c', 'd').after(BATCH_MS).commit('a', ['b', 'c', 'd']);
    service.say('adopted', 'b').say('adopted', 'c').enter('d').after(BATCH_MS).commit('b', ['d'], ['d']);
    assert.deepEqual(service.refusals(), []);
    const unfilled = [...service.state.members].filter(([, { isFilled }]) => !isFilled).map(([one]) => one);
    assert.deepEqual(unfilled, ['a', 'c', 'd']);
  });

  test('removes nobody who left while being added, was not, and came back', () => {
    const service = groupOf('a', 'b', 'c').enter('d').after(BATCH_MS).leave('d').leave('c').enter('d');
    service.commit('a', [], ['c']).say('adopted', 'b').after(BATCH_MS);
    assert.deepEqual(service.asked()[0]?.add, ['d']);
    service.commit('a', ['d']).say('adopted', 'b');
    assert.deepEqual(service.asked(), []);
    assert.ok(service.state.members.has(id('d')));
  });

  test('hears no rejection from who did not have to take the commit', () => {
    const service = groupOf('a', 'b', 'c').enter('d').after(BATCH_MS).commit('a', ['d']);
    for (const name of ['a', 'd', 'eve']) assert.deepEqual(service.reject(name).effects, []);
  });

  test('gives every member a turn to fill the tree, one at a time, and renews keys once an hour', () => {
    const service = groupOf('a').enter('b', 'c').after(BATCH_MS).commit('a', ['b', 'c']);
    assert.deepEqual(service.after(PACE_MS).asked(), [{ to: 'a', add: [], remove: [] }], 'who only added');
    service.commit('a', []).say('adopted', 'b').say('adopted', 'c');
    assert.deepEqual(service.after(PACE_MS).asked(), [{ to: 'b', add: [], remove: [] }]);
    service.commit('b', []).say('adopted', 'a').say('adopted', 'c');
    service.after(PACE_MS);
    assert.equal(service.asked()[0]?.to, 'c');
    service.after(silentAfterMs(3));
    assert.deepEqual(service.asked(), [], 'a turn that was missed is over');
    service.after(ROTATE_MS);
    assert.equal(service.asked().length, 1);
  });

  test('gives who missed commits what is kept, and sends away who missed more', () => {
    const service = groupOf('a', 'b');
    const { generation, epoch } = service.where();
    for (let i = 0; i < MAX_HISTORY; i++) service.turn('a').commit('a', []).say('adopted', 'b');
    service.feed({ kind: 'catch-up', from: id('b'), generation, epoch });
    const [caught] = service.effects;
    assert.ok(caught?.kind === 'caught-up');
    assert.equal(caught.missed.length, MAX_HISTORY);
    service.feed({ kind: 'catch-up', from: id('b'), generation, epoch: epoch - 1 });
    assert.deepEqual(service.refusals(), ['delivery.too-old']);
  });

  test('asks another member where a committer does not find somebody good, and believes two', () => {
    const service = groupOf('a', 'b', 'c').enter('d').after(BATCH_MS);
    const first = String(service.asked()[0]?.to);
    service.decline(first, 'd');
    const second = String(service.asked()[0]?.to);
    assert.notEqual(second, first);
    assert.deepEqual(service.asked()[0]?.add, ['d']);
    service.decline(second, 'd');
    assert.deepEqual(service.refusals(), ['delivery.declined']);
    assert.deepEqual(service.effects[0]?.kind === 'refused' && service.effects[0].to, 'd');
    assert.deepEqual(service.after(BATCH_MS).asked(), [], 'it is in the queue no longer');
    service.feed({ kind: 'enter', participant: id('d'), keyPackage: blob('another') }).after(BATCH_MS);
    assert.deepEqual(
      service.asked().map(({ add }) => add),
      [['d']],
    );
    assert.equal([first, second].includes(String(service.asked()[0]?.to)), false, 'the third is asked');
  });

  test('lets nobody be kept out by one member, nor by one who was not asked', () => {
    const service = groupOf('a', 'b', 'c').enter('d').after(BATCH_MS);
    const first = String(service.asked()[0]?.to);
    const other = first === 'a' ? 'b' : 'a';
    service.decline(other, 'd').decline('d', 'd').decline(first, 'nobody');
    assert.deepEqual([service.effects, service.state.task?.committer], [[], first]);
    service.decline(first, 'd');
    const second = String(service.asked()[0]?.to);
    service.decline(first, 'd');
    assert.equal(service.state.waiting.has(id('d')), true, 'it was asked once');
    service.commit(second, ['d']);
    assert.ok(service.state.members.has(id('d')));
  });

  test('adds the others beside one who is declined, and asks somebody else for that one', () => {
    const service = groupOf('a', 'b', 'c').enter('d', 'e').after(BATCH_MS);
    const first = String(service.asked()[0]?.to);
    service.decline(first, 'd');
    assert.equal(service.state.task?.committer, first, 'there is more to do');
    service.commit(first, ['e']);
    for (const name of ['a', 'b', 'c']) service.say('adopted', name);
    const { task } = service.state;
    assert.deepEqual([...(task?.add.keys() ?? [])], ['d']);
    assert.notEqual(task?.committer, first);
  });

  test('believes the only member there is at once, and begins nothing anew for the same key package', () => {
    const service = groupOf('a').enter('b').after(BATCH_MS).decline('a', 'b');
    assert.deepEqual(service.refusals(), ['delivery.declined']);
    const doubted = groupOf('a', 'b', 'c').enter('d').after(BATCH_MS);
    const first = String(doubted.asked()[0]?.to);
    doubted.decline(first, 'd');
    const second = String(doubted.asked()[0]?.to);
    doubted.enter('d').decline(second, 'd');
    assert.deepEqual(doubted.refusals(), ['delivery.declined']);
  });

  test('makes nobody wait longer because somebody enters again and again', () => {
    const service = groupOf('a').enter('b');
    for (let i = 0; i < 3; i++) {
      service.nowMs += BATCH_MS / 2;
      service.feed({ kind: 'enter', participant: id('b'), keyPackage: blob(`kp-${i}`) });
    }
    service.enter('c');
    assert.equal(service.state.task?.add.has(id('b')), true);
  });

  test('takes no commit that adds somebody without the tree to join by', () => {
    const service = groupOf('a').enter('b').after(BATCH_MS);
    service.feed({
      kind: 'commit',
      from: id('a'),
      ...service.where(),
      commit: blob('commit'),
      welcomes: new Map([[id('b'), blob('welcome')]]),
      removed: [],
      tree: undefined,
    });
    assert.deepEqual(service.refusals(), ['delivery.no-tree']);
  });

  test('begins a new group where the old one may not go on, and tells each member so', () => {
    const service = groupOf('a', 'b', 'c').enter('d').leave('c');
    const { generation } = service.where();
    service.feed({ kind: 'restart' });
    assert.deepEqual(service.refusals(), ['delivery.not-a-member', 'delivery.not-a-member']);
    assert.deepEqual(service.where(), { generation: generation + 1, epoch: 0 });
    assert.deepEqual(
      service.effects.flatMap((effect) => (effect.kind === 'ask-create' ? [effect.to] : [])),
      ['d'],
      'who waited goes on',
    );
    service.feed({ kind: 'created', from: id('d'), generation: generation + 1, epoch: 0 }).enter('a', 'b');
    assert.deepEqual(service.after(BATCH_MS).asked()[0]?.add, ['a', 'b']);
  });

  test('says which commit an answer is about, and which one is the newest', () => {
    const service = groupOf('a', 'b');
    const { epoch } = service.where();
    const about = () => service.effects.map((effect) => 'commit' in effect && effect.commit);
    service.turn('a').commit('a', []);
    assert.equal(about()[0], `by-a-${epoch}`);
    service.commit('b', [], [], { generation: 0, epoch });
    assert.equal(about()[0], `by-b-${epoch}`);
    service.feed({ kind: 'catch-up', from: id('b'), ...service.where() });
    assert.equal(service.effects[0]?.kind === 'caught-up' && service.effects[0].head, `by-a-${epoch}`);
  });

  test('tells everybody once that a member refuses a commit', () => {
    const service = groupOf('a', 'b', 'c', 'd').enter('e').after(BATCH_MS).commit('a', ['e']).reject('b');
    assert.deepEqual(service.reject('b').effects, []);
  });

  test('keeps no more bytes of old commits than it may, and the newest in any case', () => {
    const service = groupOf('a', 'b');
    const large = (bytes: number) =>
      service
        .turn('a')
        .feed({
          kind: 'commit',
          from: id('a'),
          ...service.where(),
          commit: { hash: 'large', bytes },
          welcomes: new Map(),
          removed: [],
          tree: undefined,
        })
        .say('adopted', 'b');
    for (let i = 0; i < 5; i++) large(MAX_HISTORY_BYTES / 4);
    assert.equal(service.state.history.length, 4);
    large(MAX_HISTORY_BYTES * 2);
    assert.equal(service.state.history.length, 1);
  });
});
