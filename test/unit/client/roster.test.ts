import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { toBase64Url, toHex } from '../../../src/base/bytes.ts';
import { asId, type MeetingId, type ParticipantId } from '../../../src/base/ids.ts';
import { ok } from '../../../src/base/result.ts';
import { drawIdentity } from '../../../src/client/identity.ts';
import type { MeetingLink } from '../../../src/client/link.ts';
import { Roster } from '../../../src/client/roster.ts';
import { secureRandom } from '../../support/fake-meeting.ts';

const LINK: MeetingLink = {
  origin: 'https://relay.example',
  meeting: asId<MeetingId>('meeting'),
  token: 'token',
  secret: secureRandom(32),
};
const ADA = asId<ParticipantId>('ada');
const BOB = asId<ParticipantId>('bob');
const SELF = { participant: asId<ParticipantId>('self'), number: 1, name: 'Self' };

describe('the roster', () => {
  const keys = new Map<number, string>();
  const frameKeys = {
    addSender(number: number, baseKey: Uint8Array) {
      keys.set(number, toHex(baseKey));
      return ok(undefined);
    },
    removeSender: (number: number) => keys.delete(number),
  };
  let roster: Roster;

  beforeEach(() => {
    keys.clear();
    roster = new Roster(LINK, frameKeys);
    roster.startAs(SELF);
  });

  const draw = (name: string, link = LINK) => {
    const drawn = drawIdentity(link, name, secureRandom);
    assert(drawn.ok);
    return drawn.value;
  };
  const codeOf = (participant: ParticipantId, announcement: ReturnType<typeof draw>['announcement']) => {
    const admitted = roster.admit({ participant, announcement });
    return admitted.ok ? 'ok' : admitted.refusal.code;
  };

  it('has the key that the sender itself seals with, from admission to leaving', () => {
    const ada = draw('Ada');
    assert.deepEqual(roster.admit({ participant: ADA, announcement: ada.announcement }), {
      ok: true,
      value: { participant: ADA, number: ada.number, name: 'Ada' },
    });
    assert.deepEqual([...keys], [[ada.number, toHex(ada.baseKey ?? assert.fail())]]);
    assert.equal(roster.find(ADA)?.name, 'Ada');
    roster.remove(ADA);
    assert.deepEqual([keys.size, roster.find(ADA)], [0, undefined]);
    roster.remove(ADA);
  });

  it('forgets all keys at a fresh join', () => {
    assert.equal(codeOf(ADA, draw('Ada').announcement), 'ok');
    roster.startAs(SELF);
    assert.equal(keys.size, 0);
  });

  it('takes no key of an announcement that does not open', () => {
    const ada = draw('Ada').announcement;
    const broken = [
      { ...ada, number: ada.number ^ 1 },
      { ...ada, salt: toBase64Url(secureRandom(16)) },
      { ...ada, sealed: `A${ada.sealed?.slice(1)}B` },
      draw('Ada', { ...LINK, meeting: asId<MeetingId>('another') }).announcement,
      draw('Ada', { ...LINK, secret: secureRandom(32) }).announcement,
    ];
    for (const announcement of broken) assert.notEqual(codeOf(ADA, announcement), 'ok');
    assert.equal(keys.size, 0);
  });

  it('keeps the first of two with one number, until that one leaves', () => {
    const { announcement } = draw('Ada');
    assert.equal(codeOf(ADA, announcement), 'ok');
    assert.equal(codeOf(BOB, announcement), 'roster.number-taken');
    assert.equal(codeOf(ADA, draw('Ada again').announcement), 'roster.known');
    assert.equal(codeOf(SELF.participant, draw('Self').announcement), 'roster.known');
    roster.remove(BOB);
    assert.equal(keys.size, 1);
    roster.remove(ADA);
    assert.equal(codeOf(BOB, announcement), 'ok');
  });
});
