import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromBase64Url, toBase64Url } from '../../../src/base/bytes.ts';
import { asId, type MeetingId } from '../../../src/base/ids.ts';
import {
  createAnnouncement,
  type JoinAnnouncement,
  type JoinDetails,
  openAnnouncement,
} from '../../../src/e2ee/psk/announcement.ts';
import { newMeetingSecret } from '../../../src/e2ee/psk/secret.ts';
import { nodeDriver } from '../../../src/e2ee/sframe/node.ts';
import { MAX_SENDER_NUMBER } from '../../../src/framing/kid.ts';
import { announcement as announcementSchema } from '../../../src/signaling/protocol/messages.ts';

const random = (size: number) => new Uint8Array(randomBytes(size));
const meeting = asId<MeetingId>('weekly');
const secret = newMeetingSecret(random);
const details: JoinDetails = { secret, meeting, number: 77, name: 'Ann', random };

const announced = (changes: Partial<JoinDetails> = {}) => {
  const created = createAnnouncement({ ...details, ...changes });
  return created.ok ? created.value : assert.fail(created.refusal.code);
};
const codeOf = (announcement: JoinAnnouncement, changes: Partial<JoinDetails> = {}): string => {
  const opened = openAnnouncement({ ...details, ...changes, announcement });
  return opened.ok ? 'ok' : opened.refusal.code;
};

test('whoever has the secret reads the name and derives the same key, with any driver', () => {
  const name = fc.string({ unit: 'binary', maxLength: 16 });
  const number = fc.integer({ min: 0, max: MAX_SENDER_NUMBER });
  fc.assert(
    fc.property(name, number, (name, number) => {
      const { announcement, baseKey } = announced({ name, number });
      assert.equal(announcement.number, number);
      for (const options of [{}, { driver: nodeDriver }]) {
        const opened = openAnnouncement({ secret, meeting, announcement, ...options });
        assert.deepEqual(opened, { ok: true, value: { name, baseKey } });
      }
    }),
    { numRuns: 30 },
  );
});

test('it has the form that the protocol wants, of one size for every name', () => {
  const [short, long] = [announced({ name: '' }), announced({ name: 'é'.repeat(32) })];
  for (const { announcement } of [short, long]) {
    assert.deepEqual(announcementSchema.parse(announcement), announcement);
  }
  assert.equal(short.announcement.sealed.length, long.announcement.sealed.length);
});

test('each join has a salt, a key and a seal of its own', () => {
  const [first, second] = [announced(), announced()];
  assert.notEqual(first.announcement.salt, second.announcement.salt);
  assert.notEqual(first.announcement.sealed, second.announcement.sealed);
  assert.notDeepEqual(first.baseKey, second.baseKey);
});

test('nothing of it can be changed without the secret', () => {
  const { announcement } = announced();
  const refused = 'announcement.not-authentic';
  assert.equal(codeOf(announcement), 'ok');
  assert.equal(codeOf({ ...announcement, number: 78 }), refused);
  assert.equal(codeOf({ ...announcement, salt: announced().announcement.salt }), refused);
  assert.equal(codeOf({ ...announcement, sealed: announced().announcement.sealed }), refused);
  assert.equal(codeOf(announcement, { meeting: asId<MeetingId>('weekly2') }), refused);
  assert.equal(codeOf(announcement, { secret: newMeetingSecret(random) }), refused);
  const sealed = fromBase64Url(announcement.sealed) ?? assert.fail();
  for (let i = 0; i < sealed.length; i++) {
    const changed = sealed.slice();
    changed[i] = (changed[i] ?? 0) ^ 1;
    assert.equal(codeOf({ ...announcement, sealed: toBase64Url(changed) }), refused, `byte ${i}`);
  }
});

test('keys of different meetings and numbers differ under one salt', () => {
  const fixed = (size: number) => new Uint8Array(size).fill(5);
  const keyOf = (changes: Partial<JoinDetails>) =>
    toBase64Url(announced({ random: fixed, ...changes }).baseKey);
  const keys = [
    keyOf({}),
    keyOf({ number: 78 }),
    keyOf({ meeting: asId<MeetingId>('weekly2') }),
    keyOf({ secret: newMeetingSecret(random) }),
  ];
  assert.equal(new Set(keys).size, keys.length);
});

test('salts and seals of impossible form are refused', () => {
  const { announcement } = announced();
  const malformed = 'announcement.malformed';
  assert.equal(codeOf({ ...announcement, salt: `${announcement.salt}AA` }), malformed);
  assert.equal(codeOf({ ...announcement, salt: 'not base64!' }), malformed);
  assert.equal(codeOf({ ...announcement, sealed: '' }), malformed);
  assert.equal(codeOf({ ...announcement, sealed: `${announcement.sealed}AAAA` }), malformed);
});

test('names over 64 bytes, and text that is none, are refused; impossible joins are a bug', () => {
  const refusal = (name: string) => {
    const created = createAnnouncement({ ...details, name });
    return created.ok ? 'ok' : created.refusal.code;
  };
  assert.equal(refusal('a'.repeat(64)), 'ok');
  assert.equal(refusal('a'.repeat(65)), 'name.impossible');
  assert.equal(refusal('é'.repeat(33)), 'name.impossible');
  assert.equal(refusal('\ud800'), 'name.impossible');
  assert.throws(() => createAnnouncement({ ...details, number: 2 ** 20 }), { code: 'bug.join' });
  assert.throws(() => createAnnouncement({ ...details, secret: new Uint8Array(31) }), { code: 'bug.join' });
});
