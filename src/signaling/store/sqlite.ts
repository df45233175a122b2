import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { utf8 } from '../../base/bytes.ts';
import { asId, type MeetingId } from '../../base/ids.ts';
import type { SeenList } from '../../trust/revocation/list.ts';
import type { StatementDigest } from '../../trust/statement/statement.ts';
import type { Store } from '../ports.ts';
import {
  checkEntries,
  checkList,
  checkMeeting,
  checkMeetingId,
  checkOneTime,
  checkRoot,
  checkTime,
} from './checks.ts';
import { openDatabase } from './database.ts';
import { bytesOf, type ChainSize, overfullOfEntries } from './entries.ts';
import { faultAt, isUnwritable } from './faults.ts';
import type { KeptList, NewEntries, OneTime, StoredMeeting } from './kept.ts';
import { DEFAULT_STORE_LIMITS, type StoreLimits } from './limits.ts';
import { lockStore, type StoreLock } from './lock.ts';
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
} from './refusals.ts';
import { finishRestore } from './restore.ts';
import { DiskRoom } from './room.ts';
import { transact } from './transaction.ts';

const SQL = {
  addMeeting: 'INSERT INTO meeting VALUES (?, ?, ?, ?, ?)',
  hasMeeting: 'SELECT 1 FROM meeting WHERE id = ?',
  hadMeeting: 'SELECT 1 FROM ended_meeting WHERE id = ?',
  countMeetings: 'SELECT count(*) AS n FROM meeting',
  countEnded: 'SELECT max(number) AS n FROM ended_meeting',
  meetings: 'SELECT * FROM meeting ORDER BY created_unix_ms, id',
  noteEnded: `INSERT INTO ended_meeting (id, charter_digest, created_unix_ms, ended_unix_ms)
    SELECT id, charter_digest, created_unix_ms, ? FROM meeting WHERE id = ?`,
  removeMeeting: 'DELETE FROM meeting WHERE id = ?',
  addOneTime: 'INSERT INTO one_time VALUES (?, ?, ?)',
  hasOneTime: 'SELECT 1 FROM one_time WHERE kind = ? AND id = ?',
  countOneTimes: 'SELECT count(*) AS n FROM one_time',
  forgottenUntil: 'SELECT until_unix_ms AS n FROM forgotten',
  noteForgotten: `UPDATE forgotten SET until_unix_ms = max(until_unix_ms,
    (SELECT coalesce(max(until_unix_ms), -1) FROM one_time WHERE until_unix_ms <= ?))`,
  forget: 'DELETE FROM one_time WHERE until_unix_ms <= ?',
  addEntry: 'INSERT INTO entry VALUES (?, ?, ?, ?)',
  lastEntry: 'SELECT n, total_bytes FROM entry WHERE meeting = ? ORDER BY n DESC LIMIT 1',
  entriesAfter: 'SELECT text FROM entry WHERE meeting = ? AND n > ? ORDER BY n',
  entryBytes: 'SELECT coalesce(sum(octet_length(text)), 0) AS n FROM entry',
  seenList: "SELECT number, digest FROM seen_list WHERE root IN (?, '') ORDER BY root DESC LIMIT 1",
  hasOtherLists: "SELECT count(*) AS n FROM seen_list WHERE root NOT IN (?, '')",
  adoptList: "DELETE FROM seen_list WHERE root = ''",
  seeList: 'INSERT OR REPLACE INTO seen_list VALUES (?, ?, ?)',
} as const;
type Statements = Readonly<Record<keyof typeof SQL, StatementSync>>;

const prepareAll = (db: DatabaseSync): Statements =>
  Object.fromEntries(Object.entries(SQL).map(([name, sql]) => [name, db.prepare(sql)])) as Statements;

export interface SqliteStoreOptions {
  readonly path: string;
  /** Of this process: whoever is kept out is told. */
  readonly pid: number;
  readonly limits?: Partial<StoreLimits>;
}

/** Opens the store in `path`, or makes it. Throws `store.busy` while another process has it, and what `faults.ts` lists. */
export const openSqliteStore = ({ path, pid, limits = {} }: SqliteStoreOptions): Store => {
  const lock = lockStore(path, pid);
  try {
    finishRestore(path);
    return new SqliteStore(path, lock, { ...DEFAULT_STORE_LIMITS, ...limits });
  } catch (error) {
    lock.release();
    throw faultAt(path, error);
  }
};

class SqliteStore implements Store {
  readonly #path: string;
  readonly #lock: StoreLock;
  readonly #limits: StoreLimits;
  readonly #db: DatabaseSync;
  readonly #do: Statements;
  readonly #room: DiskRoom;
  /** Of all chains. */
  #entryBytes: number;

  constructor(path: string, lock: StoreLock, limits: StoreLimits) {
    this.#path = path;
    this.#lock = lock;
    this.#limits = limits;
    this.#db = openDatabase(path, limits.maxBytes);
    this.#do = prepareAll(this.#db);
    this.#room = new DiskRoom(path);
    this.#entryBytes = this.#number('entryBytes');
  }

  openMeeting(meeting: StoredMeeting): Written {
    checkMeeting(meeting);
    const { id, charter, charterDigest, sealedTitle, createdUnixMs } = meeting;
    return this.#write(() => {
      if (this.#has('hasMeeting', id) || this.#has('hadMeeting', id)) return MEETING_EXISTS;
      const overfull = this.#overfullOfMeetings();
      if (overfull !== undefined) return overfull;
      this.#do.addMeeting.run(id, charter, charterDigest, sealedTitle ?? null, createdUnixMs);
      return WRITTEN;
    });
  }

  endMeeting(id: MeetingId, endedUnixMs: number): Written {
    checkMeetingId(id);
    checkTime(endedUnixMs);
    const { bytes } = this.#chainOf(id);
    const written = this.#writeAtAnyCost(() => {
      if (this.#do.noteEnded.run(endedUnixMs, id).changes === 0) return MEETING_UNKNOWN;
      this.#do.removeMeeting.run(id);
      return WRITTEN;
    });
    if (written.ok) this.#entryBytes -= bytes;
    return written;
  }

  openMeetings(): readonly StoredMeeting[] {
    return this.#read(() => this.#do.meetings.all().map(meetingOf));
  }

  appendEntries(entries: NewEntries): Written {
    const { meeting } = entries;
    checkMeetingId(meeting);
    const added = bytesOf(entries);
    const write = entries.isRemoval ? this.#writeAtAnyCost : this.#write;
    const written = write.call(this, () => {
      if (!this.#has('hasMeeting', meeting)) return MEETING_UNKNOWN;
      const chain = this.#chainOf(meeting);
      checkEntries(entries, chain.entries);
      const overfull = overfullOfEntries(this.#limits, chain, this.#entryBytes, entries);
      if (overfull !== undefined) return overfull;
      this.#append(entries, chain);
      return WRITTEN;
    });
    if (written.ok) this.#entryBytes += added;
    return written;
  }

  entriesAfter(meeting: MeetingId, n: number, maxBytes: number): readonly string[] {
    return this.#read(() => {
      const texts: string[] = [];
      let bytes = 0;
      for (const row of this.#do.entriesAfter.iterate(meeting, n)) {
        const text = String(row.text);
        bytes += utf8(text).length;
        if (texts.length > 0 && bytes > maxBytes) break;
        texts.push(text);
      }
      return texts;
    });
  }

  useOnce(oneTime: OneTime): Written {
    checkOneTime(oneTime);
    const { kind, id, untilUnixMs } = oneTime;
    const { maxOneTimes } = this.#limits;
    return this.#write(() => {
      if (this.#has('hasOneTime', kind, id)) return USED;
      if (untilUnixMs <= this.#number('forgottenUntil')) return OVER;
      if (this.#number('countOneTimes') >= maxOneTimes) return full('used codes and nonces', maxOneTimes);
      this.#do.addOneTime.run(kind, id, untilUnixMs);
      return WRITTEN;
    });
  }

  sweep(nowUnixMs: number): Written {
    checkTime(nowUnixMs);
    return this.#write(() => {
      this.#do.noteForgotten.run(nowUnixMs);
      this.#do.forget.run(nowUnixMs);
      return WRITTEN;
    });
  }

  seeList(list: KeptList): Written {
    checkList(list);
    const { root, number, digest } = list;
    const { maxAuthorities } = this.#limits;
    return this.#writeAtAnyCost(() => {
      if (this.#number('hasOtherLists', root) >= maxAuthorities) return full('authorities', maxAuthorities);
      const judged = judgeRise(this.lastSeenList(root), list);
      if (!judged.ok) return judged;
      this.#do.adoptList.run();
      this.#do.seeList.run(root, number, digest);
      return judged;
    });
  }

  lastSeenList(root: string): SeenList | undefined {
    checkRoot(root);
    return this.#read(() => seenListOf(this.#do.seenList.get(root)));
  }

  close(): void {
    if (!this.#db.isOpen) return;
    this.#db.close();
    this.#room.release();
    this.#lock.release();
  }

  #chainOf(meeting: MeetingId): ChainSize {
    const row = this.#read(() => this.#do.lastEntry.get(meeting));
    return { entries: Number(row?.n ?? 0), bytes: Number(row?.total_bytes ?? 0) };
  }

  #append({ meeting, n, texts }: NewEntries, { bytes }: ChainSize): void {
    let total = bytes;
    for (const [at, text] of texts.entries()) {
      total += utf8(text).length;
      this.#do.addEntry.run(meeting, n + at, text, total);
    }
  }

  #has(query: keyof typeof SQL, ...values: readonly string[]): boolean {
    return this.#do[query].get(...values) !== undefined;
  }

  #number(query: keyof typeof SQL, ...values: readonly string[]): number {
    return Number(this.#do[query].get(...values)?.n ?? 0);
  }

  /** Each meeting that is opened ends, so both must have room. */
  #overfullOfMeetings(): Written | undefined {
    const { maxOpenMeetings, maxEndedMeetings } = this.#limits;
    const open = this.#number('countMeetings');
    if (open >= maxOpenMeetings) return full('open meetings', maxOpenMeetings);
    return open + this.#number('countEnded') >= maxEndedMeetings
      ? full('meetings, ended ones included', maxEndedMeetings)
      : undefined;
  }

  /** On the disk when it returns, or refused. */
  #write(work: () => Written): Written {
    return this.#room.hasMore() ? this.#tryToWrite(work) : UNWRITABLE;
  }

  /** What takes somebody out, or ends something: it has room where there is none for others. */
  #writeAtAnyCost(work: () => Written): Written {
    const written = this.#tryToWrite(work);
    if (written.ok || written.refusal.code !== 'store.unwritable') return written;
    this.#room.release();
    return this.#tryToWrite(work);
  }

  #tryToWrite(work: () => Written): Written {
    try {
      return transact(this.#db, work, ({ ok }) => ok);
    } catch (error) {
      if (!isUnwritable(error)) throw faultAt(this.#path, error);
      this.#room.foundFull();
      return UNWRITABLE;
    }
  }

  #read<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw faultAt(this.#path, error);
    }
  }
}

type Row = Readonly<Record<string, SQLOutputValue>>;

const meetingOf = (row: Row): StoredMeeting => ({
  id: asId<MeetingId>(String(row.id)),
  charter: row.charter as Uint8Array,
  charterDigest: asId<StatementDigest>(String(row.charter_digest)),
  sealedTitle: (row.sealed_title as Uint8Array | null) ?? undefined,
  createdUnixMs: Number(row.created_unix_ms),
});

const seenListOf = (row: Row | undefined): SeenList | undefined =>
  row && { number: Number(row.number), digest: asId<StatementDigest>(String(row.digest)) };
