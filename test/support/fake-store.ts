import type { MeetingId } from '../../src/base/ids.ts';
import type { Store } from '../../src/signaling/ports.ts';
import {
  checkMeeting,
  checkMeetingId,
  checkOneTime,
  checkPerson,
  checkSeenList,
  checkTime,
} from '../../src/signaling/store/checks.ts';
import type { OneTime, StoredMeeting } from '../../src/signaling/store/kept.ts';
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
import type { PersonId } from '../../src/trust/devices/ids.ts';
import type { SeenList } from '../../src/trust/revocation/list.ts';

/** What outlives a `FakeStore`: the next one on it finds it. */
export class FakeDisk {
  readonly open = new Map<MeetingId, StoredMeeting>();
  readonly ended = new Set<MeetingId>();
  readonly bans = new Map<MeetingId, Set<PersonId>>();
  readonly oneTimes = new Map<string, OneTime>();
  forgottenUnixMs = -1;
  seen: SeenList | undefined;
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
    const { open, ended, bans } = this.#disk;
    const { maxOpenMeetings, maxEndedMeetings, maxBytes } = this.#limits;
    if (open.has(meeting.id) || ended.has(meeting.id)) return MEETING_EXISTS;
    if (open.size >= maxOpenMeetings) return full('open meetings', maxOpenMeetings);
    if (open.size + ended.size >= maxEndedMeetings) return full('meetings', maxEndedMeetings);
    if (this.#charterBytes() + meeting.charter.length > maxBytes) return UNWRITABLE;
    open.set(meeting.id, copyOf(meeting));
    bans.set(meeting.id, new Set());
    return WRITTEN;
  }

  endMeeting(id: MeetingId, endedUnixMs: number): Written {
    checkMeetingId(id);
    checkTime(endedUnixMs);
    if (!this.#disk.open.delete(id)) return MEETING_UNKNOWN;
    this.#disk.bans.delete(id);
    this.#disk.ended.add(id);
    return WRITTEN;
  }

  openMeetings(): readonly StoredMeeting[] {
    return [...this.#disk.open.values()].map(copyOf).sort(byAge);
  }

  ban(meeting: MeetingId, person: PersonId): Written {
    checkMeetingId(meeting);
    checkPerson(person);
    const banned = this.#disk.bans.get(meeting);
    const { maxBansPerMeeting } = this.#limits;
    if (banned === undefined) return MEETING_UNKNOWN;
    if (!banned.has(person) && banned.size >= maxBansPerMeeting) return full('bans', maxBansPerMeeting);
    banned.add(person);
    return WRITTEN;
  }

  isBanned(meeting: MeetingId, person: PersonId): boolean {
    return this.#disk.bans.get(meeting)?.has(person) ?? false;
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

  seeList(seen: SeenList): Written {
    checkSeenList(seen);
    const judged = judgeRise(this.#disk.seen, seen);
    if (judged.ok) this.#disk.seen = { ...seen };
    return judged;
  }

  lastSeenList(): SeenList | undefined {
    return this.#disk.seen;
  }

  close(): void {}

  #charterBytes(): number {
    return this.#disk.open.values().reduce((sum, { charter }) => sum + charter.length, 0);
  }
}
