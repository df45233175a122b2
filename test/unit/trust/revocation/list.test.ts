import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { DAY_MS } from '../../../../src/trust/hosts/validity.ts';
import {
  isClearanceRevoked,
  isRevoked,
  judgeRevocation,
  LIST_VALID_MS,
  MAX_ENTRIES,
  REVOCATION,
  type RevocationList,
} from '../../../../src/trust/revocation/list.ts';
import { signStatement } from '../../../../src/trust/signing/statement.ts';
import { openOfficeStatement } from '../../../../src/trust/signing/vouched.ts';
import type { Opened, StatementDigest } from '../../../../src/trust/statement/statement.ts';
import {
  ALICE,
  codeOf,
  device,
  granted,
  makePeople,
  NOW,
  type People,
  person,
} from '../../../support/people.ts';

const digest = (letter: string) => letter.repeat(43) as StatementDigest;
const LIST: RevocationList = {
  number: 7,
  issuedUnixMs: NOW,
  untilUnixMs: NOW + LIST_VALID_MS,
  persons: [person('mallory')],
  devices: [device('alice-2')],
  clearances: [digest('c')],
};
const opened = (changes: Partial<RevocationList> = {}, name = digest('a')): Opened<RevocationList> => ({
  value: { ...LIST, ...changes },
  signer: 'key' as Opened<unknown>['signer'],
  digest: name,
});

describe('a revocation list', () => {
  it('is good for a week after it was issued, and not a moment longer', () => {
    assert.equal(LIST_VALID_MS, 7 * DAY_MS);
    for (const [nowUnixMs, code] of [
      [NOW - DAY_MS - 1, 'revocation.not-yet'],
      [NOW - DAY_MS, 'ok'],
      [NOW + LIST_VALID_MS - 1, 'ok'],
      [NOW + LIST_VALID_MS, 'revocation.expired'],
    ] as const)
      assert.equal(codeOf(judgeRevocation(opened(), undefined, nowUnixMs)), code);
    const long = opened({ untilUnixMs: NOW + LIST_VALID_MS + 1 });
    assert.equal(codeOf(judgeRevocation(long, undefined, NOW)), 'revocation.too-long');
  });

  it('is refused once a newer one was seen, or another of its number', () => {
    const judge = (number: number, name = digest('a')) =>
      judgeRevocation(opened(), { number, digest: name }, NOW);
    assert.equal(codeOf(judge(8)), 'revocation.older');
    assert.equal(codeOf(judge(7)), 'ok');
    assert.equal(codeOf(judge(7, digest('b'))), 'revocation.two-of-one-number');
    assert.equal(codeOf(judge(6, digest('b'))), 'ok');
  });

  it('is whole, so that lists in between may be missed, which is counted', () => {
    const missedAfter = (number: number) =>
      granted(judgeRevocation(opened(), { number, digest: digest('a') }, NOW)).missed;
    assert.deepEqual([7, 6, 5, 1].map(missedAfter), [0, 0, 1, 5]);
    const first = granted(judgeRevocation(opened(), undefined, NOW));
    assert.equal(first.missed, 0);
    assert.deepEqual(first.seen, { number: 7, digest: digest('a') });
  });

  it('revokes a device, or a person with all devices and clearances', () => {
    assert.ok(isRevoked(LIST, { person: person('mallory'), device: device('any') }));
    assert.ok(isRevoked(LIST, { person: person('alice'), device: device('alice-2') }));
    assert.ok(!isRevoked(LIST, ALICE));
    assert.ok(isClearanceRevoked(LIST, { person: person('mallory'), digest: digest('d') }));
    assert.ok(isClearanceRevoked(LIST, { person: person('alice'), digest: digest('c') }));
    assert.ok(!isClearanceRevoked(LIST, { person: person('alice'), digest: digest('d') }));
  });

  it('has a number from 1, no entry twice, and a bound', () => {
    const many = Array.from({ length: MAX_ENTRIES + 1 }, (_, i) => device(`d${i}`));
    const wrong: Partial<RevocationList>[] = [
      { number: 0 },
      { number: 1.5 },
      { number: 2 ** 53 },
      { persons: [person('a'), person('a')] },
      { devices: many },
      { devices: [device('no id')] },
    ];
    for (const changes of wrong)
      assert.ok(
        !REVOCATION.schema.safeParse({ ...LIST, ...changes }).success,
        JSON.stringify(Object.keys(changes)),
      );
    assert.ok(REVOCATION.schema.safeParse({ ...LIST, devices: many.slice(1) }).success);
  });
});

describe('the revocation office', () => {
  let people: People;
  const open = (certificate: string, statement: Awaited<ReturnType<typeof signStatement>>, nowUnixMs = NOW) =>
    openOfficeStatement(
      REVOCATION,
      'revocation',
      { certificate, statement },
      { root: people.root, nowUnixMs },
    );

  before(async () => {
    people = await makePeople();
  });

  it('signs lists that who has the root opens', async () => {
    const { certificate, signing } = await people.office('revocation');
    const list = granted(await open(certificate, await signStatement(REVOCATION, LIST, signing)));
    assert.deepEqual(list.value, LIST);
  });

  it('signs the longest list that may be', async () => {
    const { certificate, signing } = await people.office('revocation');
    const long = {
      ...LIST,
      persons: Array.from({ length: MAX_ENTRIES }, (_, i) => person(`p${String(i).padStart(20, '0')}`)),
      devices: Array.from({ length: MAX_ENTRIES }, (_, i) => device(`d${String(i).padStart(20, '0')}`)),
      clearances: Array.from({ length: MAX_ENTRIES }, (_, i) => String(i).padStart(43, '0')),
    };
    assert.equal(codeOf(await open(certificate, await signStatement(REVOCATION, long, signing))), 'ok');
  });

  it('is the only one that may', async () => {
    const clearance = await people.office('clearance');
    const alice = await people.device(ALICE);
    const stranger = await (await makePeople()).office('revocation');
    for (const [signer, code] of [
      [clearance, 'certificate.role'],
      [alice, 'certificate.role'],
      [stranger, 'certificate.other-root'],
    ] as const)
      assert.equal(
        codeOf(await open(signer.certificate, await signStatement(REVOCATION, LIST, signer.signing))),
        code,
      );
    const { certificate } = await people.office('revocation');
    const forged = await signStatement(REVOCATION, LIST, stranger.signing);
    assert.equal(codeOf(await open(certificate, forged)), 'statement.other-signer');
  });

  it('may no longer when its certificate has ended', async () => {
    const { certificate, signing } = await people.office('revocation');
    const signed = await signStatement(REVOCATION, LIST, signing);
    assert.equal(codeOf(await open(certificate, signed, NOW + 397 * DAY_MS)), 'certificate.expired');
  });
});
