import type { Clock } from '../../base/clock.ts';
import type { ParticipantId } from '../../base/ids.ts';
import { ok, type Refusal, type Result } from '../../base/result.ts';
import type { SignedCharter } from '../../trust/charter/charter.ts';
import { type Admitted, judgeEntry, type MeetingStanding } from '../../trust/charter/entry.ts';
import type { DeviceNames } from '../../trust/devices/ids.ts';
import { DAY_MS } from '../../trust/hosts/validity.ts';
import { type Rank, rankOf } from '../../trust/markings/label.ts';
import { type CurrentList, isRevoked } from '../../trust/revocation/list.ts';
import { openCharter } from '../../trust/signing/charter.ts';
import { judgeDeviceCertificate } from '../../trust/signing/people-certificate.ts';
import type { Vouched } from '../../trust/statement/vouched.ts';
import type { EntryLink } from '../link.ts';
import { type CharterFacts, factsOf, judgeCharter } from './charter-facts.ts';
import { type EntryShown, openCredentials, type Shown } from './credentials.ts';
import type { Enrolled } from './enrolled.ts';
import type { FetchList } from './fetch-list.ts';
import { Lists } from './lists.ts';

/** Timers of browsers overflow after 24 days; asked a day too early nothing changes. */
const MAX_WAIT_MS = DAY_MS;

/** A relay of 500 people answers 50 such questions a second; who is revoked stays for so long where the network fails. */
export const LIST_AGAIN_MS = 10_000;

export interface CompanyOptions {
  readonly device: Enrolled;
  readonly link: EntryLink;
  readonly fetchList: FetchList;
  readonly clock: Clock;
  /** What the meeting's acts have made of the charter, as this client read them; `undefined` before it has. */
  readonly standing: () => MeetingStanding | undefined;
  /** Somebody who was let in no longer may be here. */
  readonly onOut: (participant: ParticipantId, why: Refusal) => void;
  /** This device itself no longer may. */
  readonly onSelfOut: (why: Refusal) => void;
  readonly onProblem: (problem: Refusal) => void;
}

/** What this device's own entry is judged by, every signature found good. */
export interface Begun {
  readonly facts: CharterFacts;
  readonly shown: Shown;
  readonly charter: SignedCharter;
}

/**
 * Who may be in this meeting, by what everybody signed: the relay's word counts for nothing. Signatures are checked once
 * (`open`); whether they suffice is asked of everybody, this device first, whenever a list comes or a term ends.
 */
export class Company {
  readonly #options: CompanyOptions;
  readonly #lists: Lists;
  readonly #others = new Map<ParticipantId, Shown>();
  #self: Shown | undefined;
  #charter: SignedCharter | undefined;
  /** The number of the newest list that was told of. */
  #wantedNumber = 1;
  #refreshing: Promise<void> | undefined;
  #askAgainUnixMs = Number.POSITIVE_INFINITY;
  #cancelAsking: () => void = () => {};
  #cancelTrying: () => void = () => {};

  constructor(options: CompanyOptions) {
    this.#options = options;
    this.#lists = new Lists({ ...options, origin: options.link.origin });
  }

  /** A fresh join: the newest list, the charter, and what this device itself has shown. Nobody is judged yet. */
  async begin(own: EntryShown, vouched: Vouched): Promise<Result<Begun>> {
    this.stop();
    const list = await this.#lists.refresh();
    if (!list.ok) return list;
    const charter = await this.#openCharter(vouched);
    if (!charter.ok) return charter;
    this.#charter = charter.value;
    const shown = await this.open(own);
    if (!shown.ok) return shown;
    const facts = factsOf(charter.value, this.#options.device.scale);
    return ok({ facts, shown: shown.value, charter: charter.value });
  }

  /** Whether this device itself may be in the meeting, as the meeting is now: after its chain was read. */
  judgeSelf(shown: Shown): Result<Admitted> {
    const judged = this.judge(shown);
    if (!judged.ok) return judged;
    this.#self = shown;
    this.#askAgainAt(judged.value.untilUnixMs);
    // Told of while this was under way.
    if ((this.#lists.current?.list.number ?? 0) < this.#wantedNumber)
      void this.listPublished(this.#wantedNumber);
    return judged;
  }

  /** What is wrong with this device whatever the meeting; `undefined` where nothing is, or where no list is to be had. */
  async judgeOwnDevice(): Promise<Refusal | undefined> {
    const { device, clock } = this.#options;
    const { scale, root, certificate: pem } = device;
    const nowUnixMs = clock.unixMs();
    const certificate = await judgeDeviceCertificate(pem, root, nowUnixMs);
    if (!certificate.ok) return { code: 'entry.certificate-over', message: certificate.refusal.message };
    const list = await this.#lists.refresh();
    if (!list.ok) return undefined;
    const shown = { certificate: certificate.value, revocation: list.value, clearance: undefined };
    const judged = judgeEntry({ ...shown, charter: undefined, scale, nowUnixMs });
    return judged.ok || judged.refusal.code === 'entry.no-charter' ? undefined : judged.refusal;
  }

  /** Checks every signature of what somebody showed. */
  open(entry: EntryShown): Promise<Result<Shown>> {
    const { device, link, clock } = this.#options;
    return openCredentials(entry, link.meeting, { root: device.root, nowUnixMs: clock.unixMs() });
  }

  /**
   * By the list, the meeting and the time of now, however long the opening took: by the marking in force and those who were called
   * in, and not by the charter's alone. Before the chain was read nobody is let in.
   */
  judge(shown: Shown): Result<Admitted> {
    const { device, clock } = this.#options;
    const { scale } = device;
    const standing = this.#options.standing();
    const [revocation, charter] = [this.#lists.current, standing && this.#charter];
    return judgeEntry({ ...shown, revocation, charter, standing, scale, nowUnixMs: clock.unixMs() });
  }

  isRevoked(names: DeviceNames): boolean {
    const list = this.#lists.current?.list;
    return list === undefined || isRevoked(list, names);
  }

  /** Somebody was let in, and is judged again from now on until `remove`. */
  keep(participant: ParticipantId, shown: Shown, { untilUnixMs }: Admitted): void {
    this.#others.set(participant, shown);
    this.#askAgainAt(untilUnixMs);
  }

  remove(participant: ParticipantId): void {
    this.#others.delete(participant);
  }

  /** What this device's person is cleared for, by what it showed; `undefined` before it is in. */
  get cleared(): Rank | undefined {
    const rank = this.#self && rankOf(this.#self.clearance.value.label, this.#options.device.scale);
    return rank?.ok === true ? rank.value : undefined;
  }

  /** There is a list of this number: fetched, taken, and everybody judged by it at once. */
  async listPublished(number: number): Promise<void> {
    this.#wantedNumber = Math.max(this.#wantedNumber, number);
    if (this.#self === undefined) return;
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  /** Forgets this join. */
  stop(): void {
    this.#others.clear();
    this.#self = undefined;
    this.#cancelAsking();
    this.#cancelTrying();
    this.#askAgainUnixMs = Number.POSITIVE_INFINITY;
  }

  /** Again where a newer one was told of meanwhile; each time the number rises, so it ends. */
  async #refresh(): Promise<void> {
    for (let asked = 0; asked < this.#wantedNumber; ) {
      asked = this.#wantedNumber;
      const list = await this.#lists.refresh();
      if (list.ok) this.judgeAll();
      const problem = list.ok ? behind(list.value, asked) : list.refusal;
      if (problem === undefined) continue;
      this.#options.onProblem(problem);
      this.#tryAgain();
    }
  }

  /** Somebody on a list that did not come is still shown: it is asked for until it is there. */
  #tryAgain(): void {
    this.#cancelTrying();
    this.#cancelTrying = this.#options.clock.after(
      LIST_AGAIN_MS,
      () => void this.listPublished(this.#wantedNumber),
    );
  }

  async #openCharter(vouched: Vouched): Promise<Result<SignedCharter>> {
    const { device, link, clock } = this.#options;
    const opened = await openCharter(vouched, { root: device.root, nowUnixMs: clock.unixMs() });
    return opened.ok ? judgeCharter(opened.value, link) : opened;
  }

  /** By the marking, the list and the time of now. */
  judgeAll(): void {
    if (this.#self === undefined) return;
    const self = this.judge(this.#self);
    if (!self.ok) {
      this.#options.onSelfOut(self.refusal);
      return;
    }
    this.#askAgainAt(self.value.untilUnixMs);
    for (const [participant, shown] of this.#others) this.#judgeAgain(participant, shown);
  }

  #judgeAgain(participant: ParticipantId, shown: Shown): void {
    const judged = this.judge(shown);
    if (judged.ok) {
      this.#askAgainAt(judged.value.untilUnixMs);
      return;
    }
    this.#others.delete(participant);
    this.#options.onOut(participant, judged.refusal);
  }

  /** At the earliest of all terms. Some end only after their last millisecond: then it is asked once more. */
  #askAgainAt(untilUnixMs: number): void {
    if (untilUnixMs >= this.#askAgainUnixMs) return;
    const { clock } = this.#options;
    this.#askAgainUnixMs = untilUnixMs;
    this.#cancelAsking();
    const waitMs = Math.min(Math.max(untilUnixMs - clock.unixMs(), 1), MAX_WAIT_MS);
    this.#cancelAsking = clock.after(waitMs, () => {
      this.#askAgainUnixMs = Number.POSITIVE_INFINITY;
      this.judgeAll();
    });
  }
}

const behind = ({ list }: CurrentList, told: number): Refusal | undefined =>
  list.number >= told
    ? undefined
    : { code: 'list.behind', message: 'the relay gives an older list of revocations than it told of' };
