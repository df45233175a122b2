import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asId } from '../../../../src/base/ids.ts';
import { encodeEvent, encodeReply } from '../../../../src/signaling/protocol/encode.ts';
import { groupHeard, type WireGroupHeard } from '../../../../src/signaling/protocol/group-schemas.ts';
import { MAX_MESSAGE_BYTES, MAX_SERVER_MESSAGE_BYTES } from '../../../../src/signaling/protocol/limits.ts';
import { inParts, writtenBytes } from '../../../../src/signaling/protocol/parts.ts';
import { announcementOf, CREDENTIALS } from '../../../support/hollow-entry.ts';

const SEQ = Number.MAX_SAFE_INTEGER;
const PEOPLE = 500;
const pem = 'c'.repeat(1_500);
const roster = Array.from({ length: PEOPLE }, (_, i) => ({
  participant: asId<never>(`p${i}`),
  announcement: announcementOf(i),
  credentials: {
    ...CREDENTIALS,
    certificate: pem,
    clearance: { ...CREDENTIALS.clearance, certificate: pem },
  },
}));

describe('parts of what is too large for one message', () => {
  it('hold everything in its order, and each fits', () => {
    const body = { charter: 'x'.repeat(50_000) };
    const [first = [], ...more] = inParts(roster, writtenBytes, writtenBytes(body));
    assert.ok(first.length > 0 && more.length > 10);
    assert.deepEqual([first, ...more].flat(), roster);
    const sizes = [
      encodeReply(SEQ, { ok: true, value: { ...body, roster: first } })(SEQ),
      ...more.map((part) => encodeEvent({ kind: 'roster', roster: [...part] })(SEQ)),
    ].map(({ length }) => length);
    assert.ok(
      sizes.every((bytes) => bytes <= MAX_SERVER_MESSAGE_BYTES),
      String(sizes),
    );
    assert.ok(
      sizes.slice(1, -1).every((bytes) => bytes > MAX_SERVER_MESSAGE_BYTES / 2),
      'and none is small',
    );
  });

  it('may begin with an empty one, where there is no room beside the rest', () => {
    assert.deepEqual(inParts(['a'], writtenBytes, MAX_SERVER_MESSAGE_BYTES), [[], ['a']]);
    assert.deepEqual(inParts([], writtenBytes), [[]]);
  });
});

const id = 'i'.repeat(64);
const digest = 'd'.repeat(43);
const blob = { hash: digest, bytes: 4 << 20 };
const many = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);
const past = { epoch: SEQ, commit: blob };
const participant = asId<never>(id);

/** Each as large as its schema lets it be. */
const LARGEST: readonly WireGroupHeard[] = [
  { kind: 'cards', cards: many(48, { participant, epoch: SEQ, sealed: 'A'.repeat(1_088) }) },
  { kind: 'title', epoch: SEQ, sealed: 'A'.repeat(8_256) },
  { kind: 'caught-up', missed: many(64, past), head: digest },
  { kind: 'refused', code: 'c'.repeat(64), message: 'm'.repeat(500), missed: many(64, past), commit: digest },
  { kind: 'rejected', epoch: SEQ, by: participant, reason: '"'.repeat(4_096) },
];

describe('what the service of a group says', () => {
  for (const heard of LARGEST)
    it(`fits in one message at its largest: ${heard.kind}`, () => {
      groupHeard.parse(heard);
      assert.ok(encodeEvent({ kind: 'group', heard })(SEQ).length <= MAX_SERVER_MESSAGE_BYTES);
    });

  it('holds no more cards than fit', () => {
    const [cards] = LARGEST;
    assert.ok(cards?.kind === 'cards');
    assert.equal(groupHeard.safeParse({ ...cards, cards: many(49, cards.cards[0]) }).success, false);
  });

  it('has room around what a client says to all others', () => {
    assert.ok(MAX_SERVER_MESSAGE_BYTES - MAX_MESSAGE_BYTES >= 16_384);
  });
});
