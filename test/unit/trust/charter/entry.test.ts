import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { toBase64Url } from '../../../../src/base/bytes.ts';
import { asId, type MeetingId } from '../../../../src/base/ids.ts';
import { SUITE_NAMES } from '../../../../src/e2ee/mls/suites.ts';
import { CHARTER, type Charter, SUITES } from '../../../../src/trust/charter/charter.ts';
import { type EntryCode, type EntryQuestion, judgeEntry } from '../../../../src/trust/charter/entry.ts';
import type { DeviceNames } from '../../../../src/trust/devices/ids.ts';
import { DAY_MS } from '../../../../src/trust/hosts/validity.ts';
import { CLEARANCE, type Clearance } from '../../../../src/trust/markings/clearance.ts';
import type { Scale } from '../../../../src/trust/markings/scale.ts';
import {
  judgeRevocation,
  LIST_VALID_MS,
  REVOCATION,
  type RevocationList,
} from '../../../../src/trust/revocation/list.ts';
import { openCharter } from '../../../../src/trust/signing/charter.ts';
import { judgeDeviceCertificate } from '../../../../src/trust/signing/people-certificate.ts';
import { signStatement } from '../../../../src/trust/signing/statement.ts';
import { openOfficeStatement } from '../../../../src/trust/signing/vouched.ts';
import {
  ALICE,
  codeOf,
  device,
  granted,
  makePeople,
  NOW,
  type People,
  person,
  type Signer,
} from '../../../support/people.ts';

const BOB: DeviceNames = { person: person('bob'), device: device('bob-1') };
const named = (id: string) => ({ id, names: { en: id } });
const SCALE: Scale = {
  scale: 'sample',
  languages: ['en'],
  levels: ['low', 'middle', 'high'].map((id) => ({ ...named(id), marking: id })),
  groups: ['north', 'south'].map(named),
};
const CHARTER_OF_BOB: Charter = {
  meeting: asId<MeetingId>(toBase64Url(new Uint8Array(16).fill(7))),
  convener: BOB.device,
  marking: { scale: 'sample', level: 'middle', groups: ['north'] },
  suite: 'x-wing',
  admission: { kind: 'roster', persons: [BOB.person, ALICE.person] },
  chair: BOB.person,
  deputies: [ALICE.person],
  opensByItself: false,
  grants: ['microphone'],
};
const LIST: RevocationList = {
  number: 3,
  issuedUnixMs: NOW,
  untilUnixMs: NOW + LIST_VALID_MS,
  persons: [],
  devices: [],
  clearances: [],
};
const CLEARED: Clearance = {
  person: ALICE.person,
  label: { scale: 'sample', level: 'high', groups: ['north'] },
  fromUnixMs: NOW,
  untilUnixMs: NOW + 100 * DAY_MS,
};

describe('a charter', () => {
  let people: People;
  let bob: Signer;
  const judge = () => ({ root: people.root, nowUnixMs: NOW });
  const signed = async (charter: Charter, { certificate, signing }: Signer) =>
    openCharter({ certificate, statement: await signStatement(CHARTER, charter, signing) }, judge());

  before(async () => {
    people = await makePeople();
    bob = await people.device(BOB);
  });

  it('is signed by the device that convenes, under any certificate of it', async () => {
    const first = granted(await signed(CHARTER_OF_BOB, bob));
    assert.deepEqual(first.opened.value, CHARTER_OF_BOB);
    assert.equal(first.by.person, 'bob');
    const renewed = await people.device(BOB);
    const second = granted(await signed(CHARTER_OF_BOB, renewed));
    assert.equal(second.opened.digest, first.opened.digest, 'the same charter, whatever the key');
  });

  it('is refused of another device than it names, of an office, and of a stranger', async () => {
    const alice = await people.device(ALICE);
    const office = await people.office('clearance');
    const stranger = await (await makePeople()).device(BOB);
    assert.equal(codeOf(await signed(CHARTER_OF_BOB, alice)), 'charter.other-convener');
    assert.equal(codeOf(await signed(CHARTER_OF_BOB, office)), 'certificate.role');
    assert.equal(codeOf(await signed(CHARTER_OF_BOB, stranger)), 'certificate.other-root');
  });

  it('has another digest with any other word', async () => {
    const digestOf = async (changes: Partial<Charter>) =>
      granted(await signed({ ...CHARTER_OF_BOB, ...changes }, bob)).opened.digest;
    const changes: readonly Partial<Charter>[] = [
      {},
      { meeting: asId<MeetingId>(toBase64Url(new Uint8Array(16).fill(8))) },
      { marking: { ...CHARTER_OF_BOB.marking, level: 'low' } },
      { marking: { ...CHARTER_OF_BOB.marking, groups: [] } },
      { suite: 'p-384' },
      { admission: { kind: 'cleared' } },
      { chair: ALICE.person, deputies: [BOB.person] },
      { deputies: [] },
      { opensByItself: true },
      { grants: [] },
      { grants: ['microphone', 'camera'] },
    ];
    const digests = await Promise.all(changes.map(digestOf));
    assert.equal(new Set(digests).size, changes.length);
  });

  it('is refused where it makes no sense', () => {
    const wrong: readonly object[] = [
      { meeting: 'AAAA' },
      { suite: 'none' },
      { chair: person('carol') },
      { deputies: [BOB.person] },
      { deputies: [ALICE.person, ALICE.person] },
      { deputies: [person('carol')] },
      { admission: { kind: 'roster', persons: [] } },
      { admission: { kind: 'everybody' } },
      { admission: { kind: 'cleared', persons: [] } },
      { opensByItself: 'yes' },
      { grants: ['microphone', 'microphone'] },
      { grants: ['everything'] },
      { recorded: true },
    ];
    for (const changes of wrong)
      assert.ok(
        !CHARTER.schema.safeParse({ ...CHARTER_OF_BOB, ...changes }).success,
        JSON.stringify(changes),
      );
    const { chair: _, ...headless } = CHARTER_OF_BOB;
    assert.ok(!CHARTER.schema.safeParse(headless).success);
    const { grants: __, ...silent } = CHARTER_OF_BOB;
    assert.ok(!CHARTER.schema.safeParse(silent).success, 'what members may send is said');
  });

  it('names the suites that groups have', () => {
    assert.deepEqual([...SUITES].sort(), Object.keys(SUITE_NAMES).sort());
  });
});

describe('entry', () => {
  let question: EntryQuestion;

  before(async () => {
    const people = await makePeople();
    const judge = { root: people.root, nowUnixMs: NOW };
    const [alice, bob] = [await people.device(ALICE), await people.device(BOB)];
    const [revocation, clearance] = [await people.office('revocation'), await people.office('clearance')];
    const list = await openOfficeStatement(
      REVOCATION,
      'revocation',
      { ...revocation, statement: await signStatement(REVOCATION, LIST, revocation.signing) },
      judge,
    );
    const cleared = await openOfficeStatement(
      CLEARANCE,
      'clearance',
      { ...clearance, statement: await signStatement(CLEARANCE, CLEARED, clearance.signing) },
      judge,
    );
    const statement = await signStatement(CHARTER, CHARTER_OF_BOB, bob.signing);
    question = {
      certificate: granted(await judgeDeviceCertificate(alice.certificate, people.root, NOW)),
      revocation: granted(judgeRevocation(granted(list), undefined, NOW)),
      clearance: granted(cleared),
      charter: granted(await openCharter({ ...bob, statement }, judge)),
      scale: SCALE,
      nowUnixMs: NOW,
    };
  });

  it('is judged by the marking in force and with those who were called in since', () => {
    const marking = (level: string, ...groups: string[]) => ({ scale: 'sample', level, groups });
    const judged = (of: EntryQuestion, level: string, groups: string[], ...invited: string[]) =>
      codeOf(
        judgeEntry({
          ...of,
          standing: { marking: marking(level, ...groups), invited: new Set(invited.map(person)) },
        }),
      );
    assert.equal(judged(question, 'high', ['north']), 'ok');
    assert.equal(judged(question, 'high', ['north', 'south']), 'entry.not-cleared');
    assert.equal(judged(question, 'cosmic', []), 'entry.unknown-marking');
    const elsewhere = withCharter({ admission: { kind: 'roster', persons: [BOB.person] } });
    assert.equal(judged(elsewhere, 'low', []), 'entry.not-admitted');
    assert.equal(judged(elsewhere, 'low', [], ALICE.person), 'ok');
    const low = withClearance(levelOf('low'));
    assert.equal(codeOf(judgeEntry(low)), 'entry.not-cleared');
    assert.equal(judged(low, 'low', []), 'ok');
  });

  /** `question` with other parts. */
  const withList = (changes: Partial<RevocationList>): EntryQuestion => {
    const { revocation } = question;
    assert.ok(revocation);
    return { ...question, revocation: { ...revocation, list: { ...revocation.list, ...changes } } };
  };
  const withCharter = (changes: Partial<Charter>): EntryQuestion => {
    const { charter } = question;
    assert.ok(charter);
    const opened = { ...charter.opened, value: { ...charter.opened.value, ...changes } };
    return { ...question, charter: { ...charter, opened } };
  };
  const withClearance = (changes: Partial<Clearance>): EntryQuestion => {
    const { clearance } = question;
    assert.ok(clearance);
    return { ...question, clearance: { ...clearance, value: { ...clearance.value, ...changes } } };
  };
  const withValidity = (of: 'certificate' | 'convener', untilUnixMs: number): EntryQuestion => {
    const { certificate, charter } = question;
    assert.ok(certificate && charter);
    const validity = { fromUnixMs: NOW - DAY_MS, untilUnixMs };
    return of === 'certificate'
      ? { ...question, certificate: { ...certificate, validity } }
      : { ...question, charter: { ...charter, by: { ...charter.by, validity } } };
  };
  const levelOf = (level: string, ...groups: string[]) => ({ label: { scale: 'sample', level, groups } });

  it('is open where every precondition holds, until the first of them ends', () => {
    const admitted = granted(judgeEntry(question));
    assert.equal(admitted.person, 'alice');
    assert.equal(admitted.device, 'alice-1');
    assert.equal(admitted.charter, question.charter?.opened.digest);
    assert.equal(admitted.untilUnixMs, NOW + LIST_VALID_MS);
    for (const one of [
      withValidity('certificate', NOW + 5),
      withValidity('convener', NOW + 5),
      withList({ untilUnixMs: NOW + 5 }),
      withClearance({ untilUnixMs: NOW + 5 }),
    ])
      assert.equal(granted(judgeEntry(one)).untilUnixMs, NOW + 5);
  });

  it('is closed with any one precondition gone, and says which', () => {
    const cases: readonly (readonly [EntryCode, () => EntryQuestion])[] = [
      ['entry.no-certificate', () => ({ ...question, certificate: undefined })],
      ['entry.certificate-over', () => withValidity('certificate', NOW - 1)],
      ['entry.no-list', () => ({ ...question, revocation: undefined })],
      ['entry.list-expired', () => withList({ untilUnixMs: NOW })],
      ['entry.revoked', () => withList({ persons: [ALICE.person] })],
      ['entry.revoked', () => withList({ devices: [ALICE.device] })],
      ['entry.no-charter', () => ({ ...question, charter: undefined })],
      ['entry.convener-over', () => withValidity('convener', NOW - 1)],
      ['entry.convener-revoked', () => withList({ persons: [BOB.person] })],
      ['entry.convener-revoked', () => withList({ devices: [BOB.device] })],
      ['entry.not-admitted', () => withCharter({ admission: { kind: 'roster', persons: [BOB.person] } })],
      ['entry.no-clearance', () => ({ ...question, clearance: undefined })],
      ['entry.clearance-not-good', () => withClearance({ person: BOB.person })],
      ['entry.unknown-marking', () => withCharter({ marking: { scale: 'other', level: 'low', groups: [] } })],
      ['entry.not-cleared', () => withClearance(levelOf('low', 'north'))],
      ['entry.not-cleared', () => withClearance(levelOf('high', 'south'))],
    ];
    for (const [code, changed] of cases) assert.equal(codeOf(judgeEntry(changed())), code);
  });

  it('says why a clearance is not good', () => {
    const becauseOf = (changed: EntryQuestion): string | undefined => {
      const judged = judgeEntry(changed);
      return judged.ok ? undefined : judged.refusal.because;
    };
    assert.equal(becauseOf(withClearance({ person: BOB.person })), 'clearance.other-person');
    assert.equal(becauseOf(withClearance({ untilUnixMs: NOW })), 'clearance.expired');
    assert.equal(becauseOf(withClearance(levelOf('higher'))), 'label.unknown-level');
    const digest = question.clearance?.digest ?? '';
    assert.equal(becauseOf(withList({ clearances: [digest] })), 'clearance.revoked');
    assert.equal(becauseOf({ ...question, charter: undefined }), undefined);
  });

  it('by rule admits whoever is cleared, and nobody else', () => {
    const open = withCharter({ admission: { kind: 'cleared' } });
    assert.equal(codeOf(judgeEntry(open)), 'ok');
    const { clearance } = withClearance(levelOf('low', 'north'));
    assert.equal(codeOf(judgeEntry({ ...open, clearance })), 'entry.not-cleared');
    assert.equal(codeOf(judgeEntry({ ...open, clearance: undefined })), 'entry.no-clearance');
  });

  it('by name admits nobody without a clearance', () => {
    assert.equal(codeOf(judgeEntry({ ...question, clearance: undefined })), 'entry.no-clearance');
  });
});
