import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { toHex } from '../../../src/base/bytes.ts';
import { asId, type MeetingId } from '../../../src/base/ids.ts';
import { formatLink, type MeetingLink, parseLink, socketUrl, withoutCode } from '../../../src/client/link.ts';
import type { StatementDigest } from '../../../src/trust/statement/statement.ts';

const CHARTER = asId<StatementDigest>('_-A1'.padEnd(43, 'c'));
const ROOT = Uint8Array.from({ length: 32 }, (_, i) => 160 + i);
const ROOT_FIELD = `&root=${toHex(ROOT)}`;
const CODE = '7Q2M-0000-ABCD-WXYZ-1234';
const LINK: MeetingLink = {
  origin: 'https://relay.example:8443',
  meeting: asId<MeetingId>('meeting-1'),
  charter: CHARTER,
  root: ROOT,
};
const TEXT = formatLink(LINK);
const WITH_CODE = formatLink({ ...LINK, code: CODE });

const codeOf = (text: string): string | undefined => {
  const parsed = parseLink(text);
  return parsed.ok ? undefined : parsed.refusal.code;
};

describe('a meeting link', () => {
  it('comes back as it was', () => {
    assert.deepEqual(parseLink(TEXT), { ok: true, value: LINK });
    assert.deepEqual(parseLink(`  ${TEXT}\n`), { ok: true, value: LINK });
  });

  it('names its charter and the authority of its people, each in one form', () => {
    assert.equal(codeOf(TEXT.replace(CHARTER, CHARTER.slice(1))), 'link.incomplete');
    assert.equal(codeOf(TEXT.replace(`&charter=${CHARTER}`, '')), 'link.incomplete');
    assert.equal(codeOf(TEXT.replace(ROOT_FIELD, '')), 'link.incomplete');
    assert.equal(codeOf(TEXT.slice(0, -2)), 'link.wrong-root');
    assert.equal(codeOf(TEXT.replace(toHex(ROOT), toHex(ROOT).toUpperCase())), 'link.wrong-root');
  });

  it('has at most a code after them', () => {
    assert.ok(WITH_CODE.endsWith(`${ROOT_FIELD}&code=${CODE}`));
    assert.deepEqual(parseLink(WITH_CODE), { ok: true, value: { ...LINK, code: CODE } });
    assert.deepEqual(withoutCode({ ...LINK, code: CODE }), LINK);
    assert.equal(codeOf(WITH_CODE.slice(0, -1)), 'link.wrong-code');
    assert.equal(codeOf(`${WITH_CODE}&more=1`), 'link.incomplete');
  });

  it('has a title for the chair at its end, in one spelling', () => {
    const link = { ...LINK, code: CODE, title: 'Étude & plan = 1' };
    const text = formatLink(link);
    assert.deepEqual(parseLink(text), { ok: true, value: link });
    const own = text.slice(text.indexOf('&title='));
    for (const wrong of ['', '%E9', 'x%20', '%41', 'a%0Ab', 'x'.repeat(121)])
      assert.equal(
        codeOf(text.replace(own, `&title=${wrong}`)),
        wrong === 'x%20' ? undefined : 'link.wrong-title',
        wrong,
      );
    assert.equal(codeOf(`${text}&code=${CODE}`), 'link.incomplete');
  });

  it('holds everything but the origin in the fragment, which no browser sends', () => {
    const url = new URL(TEXT);
    assert.equal(`${url.origin}${url.pathname}${url.search}`, 'https://relay.example:8443/');
  });

  it('gives a socket address of its origin alone', () => {
    assert.equal(socketUrl(LINK), 'wss://relay.example:8443/v1/meet');
    assert.equal(socketUrl({ origin: 'http://[::1]:80' }), 'ws://[::1]:80/v1/meet');
  });

  it('is refused with a code that says what is broken', () => {
    assert.equal(codeOf('not a link'), 'link.not-a-url');
    assert.equal(codeOf(`${TEXT}${'x'.repeat(5000)}`), 'link.not-a-url');
    assert.equal(codeOf(TEXT.replace('https', 'ftp')), 'link.wrong-origin');
    assert.equal(codeOf(TEXT.replace('/#', '/room#')), 'link.wrong-origin');
    assert.equal(codeOf(TEXT.replace('/#', '/?a=1#')), 'link.wrong-origin');
    assert.equal(codeOf(TEXT.replace('https://', 'https://user:pass@')), 'link.wrong-origin');
    assert.equal(codeOf('https://relay.example:8443/'), 'link.incomplete');
    assert.equal(codeOf(TEXT.replace('&charter=', '&charters=')), 'link.incomplete');
    assert.equal(codeOf(TEXT.replace('meeting-1', 'meeting 1')), 'link.incomplete');
    assert.equal(codeOf(`${TEXT}&more=1`), 'link.incomplete');
  });

  it('takes nothing that would let in or decrypt by itself: neither a token nor a secret', () => {
    const [before, after] = [`#meeting=${LINK.meeting}`, `&charter=${CHARTER}${ROOT_FIELD}`];
    for (const field of ['&token=abc', `&secret=${'A'.repeat(43)}`]) {
      assert.equal(codeOf(TEXT.replace(before, `${before}${field}`)), 'link.incomplete');
      assert.equal(codeOf(`${TEXT}${field}`), 'link.incomplete');
      assert.equal(codeOf(TEXT.replace(after, field)), 'link.incomplete');
    }
  });

  it('is never repeated in a refusal, not even in part', () => {
    fc.assert(
      fc.property(fc.nat(WITH_CODE.length - 1), fc.string({ maxLength: 3 }), (at, noise) => {
        const parsed = parseLink(WITH_CODE.slice(0, at) + noise + WITH_CODE.slice(at + 1));
        if (parsed.ok) return;
        const words = JSON.stringify(parsed.refusal);
        for (const part of [...CODE.split('-').slice(2), toHex(ROOT).slice(0, 8), LINK.meeting])
          assert(!words.includes(part), part);
      }),
    );
  });
});
