import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { asId, type ParticipantId } from '../../../src/base/ids.ts';
import { Roster } from '../../../src/client/roster.ts';
import type { DeviceNames } from '../../../src/trust/devices/ids.ts';
import { announcementOf } from '../../support/hollow-entry.ts';
import { device, person } from '../../support/people.ts';

const ADA = asId<ParticipantId>('ada');
const BOB = asId<ParticipantId>('bob');
const namesOf = (name: string): DeviceNames => ({ person: person(name), device: device(`${name}-1`) });
const SELF = { participant: asId<ParticipantId>('self'), number: 1, name: 'Self', ...namesOf('self') };

describe('the roster', () => {
  let roster: Roster;

  beforeEach(() => {
    roster = new Roster();
    roster.startAs(SELF);
  });

  const codeOf = (participant: ParticipantId, number: number) => {
    const admitted = roster.admit(
      { participant, announcement: announcementOf(number) },
      namesOf(participant),
    );
    return admitted.ok ? 'ok' : admitted.refusal.code;
  };

  it('calls somebody by the certificate, from admission to leaving', () => {
    const names = namesOf('ada');
    const known = { participant: ADA, number: 7, name: names.person, ...names };
    assert.deepEqual(roster.admit({ participant: ADA, announcement: announcementOf(7) }, names), {
      ok: true,
      value: known,
    });
    assert.deepEqual(roster.find(ADA), known);
    roster.remove(ADA);
    assert.equal(roster.find(ADA), undefined);
    roster.remove(ADA);
  });

  it('knows nobody at a fresh join', () => {
    assert.equal(codeOf(ADA, 7), 'ok');
    roster.startAs(SELF);
    assert.equal(roster.find(ADA), undefined);
    assert.equal(codeOf(BOB, 7), 'ok');
  });

  it('keeps the first of two with one number, until that one leaves', () => {
    assert.equal(codeOf(ADA, 7), 'ok');
    assert.equal(codeOf(BOB, 7), 'roster.number-taken');
    assert.equal(codeOf(ADA, 8), 'roster.known');
    assert.equal(codeOf(SELF.participant, 8), 'roster.known');
    assert.equal(codeOf(BOB, SELF.number), 'roster.number-taken');
    roster.remove(BOB);
    assert.equal(codeOf(BOB, 7), 'roster.number-taken');
    roster.remove(ADA);
    assert.equal(codeOf(BOB, 7), 'ok');
  });
});
