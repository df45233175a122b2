import { utf8 } from '../../base/bytes.ts';
import type { MeetingId } from '../../base/ids.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import type { SignedCharter } from '../../trust/charter/charter.ts';
import { isValidAt } from '../../trust/hosts/validity.ts';
import { readJson } from '../../trust/statement/strict-json.ts';
import { type Vouched, vouchedSchema } from '../../trust/statement/vouched.ts';
import type { Store } from '../ports.ts';
import { MAX_CHARTER_BYTES } from '../store/limits.ts';

/** A charter whose signature was found good, and as it travels. */
export interface KeptCharter {
  readonly signed: SignedCharter;
  readonly vouched: Vouched;
}

/** The charters of the meetings that are open, in memory and in the store. */
export class Charters {
  readonly #store: Store;
  readonly #open = new Map<MeetingId, KeptCharter>();
  /** When they ended, of those whose end could not be written: as many as were open. */
  readonly #endsOwed = new Map<MeetingId, number>();

  constructor(store: Store) {
    this.#store = store;
  }

  get(meeting: MeetingId): KeptCharter | undefined {
    return this.#open.get(meeting);
  }

  /** `known`: this very charter is open already. Refusals: those of the store, `charter.another` where the meeting has one. */
  open(charter: KeptCharter, nowUnixMs: number): Result<'opened' | 'known', Refusal> {
    const { value, digest } = charter.signed.opened;
    const before = this.#open.get(value.meeting);
    if (before !== undefined)
      return before.signed.opened.digest === digest
        ? ok('known')
        : refuse('charter.another', 'the meeting was opened by another charter');
    const written = this.#store.openMeeting({
      id: value.meeting,
      charter: utf8(JSON.stringify(charter.vouched)),
      charterDigest: digest,
      sealedTitle: undefined,
      createdUnixMs: nowUnixMs,
    });
    if (!written.ok) return written;
    this.#open.set(value.meeting, charter);
    return ok('opened');
  }

  /** One that the store has from before a restart. */
  adopt(charter: KeptCharter): void {
    this.#open.set(charter.signed.opened.value.meeting, charter);
  }

  /** As they travel, from the store; what is no charter any more is `undefined`. */
  stored(): readonly { readonly id: MeetingId; readonly vouched: Vouched | undefined }[] {
    const stored = this.#store.openMeetings().filter(({ id }) => !this.#endsOwed.has(id));
    return stored.map(({ id, charter }) => {
      const read = readJson(charter, MAX_CHARTER_BYTES, vouchedSchema);
      return { id, vouched: read.ok ? read.value : undefined };
    });
  }

  /** Meetings whose charter lets nobody in any more: its convener's certificate has ended. */
  over(nowUnixMs: number): readonly MeetingId[] {
    return [...this.#open]
      .filter(([, { signed }]) => !isValidAt(signed.by.validity, nowUnixMs))
      .map(([meeting]) => meeting);
  }

  /** For good: a charter opens its meeting once. */
  end(meeting: MeetingId, nowUnixMs: number): void {
    if (!this.#open.delete(meeting)) return;
    this.#endsOwed.set(meeting, nowUnixMs);
    this.settle();
  }

  /** Writes what ended and could not be written then. */
  settle(): void {
    for (const [meeting, endedUnixMs] of this.#endsOwed)
      if (this.#isEnded(meeting, endedUnixMs)) this.#endsOwed.delete(meeting);
  }

  #isEnded(meeting: MeetingId, endedUnixMs: number): boolean {
    const written = this.#store.endMeeting(meeting, endedUnixMs);
    return written.ok || written.refusal.code !== 'store.unwritable';
  }
}
