import type { MeetingId } from '../../src/base/ids.ts';
import type { Store } from '../../src/signaling/ports.ts';
import {
  checkEntries,
  checkList,
  checkMeeting,
  checkMeetingId,
  checkOneTime,
  checkRoot,
  checkTime,
} from '../../src/signaling/store/checks.ts';
import { bytesOf, overfullOfEntries } from '../../src/signaling/store/entries.ts';
import type { KeptList, NewEntries, OneTime, StoredMeeting } from '../../src/signaling/store/kept.ts';
import { DEFAULT_STORE_LIMITS, type StoreLimits } from '../../src/signaling/store/limits.ts';
import {
  full,
  judgeRise,
  MEETING_EXISTS,
  MEETING_UNKNOWN,
  OVER,
  UNWRITABLE,
  USED,
  WRITTEN,
  type Written,
} from '../../src/signaling/store/refusals.ts';
import type { SeenList } from '../../src/trust/revocation/list.ts';

/** What outlives a `FakeStore`: the next one on it finds it. */
export class FakeDisk {
  readonly open = new Map<MeetingId, StoredMeeting>();
  readonly ended = new Set<MeetingId>();
  readonly entries = new Map<MeetingId, readonly string[]>();
  readonly entryBytes = new Map<MeetingId, number>();
  readonly oneTimes = new Map<string, OneTime>();
  forgottenUnixMs = -1;
  readonly seen = new Map<string, SeenList>();
}

const copyOf = (meeting: StoredMeeting): StoredMeeting => ({
  ...meeting,
  charter: meeting.charter.slice(),
  sealedTitle: meeting.sealedTitle?.slice(),
});

const byAge = (a: StoredMeeting, b: StoredMeeting): number =>
  a.createdUnixMs - b.createdUnixMs || (a.id < b.id ? -1 : 1);

/** A store in memory: the simplest that keeps the promises. */
export class FakeStore implements Store {
  readonly #disk: FakeDisk;
  readonly #limits: StoreLimits;

  constructor(disk = new FakeDisk(), limits: Partial<StoreLimits> = {}) {
    this.#disk = disk;
    this.#limits = { ...DEFAULT_STORE_LIMITS, ...limits };
  }

  openMeeting(meeting: StoredMeeting): Written {
    checkMeeting(meeting);
    const { open, ended, entries } = this.#disk;
    const { maxOpenMeetings, maxEndedMeetings, maxBytes } = this.#limits;
    if (open.has(meeting.id) || ended.has(meeting.id)) return MEETING_EXISTS;
    if (open.size >= maxOpenMeetings) return full('open meetings', maxOpenMeetings);
    if (open.size + ended.size >= maxEndedMeetings) return full('meetings', maxEndedMeetings);
    if (this.#charterBytes() + meeting.charter.length > maxBytes) return UNWRITABLE;
    open.set(meeting.id, copyOf(meeting));
    entries.set(meeting.id, []);
    return WRITTEN;
  }

  endMeeting(id: MeetingId, endedUnixMs: number): Written {
    checkMeetingId(id);
    checkTime(endedUnixMs);
    if (!this.#disk.open.delete(id)) return MEETING_UNKNOWN;
    this.#disk.entries.delete(id);
    this.#disk.entryBytes.delete(id);
    this.#disk.ended.add(id);
    return WRITTEN;
  }

  openMeetings(): readonly StoredMeeting[] {
    return [...this.#disk.open.values()].map(copyOf).sort(byAge);
  }

  appendEntries(entries: NewEntries): Written {
    checkMeetingId(entries.meeting);
    const kept = this.#disk.entries.get(entries.meeting);
    if (kept === undefined) return MEETING_UNKNOWN;
    checkEntries(entries, kept.length);
    const size = { entries: kept.length, bytes: this.#disk.entryBytes.get(entries.meeting) ?? 0 };
    const overfull = overfullOfEntries(this.#limits, size, this.#entryBytes(), entries);
    if (overfull !== undefined) return overfull;
    this.#disk.entries.set(entries.meeting, [...kept, ...entries.texts]);
    this.#disk.entryBytes.set(entries.meeting, size.bytes + bytesOf(entries));
    return WRITTEN;
  }

  entriesAfter(meeting: MeetingId, n: number, maxBytes: number): readonly string[] {
    const after = (this.#disk.entries.get(meeting) ?? []).slice(n);
    const fits = (count: number) => bytesOf({ texts: after.slice(0, count) }) <= maxBytes;
    let count = Math.min(1, after.length);
    while (count < after.length && fits(count + 1)) count++;
    return after.slice(0, count);
  }

  #entryBytes(): number {
    return this.#disk.entryBytes.values().reduce((sum, bytes) => sum + bytes, 0);
  }

  useOnce(oneTime: OneTime): Written {
    checkOneTime(oneTime);
    const { oneTimes, forgottenUnixMs } = this.#disk;
    const { maxOneTimes } = this.#limits;
    const key = `${oneTime.kind} ${oneTime.id}`;
    if (oneTimes.has(key)) return USED;
    if (oneTime.untilUnixMs <= forgottenUnixMs) return OVER;
    if (oneTimes.size >= maxOneTimes) return full('used codes and nonces', maxOneTimes);
    oneTimes.set(key, oneTime);
    return WRITTEN;
  }

  sweep(nowUnixMs: number): Written {
    checkTime(nowUnixMs);
    for (const [key, { untilUnixMs }] of this.#disk.oneTimes) {
      if (untilUnixMs > nowUnixMs) continue;
      this.#disk.oneTimes.delete(key);
      this.#disk.forgottenUnixMs = Math.max(this.#disk.forgottenUnixMs, untilUnixMs);
    }
    return WRITTEN;
  }

  seeList(list: KeptList): Written {
    checkList(list);
    const { root, number, digest } = list;
    const { seen } = this.#disk;
    const { maxAuthorities } = this.#limits;
    if (!seen.has(root) && seen.size >= maxAuthorities) return full('authorities', maxAuthorities);
    const judged = judgeRise(seen.get(root), list);
    if (judged.ok) seen.set(root, { number, digest });
    return judged;
  }

  lastSeenList(root: string): SeenList | undefined {
    checkRoot(root);
    return this.#disk.seen.get(root);
  }

  close(): void {}

  #charterBytes(): number {
    return this.#disk.open.values().reduce((sum, { charter }) => sum + charter.length, 0);
  }
}
