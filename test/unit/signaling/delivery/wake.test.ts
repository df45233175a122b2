import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asId, type ParticipantId } from '../../../../src/base/ids.ts';
import type { DeliveryInput } from '../../../../src/signaling/delivery/inputs.ts';
import { BATCH_MS, PACE_MS } from '../../../../src/signaling/delivery/limits.ts';
import { newDelivery } from '../../../../src/signaling/delivery/state.ts';
import { step } from '../../../../src/signaling/delivery/step.ts';

const [ada, ben, cora] = ['ada', 'ben', 'cora'].map((name) => asId<ParticipantId>(name)) as [
  ParticipantId,
  ParticipantId,
  ParticipantId,
];
const blob = { hash: 'a hash', bytes: 1 };
const enter = (participant: ParticipantId): DeliveryInput => ({
  kind: 'enter',
  participant,
  keyPackage: blob,
});

test('wakes for who waits while a member who is to renew its path is silent', () => {
  let last = step(newDelivery(0), enter(ada), 0);
  const feed = (input: DeliveryInput, nowMs: number) => {
    last = step(last.state, input, nowMs);
  };
  const from = { from: ada, generation: last.state.generation, epoch: 0 };
  feed({ kind: 'created', ...from }, 0);
  feed(enter(ben), 0);
  feed({ kind: 'tick' }, BATCH_MS);
  const commit = { commit: blob, welcomes: new Map([[ben, blob]]), removed: [], tree: blob };
  feed({ kind: 'commit', ...from, ...commit }, BATCH_MS);
  feed({ kind: 'tick' }, BATCH_MS + PACE_MS);
  assert.equal(last.state.task?.kind, 'update');
  const cameAtMs = BATCH_MS + PACE_MS + 10;
  feed(enter(cora), cameAtMs);
  assert.equal(last.wakeAtMs, cameAtMs + BATCH_MS);
  feed({ kind: 'tick' }, cameAtMs + BATCH_MS);
  assert.deepEqual([...(last.state.task?.add.keys() ?? [])], [cora]);
});
