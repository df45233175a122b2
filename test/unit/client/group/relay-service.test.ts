import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asId, type ParticipantId } from '../../../../src/base/ids.ts';
import { type Result, refuse } from '../../../../src/base/result.ts';
import { RelayService } from '../../../../src/client/group/relay-service.ts';
import type { GroupHeard, GroupSaid } from '../../../../src/client/group/service.ts';
import { fromWire, toWire, type WireSeatHeard } from '../../../../src/client/group/wire.ts';
import type { Ask } from '../../../../src/client/media-session.ts';
import { groupHeard, groupSaid } from '../../../../src/signaling/protocol/group-schemas.ts';
import { settle } from '../../../support/until.ts';

const ADA = asId<ParticipantId>('ada');
const HASH = 'h'.repeat(43);
const blob = { hash: HASH, bytes: 9 };
const where = { generation: 1, epoch: 4 };

const SAID: readonly GroupSaid[] = [
  { kind: 'enter', keyPackage: blob },
  { kind: 'created', ...where },
  { kind: 'commit', ...where, commit: blob, welcomes: new Map([[ADA, blob]]), removed: [ADA], tree: blob },
  { kind: 'commit', ...where, commit: blob, welcomes: new Map(), removed: [], tree: undefined },
  { kind: 'working', ...where },
  { kind: 'adopted', ...where },
  { kind: 'reject', ...where, reason: 'signed' },
  { kind: 'decline', ...where, participant: ADA },
  { kind: 'renew', ...where },
  { kind: 'catch-up', ...where },
  { kind: 'ready', ...where, digest: HASH, leaf: 3 },
];

const newService = (answer: Result<Record<string, never>>) => {
  const heard: GroupHeard[] = [];
  const asked: unknown[] = [];
  const ask = (async (_kind: string, fields: unknown) => {
    asked.push(fields);
    return answer;
  }) as Ask;
  const nowhere = () => Promise.reject(new Error('no blobs here'));
  const service = new RelayService({
    ask,
    blobs: { put: nowhere, get: nowhere },
    place: { url: 'https://relay.example/v1/meetings/m/blobs', token: 'token' },
    hear: (message) => heard.push(message),
  });
  return { service, heard, asked };
};

describe('a group’s words on the wire', () => {
  it('are what the protocol takes, every one of them', () => {
    for (const said of SAID) assert.deepEqual(groupSaid.parse(toWire(said)), toWire(said), said.kind);
    assert.deepEqual(
      new Set([...SAID.map(({ kind }) => kind), 'heartbeat', 'card', 'title']),
      new Set(groupSaid.options.map(({ shape }) => shape.kind.value)),
    );
  });

  it('come in as the seat knows them', () => {
    const asked = groupHeard.parse({
      kind: 'ask-commit',
      ...where,
      add: [{ participant: ADA, blob }],
      remove: [ADA],
    });
    assert.ok(asked.kind === 'ask-commit');
    assert.deepEqual(fromWire(asked), {
      kind: 'ask-commit',
      ...where,
      add: new Map([[ADA, blob]]),
      remove: [ADA],
    });
    const refused: WireSeatHeard = {
      kind: 'refused',
      code: 'delivery.stale',
      message: 'late',
      missed: [],
      commit: HASH,
    };
    assert.deepEqual(fromWire(refused), {
      kind: 'refused',
      refusal: { code: 'delivery.stale', message: 'late' },
      missed: [],
      commit: HASH,
    });
  });
});

describe('the relay as a group’s service', () => {
  const catchUp = { kind: 'catch-up', ...where } as const;

  it('refuses a member that it does not know by the answer to what was said', async () => {
    const { service, heard, asked } = newService(refuse('group.not-a-member', 'not in this group'));
    service.say(catchUp);
    await settle();
    assert.deepEqual(asked, [{ said: catchUp }]);
    const refusal = { code: 'group.not-a-member', message: 'not in this group' };
    assert.deepEqual(heard, [{ kind: 'refused', refusal, missed: [], commit: undefined }]);
  });

  it('says nothing of the group where the connection is lost', async () => {
    const { service, heard } = newService(refuse('session.lost', 'gone'));
    service.say(catchUp);
    await settle();
    assert.deepEqual(heard, []);
  });

  it('is neither spoken to nor heard once the join is over', async () => {
    const { service, heard, asked } = newService(refuse('group.not-a-member', 'not in this group'));
    service.say(catchUp);
    service.end();
    service.say(catchUp);
    service.hear({ kind: 'caught-up', missed: [] });
    await settle();
    assert.deepEqual([asked.length, heard], [1, []]);
  });
});
