import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { toBase64Url, toHex } from '../../../src/base/bytes.ts';
import { asId, type MeetingId } from '../../../src/base/ids.ts';
import { formatLink, type MeetingLink, parseLink, socketUrl, withoutCode } from '../../../src/client/link.ts';
import type { StatementDigest } from '../../../src/trust/statement/statement.ts';

const SECRET = Uint8Array.from({ length: 32 }, (_, i) => 255 - i);
const ROOT = Uint8Array.from({ length: 32 }, (_, i) => 160 + i);
const CODE = '7Q2M-0000-ABCD-WXYZ-1234';
const TOKEN = 'eyJh.b_-c~1';
const LINK: MeetingLink = {
  origin: 'https://relay.example:8443',
  meeting: asId<MeetingId>('meeting-1'),
  token: TOKEN,
  secret: SECRET,
};
const TEXT = formatLink(LINK);
const SECRET_TEXT = toBase64Url(SECRET);

const codeOf = (text: string): string | undefined => {
  const parsed = parseLink(text);
  return parsed.ok ? undefined : parsed.refusal.code;
};

describe('a meeting link', () => {
  it('comes back as it was', () => {
    assert.deepEqual(parseLink(TEXT), { ok: true, value: LINK });
    assert.deepEqual(parseLink(`  ${TEXT}\n`), { ok: true, value: LINK });
  });

  it('names a charter instead of a token where it is entered by certificate', () => {
    const { token: _, secret: __, ...rest } = LINK;
    const charter = asId<StatementDigest>(toBase64Url(SECRET));
    const text = formatLink({ ...rest, charter, root: ROOT });
    assert.equal(text.includes('token'), false);
    assert.deepEqual(parseLink(text), { ok: true, value: { ...rest, charter, root: ROOT } });
    assert.equal(codeOf(text.replace(charter, charter.slice(1))), 'link.incomplete');
    assert.equal(codeOf(text.replace('&root', `&token=${TOKEN}&root`)), 'link.incomplete');
    assert.equal(codeOf(text.replace('&root', `&secret=${SECRET_TEXT}&root`)), 'link.incomplete');
    assert.equal(codeOf(text.replace(`&charter=${charter}`, '')), 'link.incomplete');
  });

  it('names the authority of its people beside a charter, and at most a code after it', () => {
    const { token: _, secret: __, ...rest } = LINK;
    const charter = asId<StatementDigest>(toBase64Url(SECRET));
    const link = { ...rest, charter, root: ROOT, code: CODE };
    const text = formatLink(link);
    assert.ok(text.endsWith(`&root=${toHex(ROOT)}&code=${CODE}`));
    assert.deepEqual(parseLink(text), { ok: true, value: link });
    assert.deepEqual(parseLink(formatLink(withoutCode(link))), {
      ok: true,
      value: { ...rest, charter, root: ROOT },
    });
    const root = `&root=${toHex(ROOT)}`;
    assert.equal(codeOf(text.replace(root, '')), 'link.incomplete');
    assert.equal(codeOf(text.replace(root, root.slice(0, -2))), 'link.wrong-root');
    assert.equal(codeOf(text.replace(root, root.toUpperCase().replace('ROOT', 'root'))), 'link.wrong-root');
    assert.equal(codeOf(text.slice(0, -1)), 'link.wrong-code');
    assert.equal(codeOf(`${text}&more=1`), 'link.incomplete');
    assert.equal(codeOf(`${TEXT}${root}`), 'link.incomplete');
  });

  it('has a title for the chair at its end, in one spelling', () => {
    const { token: _, secret: __, ...rest } = LINK;
    const charter = asId<StatementDigest>(toBase64Url(SECRET));
    const link = { ...rest, charter, root: ROOT, code: CODE, title: 'Étude & plan = 1' };
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

  it('gives a socket address without token or secret', () => {
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
    assert.equal(codeOf(TEXT.replace('&token=', '&tokens=')), 'link.incomplete');
    assert.equal(codeOf(TEXT.replace('meeting-1', 'meeting 1')), 'link.incomplete');
    assert.equal(codeOf(`${TEXT}&more=1`), 'link.incomplete');
    assert.equal(codeOf(TEXT.slice(0, -1)), 'link.wrong-secret');
    assert.equal(codeOf(`${TEXT}A`), 'link.wrong-secret');
  });

  it('has one spelling of its secret only', () => {
    for (const other of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=') {
      const text = TEXT.slice(0, -1) + other;
      const parsed = parseLink(text);
      if (parsed.ok) assert.equal(formatLink(parsed.value), text);
    }
    const [last = ''] = SECRET_TEXT.slice(-1);
    assert.equal(
      codeOf(TEXT.slice(0, -1) + String.fromCharCode(last.charCodeAt(0) + 1)),
      'link.wrong-secret',
    );
  });

  it('is never repeated in a refusal, not even in part', () => {
    fc.assert(
      fc.property(fc.nat(TEXT.length - 1), fc.string({ maxLength: 3 }), (at, noise) => {
        const parsed = parseLink(TEXT.slice(0, at) + noise + TEXT.slice(at + 1));
        if (parsed.ok) return;
        const words = JSON.stringify(parsed.refusal);
        for (let i = 0; i + 8 <= SECRET_TEXT.length; i++)
          assert(!words.includes(SECRET_TEXT.slice(i, i + 8)));
        assert(!words.includes(toHex(SECRET).slice(0, 8)) && !words.includes(TOKEN));
      }),
    );
  });
});
