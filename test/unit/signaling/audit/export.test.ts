import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asId, type MeetingId, type ParticipantId, type SessionId } from '../../../../src/base/ids.ts';
import type { AuditEntry } from '../../../../src/signaling/audit/entry.ts';
import { EXPORT_ALLOWED_DAYS, ExportJudge } from '../../../../src/signaling/audit/export.ts';
import type { OrderKind } from '../../../../src/trust/acts/act.ts';
import { SECOND_WITHIN_MS } from '../../../../src/trust/acts/rules.ts';
import type { DeviceId } from '../../../../src/trust/devices/ids.ts';
import { person } from '../../../support/people.ts';

const meeting = asId<MeetingId>('m');
const marking = { scale: 's', level: 'secret', groups: [] };
const session = (name: string) => asId<SessionId>(name);
const DAY_MS = 86_400_000;

const act = (order: OrderKind, by: string, change: object = {}): AuditEntry => ({
  kind: 'act',
  meeting,
  order,
  allowed: true,
  rule: 'acts',
  by: session(by),
  on: [],
  marking,
  twoPersons: true,
  ...change,
});
const allowedBy = (...by: string[]): AuditEntry => ({
  kind: 'export-allowed',
  meeting,
  by: by.map(session),
  marking,
  twoPersons: true,
});

/** Each entry at its own time; judged at the time of the last one, or later. */
const judged = (entries: readonly (readonly [number, AuditEntry])[], laterMs = 0): string | undefined => {
  const judge = new ExportJudge();
  for (const [n, [atUnixMs, content]] of entries.entries()) judge.take({ n, atUnixMs, content });
  return judge.whyNot(meeting, (entries.at(-1)?.[0] ?? 0) + laterMs)?.code;
};
const asked = [0, act('allow-export', 'a')] as const;

describe('whether a meeting may be exported', () => {
  it('is free where its marking asks for one person', () => {
    assert.equal(judged([[0, act('lock', 'a', { twoPersons: false })]]), undefined);
    assert.equal(judged([[0, { kind: 'meeting-opened', meeting }]]), undefined);
  });

  it('is refused where the marking asked for two people at any moment, or nobody said how many', () => {
    const free = act('lock', 'a', { twoPersons: false });
    assert.equal(
      judged([
        [0, act('lock', 'a')],
        [1, free],
      ]),
      'export.not-allowed',
    );
    const { twoPersons: _, ...silent } = act('lock', 'a') as AuditEntry & { twoPersons: boolean };
    assert.equal(judged([[0, silent as AuditEntry]]), 'export.not-allowed');
  });

  it('holds by two, and by nobody else than who ordered it and another one', () => {
    assert.equal(judged([asked, [1, allowedBy('a', 'b')]]), undefined);
    assert.equal(judged([asked]), 'export.not-allowed');
    assert.equal(judged([asked, [1, allowedBy('a')]]), 'export.not-allowed');
    assert.equal(judged([asked, [1, allowedBy('a', 'a')]]), 'export.not-allowed');
    assert.equal(judged([asked, [1, allowedBy('c', 'b')]]), 'export.not-allowed');
    assert.equal(
      judged([
        [0, act('allow-export', 'a', { allowed: false })],
        [1, allowedBy('a', 'b')],
      ]),
      'export.not-allowed',
    );
  });

  it('knows who came anew, and who is twice the same', () => {
    const is = (name: string, who: string): AuditEntry => ({
      kind: 'identified',
      meeting,
      session: session(name),
      participant: asId<ParticipantId>(`of ${name}`),
      person: person(who),
      device: asId<DeviceId>(`of ${who}`),
    });
    const known = [is('a', 'ada'), is('a2', 'ada'), is('b', 'bob')].map((entry) => [0, entry] as const);
    assert.equal(judged([...known, asked, [1, allowedBy('a2', 'b')]]), undefined);
    assert.equal(judged([...known, asked, [1, allowedBy('a', 'a2')]]), 'export.not-allowed');
    assert.equal(judged([...known, asked, [1, allowedBy('b', 'a')]]), 'export.not-allowed');
  });

  it('holds within five minutes', () => {
    assert.equal(judged([asked, [SECOND_WITHIN_MS, allowedBy('a', 'b')]]), undefined);
    assert.equal(judged([asked, [SECOND_WITHIN_MS + 1, allowedBy('a', 'b')]]), 'export.not-allowed');
  });

  it('ends after its term, and with a marking that rises; a new one holds again', () => {
    const allowed = [asked, [1, allowedBy('a', 'b')]] as const;
    assert.equal(judged(allowed, EXPORT_ALLOWED_DAYS * DAY_MS - 1), undefined);
    assert.equal(judged(allowed, EXPORT_ALLOWED_DAYS * DAY_MS), 'export.over');
    const raised = [...allowed, [2, act('raise-marking', 'a')]] as const;
    assert.equal(judged(raised), 'export.not-allowed');
    assert.equal(judged([...raised, [3, act('allow-export', 'a')], [4, allowedBy('a', 'b')]]), undefined);
    assert.equal(judged([...allowed, [2, act('raise-marking', 'a', { allowed: false })]]), undefined);
  });
});
