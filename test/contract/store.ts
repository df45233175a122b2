import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { toBase64Url } from '../../src/base/bytes.ts';
import { asId, type MeetingId } from '../../src/base/ids.ts';
import type { Store } from '../../src/signaling/ports.ts';
import type { KeptList, OneTime } from '../../src/signaling/store/kept.ts';
import {
  MAX_CHARTER_BYTES,
  MAX_SEALED_TITLE_BYTES,
  type StoreLimits,
} from '../../src/signaling/store/limits.ts';
import type { Written } from '../../src/signaling/store/refusals.ts';
import type { StatementDigest } from '../../src/trust/statement/statement.ts';
import type { StoreRig } from '../support/store-kinds.ts';
import { appendTo } from '../support/store-plan.ts';
import { digestOf, idOf, meetingOf } from '../support/stored.ts';

const codeOf = (written: Written): string => (written.ok ? 'ok' : written.refusal.code);

const ROOT = digestOf(77);
const listOf = (number: number): KeptList => ({ root: ROOT, number, digest: digestOf(number) });
const seenOf = ({ number, digest }: KeptList) => ({ number, digest });

const nonceOf = (id: string, untilUnixMs: number): OneTime => ({ kind: 'nonce', id, untilUnixMs });

/** What every store promises, whatever it keeps it in. */
export const describeStore = (name: string, newRig: () => StoreRig): void => {
  describe(`a store: ${name}`, () => {
    let rig: StoreRig;
    let store: Store;
    beforeEach(() => {
      rig = newRig();
      store = rig.open();
    });
    afterEach(() => {
      store.close();
      rig.end();
    });
    const restart = (limits: Partial<StoreLimits> = {}) => {
      store.close();
      store = rig.open(limits);
    };
    const idsOpen = () => store.openMeetings().map(({ id }) => id);

    it('keeps nothing at first', () => {
      assert.deepEqual(store.openMeetings(), []);
      assert.equal(store.lastSeenList(ROOT), undefined);
      assert.deepEqual(store.entriesAfter(idOf(1), 0, 1_000), []);
    });

    it('keeps meetings as they were given, the oldest first, over a restart', () => {
      const meetings = [
        meetingOf(2, { createdUnixMs: 1 }),
        meetingOf(1, { createdUnixMs: Number.MAX_SAFE_INTEGER, sealedTitle: undefined }),
      ];
      for (const meeting of meetings.toReversed()) assert.equal(codeOf(store.openMeeting(meeting)), 'ok');
      assert.deepEqual(store.openMeetings(), meetings);
      restart();
      assert.deepEqual(store.openMeetings(), meetings);
    });

    it('keeps bytes, not views of what others change', () => {
      const charter = new Uint8Array(8);
      store.openMeeting(meetingOf(1, { charter }));
      charter.fill(9);
      assert.deepEqual(store.openMeetings()[0]?.charter, new Uint8Array(8));
      store.openMeetings()[0]?.charter.fill(9);
      assert.deepEqual(store.openMeetings()[0]?.charter, new Uint8Array(8));
    });

    it('opens a meeting once, also after it has ended and after a restart', () => {
      store.openMeeting(meetingOf(1));
      assert.equal(codeOf(store.openMeeting(meetingOf(1, { createdUnixMs: 5 }))), 'meeting.exists');
      assert.equal(codeOf(store.endMeeting(idOf(1), 2_000)), 'ok');
      assert.deepEqual(store.openMeetings(), []);
      for (const again of [() => {}, restart]) {
        again();
        assert.equal(codeOf(store.openMeeting(meetingOf(1))), 'meeting.exists');
        assert.equal(codeOf(store.endMeeting(idOf(1), 3_000)), 'meeting.unknown');
        assert.deepEqual(store.openMeetings(), []);
      }
    });

    it('ends one meeting and no other', () => {
      for (const number of [1, 2, 3]) store.openMeeting(meetingOf(number));
      store.endMeeting(idOf(2), 9_000);
      assert.deepEqual(idsOpen(), [idOf(1), idOf(3)]);
      assert.equal(codeOf(store.endMeeting(idOf(4), 9_000)), 'meeting.unknown');
    });

    it('keeps the entries of a meeting in order for as long as it is open, over a restart', () => {
      for (const number of [1, 2]) store.openMeeting(meetingOf(number));
      assert.equal(codeOf(appendTo(store, idOf(1), ['a', 'bb'])), 'ok');
      assert.equal(codeOf(appendTo(store, idOf(1), ['é'])), 'ok');
      restart();
      assert.equal(codeOf(appendTo(store, idOf(1), ['d'])), 'ok');
      assert.deepEqual(store.entriesAfter(idOf(1), 0, 1_000), ['a', 'bb', 'é', 'd']);
      assert.deepEqual(store.entriesAfter(idOf(1), 2, 1_000), ['é', 'd']);
      assert.deepEqual(store.entriesAfter(idOf(1), 4, 1_000), []);
      assert.deepEqual(store.entriesAfter(idOf(2), 0, 1_000), []);
      store.endMeeting(idOf(1), 9_000);
      assert.deepEqual(store.entriesAfter(idOf(1), 0, 1_000), []);
      for (const number of [1, 7])
        assert.equal(codeOf(appendTo(store, idOf(number), ['a'])), 'meeting.unknown');
    });

    it('hands out as many entries as were asked for bytes, and at least one', () => {
      store.openMeeting(meetingOf(1));
      appendTo(store, idOf(1), ['aa', 'é', 'cc']);
      const page = (maxBytes: number) => store.entriesAfter(idOf(1), 0, maxBytes).length;
      assert.deepEqual([0, 3, 4, 5, 6].map(page), [1, 1, 2, 2, 3]);
    });

    it('lets a nonce or a code be used once, over a restart', () => {
      assert.equal(codeOf(store.useOnce(nonceOf('a', 10))), 'ok');
      assert.equal(codeOf(store.useOnce({ ...nonceOf('a', 10), kind: 'code' })), 'ok');
      for (const again of [() => {}, restart]) {
        again();
        assert.equal(codeOf(store.useOnce(nonceOf('a', 10))), 'once.used');
        assert.equal(codeOf(store.useOnce(nonceOf('a', 99))), 'once.used');
      }
      assert.equal(codeOf(store.useOnce(nonceOf('b', 10))), 'ok');
    });

    it('forgets what has expired and nothing else, and never takes again what it forgot', () => {
      for (const [id, untilUnixMs] of Object.entries({ a: 10, b: 20, c: 30 }))
        store.useOnce(nonceOf(id, untilUnixMs));
      assert.equal(codeOf(store.sweep(20)), 'ok');
      for (const again of [() => {}, restart]) {
        again();
        assert.equal(codeOf(store.useOnce(nonceOf('c', 30))), 'once.used');
        // As after a clock that was set back.
        for (const id of ['a', 'b']) assert.equal(codeOf(store.useOnce(nonceOf(id, 20))), 'once.over');
      }
      assert.equal(codeOf(store.useOnce(nonceOf('d', 21))), 'ok');
    });

    it('is not blocked for longer than its nonces last by a clock that ran ahead', () => {
      store.useOnce(nonceOf('a', 1_000));
      store.sweep(Number.MAX_SAFE_INTEGER);
      store.sweep(Number.MAX_SAFE_INTEGER);
      assert.equal(codeOf(store.useOnce(nonceOf('b', 1_000))), 'once.over');
      assert.equal(codeOf(store.useOnce(nonceOf('b', 1_001))), 'ok');
    });

    it('has room again for what may be used once when some has expired', () => {
      restart({ maxOneTimes: 2 });
      for (const id of ['a', 'b']) store.useOnce(nonceOf(id, 10));
      assert.equal(codeOf(store.useOnce(nonceOf('c', 20))), 'store.full');
      assert.equal(codeOf(store.useOnce(nonceOf('a', 10))), 'once.used');
      store.sweep(10);
      assert.equal(codeOf(store.useOnce(nonceOf('c', 20))), 'ok');
    });

    it('lets the newest list only rise, over a restart', () => {
      const second = listOf(2);
      assert.equal(codeOf(store.seeList(second)), 'ok');
      assert.equal(codeOf(store.seeList(second)), 'ok');
      for (const again of [() => {}, restart]) {
        again();
        assert.equal(codeOf(store.seeList(listOf(1))), 'revocation.older');
        assert.equal(
          codeOf(store.seeList({ ...listOf(2), digest: digestOf(3) })),
          'revocation.two-of-one-number',
        );
        assert.deepEqual(store.lastSeenList(ROOT), seenOf(second));
      }
      const last = { ...listOf(9), number: Number.MAX_SAFE_INTEGER };
      assert.equal(codeOf(store.seeList(last)), 'ok');
      assert.deepEqual(store.lastSeenList(ROOT), seenOf(last));
    });

    it('counts the lists of each authority apart, over a restart, and keeps no more than it may', () => {
      const other = digestOf(78);
      restart({ maxAuthorities: 2 });
      assert.equal(codeOf(store.seeList(listOf(7))), 'ok');
      assert.equal(store.lastSeenList(other), undefined);
      assert.equal(codeOf(store.seeList({ ...listOf(1), root: other })), 'ok');
      restart({ maxAuthorities: 2 });
      assert.equal(store.lastSeenList(other)?.number, 1);
      assert.equal(store.lastSeenList(ROOT)?.number, 7);
      assert.equal(codeOf(store.seeList(listOf(6))), 'revocation.older');
      assert.equal(codeOf(store.seeList({ ...listOf(1), root: digestOf(79) })), 'store.full');
      assert.equal(codeOf(store.seeList({ ...listOf(2), root: other })), 'ok');
    });

    it('keeps no more meetings than it may, ended ones included', () => {
      restart({ maxOpenMeetings: 2, maxEndedMeetings: 3 });
      for (const number of [1, 2]) store.openMeeting(meetingOf(number));
      assert.equal(codeOf(store.openMeeting(meetingOf(3))), 'store.full');
      store.endMeeting(idOf(1), 9_000);
      assert.equal(codeOf(store.openMeeting(meetingOf(3))), 'ok');
      store.endMeeting(idOf(2), 9_000);
      assert.equal(codeOf(store.openMeeting(meetingOf(4))), 'store.full');
      assert.deepEqual(idsOpen(), [idOf(3)]);
      assert.equal(codeOf(store.endMeeting(idOf(3), 9_000)), 'ok');
    });

    it('keeps no more of a chain than it may, but for removals', () => {
      const limits = { maxEntriesPerMeeting: 3, maxEntryBytesPerMeeting: 10 };
      restart({ ...limits, removalEntries: 2, removalBytes: 6 });
      for (const number of [1, 2]) store.openMeeting(meetingOf(number));
      const add = (number: number, texts: string[], isRemoval = false) =>
        codeOf(appendTo(store, idOf(number), texts, isRemoval));
      assert.deepEqual([add(1, ['a', 'b']), add(1, ['c', 'd']), add(1, ['c'])], ['ok', 'store.full', 'ok']);
      assert.deepEqual([add(1, ['d']), add(1, ['d', 'e'], true)], ['store.full', 'ok']);
      assert.equal(add(1, ['f'], true), 'store.full');
      assert.deepEqual([add(2, ['é'.repeat(6)]), add(2, ['é'.repeat(5)])], ['store.full', 'ok']);
      assert.deepEqual([add(2, ['é'.repeat(4)], true), add(2, ['é'.repeat(3)], true)], ['store.full', 'ok']);
    });

    it('keeps no more of all chains than it may, counts what was there, and has room again after an end', () => {
      store.openMeeting(meetingOf(1));
      store.openMeeting(meetingOf(2));
      appendTo(store, idOf(1), ['aaaa']);
      restart({ maxEntryBytes: 6 });
      assert.equal(codeOf(appendTo(store, idOf(2), ['bbb'])), 'store.full');
      assert.equal(codeOf(appendTo(store, idOf(2), ['bbb'], true)), 'ok');
      store.endMeeting(idOf(1), 9_000);
      assert.equal(codeOf(appendTo(store, idOf(2), ['bbb'])), 'ok');
      assert.equal(codeOf(appendTo(store, idOf(2), ['b'])), 'store.full');
    });

    it('takes the largest that it may', () => {
      const largest = {
        charter: new Uint8Array(MAX_CHARTER_BYTES).fill(7),
        sealedTitle: new Uint8Array(MAX_SEALED_TITLE_BYTES).fill(8),
      };
      assert.equal(codeOf(store.openMeeting(meetingOf(1, largest))), 'ok');
      restart();
      assert.deepEqual(store.openMeetings(), [meetingOf(1, largest)]);
    });

    it('throws what can only be a bug, and keeps nothing of it', () => {
      store.openMeeting(meetingOf(9));
      const short = asId<MeetingId>(toBase64Url(new Uint8Array(15)));
      const wrong: readonly (() => unknown)[] = [
        () => store.openMeeting(meetingOf(1, { id: short })),
        () => store.openMeeting(meetingOf(1, { charter: new Uint8Array() })),
        () => store.openMeeting(meetingOf(1, { charter: new Uint8Array(MAX_CHARTER_BYTES + 1) })),
        () => store.openMeeting(meetingOf(1, { sealedTitle: new Uint8Array() })),
        () => store.openMeeting(meetingOf(1, { sealedTitle: new Uint8Array(MAX_SEALED_TITLE_BYTES + 1) })),
        () => store.openMeeting(meetingOf(1, { charterDigest: asId<StatementDigest>('short') })),
        () => store.openMeeting(meetingOf(1, { createdUnixMs: 0.5 })),
        () => store.endMeeting(idOf(9), -1),
        () => store.endMeeting(short, 1),
        () => store.appendEntries({ meeting: idOf(9), n: 2, texts: ['a'], isRemoval: false }),
        () => store.appendEntries({ meeting: idOf(9), n: 1, texts: [], isRemoval: false }),
        () => store.appendEntries({ meeting: idOf(9), n: 1, texts: [''], isRemoval: false }),
        () => store.appendEntries({ meeting: short, n: 1, texts: ['a'], isRemoval: false }),
        () => store.useOnce(nonceOf('', 1)),
        () => store.useOnce(nonceOf('a', Number.MAX_SAFE_INTEGER + 1)),
        () => store.useOnce(nonceOf('a', Number.NaN)),
        () => store.sweep(Number.POSITIVE_INFINITY),
        () => store.seeList({ ...listOf(1), number: 0 }),
        () => store.seeList({ ...listOf(1), root: 'short' }),
        () => store.lastSeenList(''),
        () => store.seeList({ ...listOf(1), digest: asId<StatementDigest>('short') }),
      ];
      for (const call of wrong) assert.throws(call, { code: 'store.invalid' }, String(call));
      assert.deepEqual(idsOpen(), [idOf(9)]);
      assert.equal(store.lastSeenList(ROOT), undefined);
      assert.equal(codeOf(store.useOnce(nonceOf('a', 1))), 'ok');
    });

    it('refuses where there is no room, and keeps all that it had taken', () => {
      restart({ maxBytes: 1_000_000 });
      const large = (number: number) => meetingOf(number, { charter: new Uint8Array(100_000).fill(number) });
      const taken = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map(large).filter((meeting) => {
        const code = codeOf(store.openMeeting(meeting));
        assert.match(code, /^(ok|store\.unwritable)$/);
        return code === 'ok';
      });
      assert.ok(taken.length >= 5 && taken.length < 11, `it took ${taken.length} meetings`);
      for (const again of [() => {}, () => restart({ maxBytes: 1_000_000 })]) {
        again();
        assert.deepEqual(store.openMeetings(), taken);
        assert.equal(codeOf(store.openMeeting(large(12))), 'store.unwritable');
      }
      assert.equal(codeOf(store.endMeeting(idOf(1), 99_000)), 'ok');
      assert.equal(codeOf(store.openMeeting(large(12))), 'ok');
    });

    it('may be closed twice', () => {
      store.close();
      store.close();
      store = rig.open();
      assert.deepEqual(store.openMeetings(), []);
    });
  });
};
