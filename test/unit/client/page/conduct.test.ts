import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asId, type ParticipantId } from '../../../../src/base/ids.ts';
import { conductChangesAtUnixMs, conductFacts } from '../../../../src/client/page/conduct.ts';
import { typedPersons } from '../../../../src/client/page/typed-persons.ts';
import {
  INITIAL_STATE,
  type MeetingState,
  type VerifiedParticipant,
} from '../../../../src/client/store/state.ts';
import type { DeviceId } from '../../../../src/trust/devices/ids.ts';
import { rankOf } from '../../../../src/trust/markings/label.ts';
import { ALL, marking, PlayedMeeting, SCALE, who, whom } from '../../../support/acts.ts';
import { verifiedOf } from '../../../support/hollow-entry.ts';
import { granted, NOW } from '../../../support/people.ts';

const shown = (id: string, number: number, name: string, person: string): VerifiedParticipant => ({
  ...verifiedOf(person, number),
  participant: asId(id),
  name,
});

/** As `name` sees what was played. */
const seenBy = (name: string, played: PlayedMeeting): MeetingState => ({
  ...INITIAL_STATE,
  conducted: played.state,
  self: shown('own', 1, name.toUpperCase(), name),
  participants: new Map([[asId<ParticipantId>('p'), shown('p', 2, 'Bob B.', 'bob')]]),
  atDoor: new Map([[who('zoe'), asId<DeviceId>('zoe-1')]]),
});
const factsOf = (name: string, played: PlayedMeeting) => {
  const facts = conductFacts(seenBy(name, played), played.nowUnixMs);
  assert.ok(facts);
  return facts;
};

describe('how a meeting is conducted, as a person sees it', () => {
  it('is nothing before one is in', () => {
    assert.equal(conductFacts(INITIAL_STATE, NOW), undefined);
  });

  it('names people as they call themselves, else as the authority does', () => {
    const played = new PlayedMeeting().fact('arrived', 'ada', 'bob', 'dep', 'zoe');
    const { people, waiting, chair } = factsOf('ada', played);
    assert.deepEqual([people.map(({ name }) => name), chair], [['ADA', 'Bob B.', 'dep'], 'ADA']);
    assert.deepEqual(waiting, [{ person: 'zoe', device: 'zoe-1' }]);
  });

  it('says who may do what, and in which order hands were raised', () => {
    const played = new PlayedMeeting().fact('arrived', 'ada', 'bob', 'dep');
    played.order('dep', { kind: 'raise-hand' });
    played.order('bob', { kind: 'raise-hand' });
    played.order('ada', { kind: 'grant', whom: whom('bob'), sources: ['screen'] });
    played.order('ada', { kind: 'set-role', person: who('dep'), role: 'observer' });
    const facts = factsOf('bob', played);
    assert.deepEqual(
      [facts.isChair, facts.isLeader, facts.hand, facts.maySend.has('screen')],
      [false, false, 2, true],
    );
    const [, bob, dep] = facts.people;
    assert.deepEqual(
      [bob?.maySend.has('screen'), dep?.isObserver, dep?.isDeputy, dep?.hand],
      [true, true, true, 1],
    );
    assert.deepEqual([...factsOf('dep', played).maySend], []);
  });

  it('names who is beside a room’s device, and says whether the chair has confirmed them', () => {
    const played = new PlayedMeeting().fact('arrived', 'ada', 'bob', 'dep');
    const persons = [who('bob'), who('aide')];
    const besideDep = () => {
      const dep = factsOf('ada', played).people.find(({ person }) => person === 'dep');
      return [dep?.beside, dep?.isBesideConfirmed];
    };
    assert.deepEqual(besideDep(), [[], false]);
    played.order('dep', { kind: 'declare-beside', persons });
    const named = [
      { person: 'bob', name: 'Bob B.' },
      { person: 'aide', name: 'aide' },
    ];
    assert.deepEqual(besideDep(), [named, false]);
    played.order('ada', { kind: 'confirm-beside', room: who('dep'), persons });
    assert.deepEqual(besideDep(), [named, true]);
  });

  it('lets the next deputy take the chair once it was away for long enough, and says when to look again', () => {
    const played = new PlayedMeeting().fact('arrived', 'ada', 'dep', 'dup').fact('left', 'ada');
    assert.equal(factsOf('dep', played).mayTakeChair, false);
    const atUnixMs = conductChangesAtUnixMs(seenBy('dep', played));
    assert.equal(atUnixMs, NOW + 30_000);
    played.nowUnixMs = NOW + 30_000;
    assert.deepEqual(
      [factsOf('dep', played).mayTakeChair, factsOf('dup', played).mayTakeChair],
      [true, false],
    );
  });

  it('asks another leader, and nobody else, to agree to an order of two', () => {
    const played = new PlayedMeeting({}, -1).fact('arrived', 'ada', 'dep', 'bob');
    played.order('ada', { kind: 'lower-marking', marking: marking('restricted') });
    const asked = (name: string) => factsOf(name, played).pending.map(({ mayAgree }) => mayAgree);
    assert.deepEqual([asked('ada'), asked('dep'), asked('bob')], [[false], [true], [false]]);
    played.nowUnixMs = NOW + 300_000;
    assert.deepEqual(asked('dep'), []);
  });

  it('offers the markings above and below the one in force', () => {
    const { higher, lower } = factsOf('ada', new PlayedMeeting().fact('arrived', 'ada'));
    assert.deepEqual(
      higher.map(({ label }) => label.level),
      ['secret', 'top-secret'],
    );
    assert.deepEqual(
      lower.map(({ text }) => text),
      ['RESTREINT/BEPERKT'],
    );
  });

  it('offers no marking above the own clearance', () => {
    const played = new PlayedMeeting().fact('arrived', 'ada');
    const cleared = granted(rankOf(marking('secret'), SCALE));
    const facts = conductFacts({ ...seenBy('ada', played), cleared }, played.nowUnixMs);
    assert.deepEqual(
      facts?.higher.map(({ label }) => label.level),
      ['secret'],
    );
  });

  it('is told of all who wait, whom the chair may let in at once', () => {
    const played = new PlayedMeeting().fact('arrived', 'ada', 'zoe', 'max');
    assert.equal(factsOf('ada', played).waiting.length, 2);
    played.order('ada', { kind: 'admit', whom: ALL });
    assert.equal(factsOf('ada', played).waiting.length, 0);
  });
});

describe('ids as somebody types them', () => {
  it('are apart by spaces or commas, each once', () => {
    assert.deepEqual(typedPersons(' ada, bob;ada\n dep '), ['ada', 'bob', 'dep']);
    assert.deepEqual(typedPersons(''), []);
    assert.equal(typedPersons('ada, b.o.b'), undefined);
  });
});
