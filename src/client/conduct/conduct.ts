import type { Clock } from '../../base/clock.ts';
import type { Source } from '../../base/media.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import type { ChainHead } from '../../signaling/protocol/messages.ts';
import { ACT, type Order } from '../../trust/acts/act.ts';
import type { Effect } from '../../trust/acts/input.ts';
import { lawOf } from '../../trust/acts/law.ts';
import { type Place, startOf } from '../../trust/acts/place.ts';
import { grantsOf, type MeetingState, openMeeting } from '../../trust/acts/state.ts';
import type { SignedCharter } from '../../trust/charter/charter.ts';
import type { DeviceId, PersonId } from '../../trust/devices/ids.ts';
import { signAct } from '../../trust/signing/act.ts';
import { follow } from '../../trust/signing/chain.ts';
import type { Ask } from '../media-session.ts';
import type { Enrolled } from '../people/enrolled.ts';
import { fetchHistory } from './history.ts';

export interface ConductOptions {
  readonly device: Enrolled;
  readonly clock: Clock;
  readonly ask: Ask;
  /** What the meeting has become, and what follows from it. */
  readonly onChange: (state: MeetingState, effects: readonly Effect[]) => void;
}

/**
 * How the meeting is conducted, as this device reads it: the charter and every entry since, by the rules that the relay has to
 * keep too. An entry that does not follow, or that nobody was allowed to order, is never taken.
 */
export class Conduct {
  readonly #options: ConductOptions;
  #place: Place | undefined;
  #self: DeviceId | undefined;
  #lastNumber = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: ConductOptions) {
    this.#options = options;
  }

  get state(): MeetingState | undefined {
    return this.#place?.state;
  }

  /** Whether somebody is in the meeting, by what was signed and told. */
  isPresent(person: PersonId): boolean {
    return this.#place?.state.present.has(person) === true;
  }

  mayShow(person: PersonId, source: Source): boolean {
    return this.#place !== undefined && grantsOf(this.#place.state, person).has(source);
  }

  /**
   * A fresh join: everything up to `head`. What was read before is gone on from, so that a relay cannot go back behind it.
   * Refusals: `chain.…`, and those of entries and acts.
   */
  async begin(charter: SignedCharter, self: DeviceId, head: ChainHead): Promise<Result<undefined>> {
    this.#self = self;
    const start = this.#startOf(charter);
    if (head.n < start.head.n) return BEHIND;
    this.#place = start;
    for await (const entry of fetchHistory(this.#options.ask, start.head.n, head)) {
      const taken = entry.ok ? await this.#follow(entry.value) : entry;
      if (!taken.ok) return taken;
    }
    return this.#place.head.digest === head.digest ? ok(undefined) : OTHER_CHAIN;
  }

  /** The next entry, as the relay wrote it. */
  async take(entry: string): Promise<Result<undefined>> {
    const taken = await this.#follow(entry);
    if (!taken.ok) return taken;
    this.#options.onChange(taken.value.state, taken.value.effects);
    return ok(undefined);
  }

  /** Signs it as this device, and has the relay take it. One after the other: numbers rise on the way too. */
  order(order: Order): Promise<Result<void>> {
    const ordered = this.#turn.then(() => this.#order(order));
    this.#turn = ordered.catch(() => {});
    return ordered;
  }

  async #order(order: Order): Promise<Result<void>> {
    const place = this.#place;
    const { device, clock, ask } = this.#options;
    if (place === undefined || this.#self === undefined) return NOT_IN;
    const { charter, charterDigest } = place.state;
    const act = ACT.schema.safeParse({
      meeting: charter.meeting,
      charter: charterDigest,
      device: this.#self,
      number: this.#nextNumber(place.state, this.#self),
      atUnixMs: clock.unixMs(),
      seen: place.head,
      order,
    });
    if (!act.success) return UNSPEAKABLE;
    const statement = await signAct(act.data, device.signing);
    const taken = await ask('act', { act: { certificate: device.certificate, statement } });
    return taken.ok ? ok(undefined) : taken;
  }

  #startOf(charter: SignedCharter): Place {
    const { digest, value } = charter.opened;
    if (this.#place?.state.charterDigest === digest) return this.#place;
    return startOf(openMeeting(value, digest, lawOf(this.#options.device.scale)));
  }

  async #follow(
    text: string,
  ): Promise<Result<{ readonly state: MeetingState; readonly effects: readonly Effect[] }>> {
    if (this.#place === undefined) return NOT_IN;
    const followed = await follow(this.#place, text, this.#options.device);
    if (!followed.ok) return followed;
    const { place, effects } = followed.value;
    this.#place = place;
    return ok({ state: place.state, effects });
  }

  /** Above the last one that was taken, and above those that are under way. */
  #nextNumber({ lastNumbers }: MeetingState, self: DeviceId): number {
    this.#lastNumber = Math.max(this.#lastNumber, lastNumbers.get(self) ?? 0) + 1;
    return this.#lastNumber;
  }
}

const NOT_IN = refuse('conduct.not-in', 'this device is not in the meeting');
const UNSPEAKABLE = refuse('conduct.malformed', 'there is no such order');
const BEHIND: { ok: false; refusal: Refusal } = refuse(
  'chain.behind',
  'the relay tells less of this meeting than it told before',
);
const OTHER_CHAIN = refuse('chain.other', 'the relay tells another story than the one that it names');
