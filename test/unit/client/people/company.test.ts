import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { utf8 } from '../../../../src/base/bytes.ts';
import { Company } from '../../../../src/client/people/company.ts';
import { lawOf } from '../../../../src/trust/acts/law.ts';
import { type MeetingState, openMeeting } from '../../../../src/trust/acts/state.ts';
import type { SignedCharter } from '../../../../src/trust/charter/charter.ts';
import { openCharter } from '../../../../src/trust/signing/charter.ts';
import type { Vouched } from '../../../../src/trust/statement/vouched.ts';
import { newSeenLists } from '../../../support/certified-world.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { announce, Ministry, type Official } from '../../../support/ministry.ts';
import { codeOf, granted, NOW } from '../../../support/people.ts';

describe('the company of a meeting', () => {
  let ministry: Ministry;
  let alice: Official;
  let bob: Official;
  let vouched: Vouched;
  let charter: SignedCharter;

  before(async () => {
    ministry = await Ministry.open();
    [alice, bob] = [await ministry.official('alice'), await ministry.official('bob')];
    vouched = await ministry.sign(alice, ministry.charter(alice));
    charter = granted(await openCharter(vouched, { root: ministry.people.root, nowUnixMs: NOW }));
  });

  const shownBy = async (who: Official, number: number) => {
    const { announcement, presence } = await announce(who, charter.opened.value.meeting, number);
    const { clearance, signer } = who;
    return { announcement, credentials: { certificate: signer.certificate, clearance, presence } };
  };
  /** As the chain says the meeting is before its first entry. */
  const asConvened = (): MeetingState =>
    openMeeting(charter.opened.value, charter.opened.digest, lawOf(ministry.scale));
  const begin = async (standing: () => MeetingState | undefined) => {
    const { root } = ministry.people;
    const { certificate, signing } = alice.signer;
    const list = utf8(JSON.stringify(ministry.trust().list()?.vouched));
    const company = new Company({
      device: {
        root,
        scale: ministry.scale,
        certificate,
        signing,
        clearance: alice.clearance,
        lists: newSeenLists(),
      },
      link: {
        origin: 'http://127.0.0.1',
        meeting: charter.opened.value.meeting,
        charter: charter.opened.digest,
      },
      clock: new FakeClock(NOW),
      fetchList: async () => list,
      standing,
      onOut: () => assert.fail('nobody was in'),
      onSelfOut: () => assert.fail('it was not in'),
      onProblem: ({ code }) => assert.fail(code),
    });
    const begun = granted(await company.begin(await shownBy(alice, 1), vouched));
    return { company, own: begun.shown, other: granted(await company.open(await shownBy(bob, 2))) };
  };

  it('lets nobody in, itself neither, before the chain was read, whatever the charter says', async () => {
    let standing: MeetingState | undefined;
    const { company, own, other } = await begin(() => standing);
    assert.equal(codeOf(company.judgeSelf(own)), 'entry.no-charter');
    assert.equal(codeOf(company.judge(other)), 'entry.no-charter');
    assert.equal(company.cleared, undefined);
    standing = asConvened();
    assert.equal(granted(company.judgeSelf(own)).person, alice.person);
    assert.equal(granted(company.judge(other)).person, bob.person);
    company.stop();
  });
});
