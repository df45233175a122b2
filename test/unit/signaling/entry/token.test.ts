import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { asId, type MeetingId } from '../../../../src/base/ids.ts';
import { judgeToken, writeToken } from '../../../../src/signaling/entry/token.ts';
import { makeMac } from '../../../../src/signaling/entry-token.ts';

const KEY = new Uint8Array(32).fill(1);
const mac = makeMac(KEY);
const meeting = asId<MeetingId>('town-hall');
const EXPIRES = 1_767_225_600_000;
const token = writeToken(mac, { meeting, expiresUnixMs: EXPIRES });
const judge = (text: string, now = EXPIRES - 1, to = meeting): string => {
  const judged = judgeToken(mac, text, to, now);
  return judged.ok ? 'ok' : judged.refusal.code;
};

describe('entry token', () => {
  it('is the text that the protocol describes', () => {
    const signed = `belfry-entry-1.town-hall.${EXPIRES}`;
    assert.equal(token, `${signed}.${createHmac('sha256', KEY).update(signed).digest('base64url')}`);
  });

  it('admits until it expires', () => {
    assert.deepEqual(judgeToken(mac, token, meeting, EXPIRES - 1), {
      ok: true,
      value: { meeting, expiresUnixMs: EXPIRES },
    });
    assert.equal(judge(token, EXPIRES), 'token.expired');
  });

  it('admits to its meeting and to its key alone', () => {
    assert.equal(judge(token, 0, asId<MeetingId>('other')), 'token.other-meeting');
    const foreign = writeToken(makeMac(new Uint8Array(32).fill(2)), { meeting, expiresUnixMs: EXPIRES });
    assert.equal(judge(foreign), 'token.not-authentic');
  });

  it('refuses every other spelling', () => {
    const [version, name, expiry, tag] = token.split('.');
    const spellings = [
      '',
      '....',
      `${token}.x`,
      `belfry-entry-2.${name}.${expiry}.${tag}`,
      `${version}..${expiry}.${tag}`,
      `${version}.${name}.0${expiry}.${tag}`,
      `${version}.${name}.1e12.${tag}`,
      `${version}.${name}.${expiry}.${tag}=`,
      `${version}.${name}.${expiry}.ä`,
    ];
    for (const text of spellings) assert.equal(judge(text), 'token.malformed', text);
    assert.equal(judge(`${version}.${name}.${expiry}.`), 'token.not-authentic');
    assert.equal(judge(`${version}.${name}.9${expiry?.slice(1)}.${tag}`), 'token.not-authentic');
  });

  it('does not survive the change of any character', () => {
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, char) => {
        const changed = token.slice(0, at) + char + token.slice(at + 1);
        fc.pre(changed !== token);
        assert.notEqual(judge(changed), 'ok');
      }),
    );
  });

  it('takes no short key', () => {
    assert.throws(() => makeMac(new Uint8Array(31)), { code: 'token-key.short' });
  });
});
