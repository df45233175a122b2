import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asId, type ParticipantId } from '../../../src/base/ids.ts';
import { ok, type Result, refuse } from '../../../src/base/result.ts';
import { Admission } from '../../../src/client/admission.ts';
import type { Shown } from '../../../src/client/people/credentials.ts';
import { Roster } from '../../../src/client/roster.ts';
import type { StoreEvent } from '../../../src/client/store/reduce.ts';
import type { RosterEntry } from '../../../src/signaling/protocol/messages.ts';
import type { StatementDigest } from '../../../src/trust/statement/statement.ts';
import { announcementOf, CREDENTIALS } from '../../support/hollow-entry.ts';
import { ALICE, NOW } from '../../support/people.ts';

const ADMITTED = { ...ALICE, charter: asId<StatementDigest>('digest'), untilUnixMs: NOW };
/** What is in it is the judge's business, and this one looks at nothing. */
const SHOWN = {} as Shown;

const entryOf = (name: string, number = 1): RosterEntry => ({
  participant: asId<ParticipantId>(name),
  announcement: announcementOf(number),
  credentials: CREDENTIALS,
});

/** A judge whose looking takes as long as the test wants. */
const newStage = () => {
  const openings: PromiseWithResolvers<Result<Shown>>[] = [];
  const kept: string[] = [];
  const events: StoreEvent[] = [];
  const roster = new Roster();
  const admission = new Admission({
    roster,
    isPresent: () => true,
    dispatch: (event) => events.push(event),
    onAdmitted() {},
    company: {
      open() {
        const opening = Promise.withResolvers<Result<Shown>>();
        openings.push(opening);
        return opening.promise;
      },
      judge: () => ok(ADMITTED),
      keep: (participant) => kept.push(participant),
    },
  });
  return { admission, roster, openings, kept, events };
};

describe('admission by certificate', () => {
  it('follows the order of the list, whoever was looked at first', async () => {
    const { admission, openings, kept } = newStage();
    const done = admission.admitAll([entryOf('ada', 1), entryOf('bob', 2), entryOf('cat', 3)]);
    for (const opening of openings.toReversed()) opening.resolve(ok(SHOWN));
    await done;
    assert.deepEqual(kept, ['ada', 'bob', 'cat']);
  });

  it('lets nobody into a later join than the one that named him', async () => {
    const { admission, roster, openings, kept, events } = newStage();
    const done = admission.admit(entryOf('ada'));
    admission.startJoin();
    openings[0]?.resolve(ok(SHOWN));
    await done;
    assert.deepEqual([kept, events, roster.find(asId('ada'))], [[], [], undefined]);
  });

  it('leaves somebody alone who is in, whatever the relay shows of him later', async () => {
    const { admission, roster, openings, events } = newStage();
    const entry = entryOf('ada');
    const first = admission.admit(entry);
    openings[0]?.resolve(ok(SHOWN));
    await first;
    const second = admission.admit(entry);
    openings[1]?.resolve(refuse('statement.not-authentic', 'forged'));
    await second;
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['verified'],
    );
    assert.equal(roster.find(entry.participant)?.person, ALICE.person);
  });
});
