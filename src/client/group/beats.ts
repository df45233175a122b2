import type { Clock } from '../../base/clock.ts';
import { asId, type MeetingId, type ParticipantId } from '../../base/ids.ts';
import type { Heads } from '../../trust/acts/head.ts';
import type { PersonId } from '../../trust/devices/ids.ts';
import {
  BEAT_EVERY_MS,
  HEARTBEAT,
  type Hearing,
  heardFrom,
  hearingFrom,
  isCutOff,
  isHeeded,
  type Listener,
  mayBeCutOff,
} from '../../trust/heartbeat/heartbeat.ts';
import type { SigningKey } from '../../trust/signing/keys.ts';
import { openStatement, signStatement } from '../../trust/signing/statement.ts';
import type { Envelope } from '../../trust/statement/statement.ts';
import type { GroupEvent } from './events.ts';
import { LOOK_EVERY_MS } from './limits.ts';
import type { Standing } from './standing.ts';

/** What was said of it last. */
interface Warning {
  readonly mayBe: boolean;
  readonly isUntold: boolean;
}
const NO_WARNING: Warning = { mayBe: false, isUntold: false };

type Epoch = Extract<GroupEvent, { kind: 'epoch' }>;

/** Beside the leaders: a leader who is alone hears of the others by these, and two of them outlive one who goes. */
const STAND_INS = 2;
/** Signatures to check at once: each member says one every three seconds. More are not looked at. */
const MAX_OPENING = 64;

export interface BeatsOptions {
  readonly meeting: MeetingId;
  readonly self: { readonly participant: ParticipantId; readonly person: PersonId };
  readonly signing: SigningKey;
  /** Chair and deputies, in the order in which they lead. */
  readonly line: () => readonly PersonId[];
  /** By what was signed and told of the meeting, whatever group the relay has one in. */
  readonly isPresent: (person: PersonId) => boolean;
  /** Of the chain that this device played; `undefined` before. */
  readonly heads: () => Heads | undefined;
  readonly standing: Pick<Standing, 'present' | 'count' | 'mayHear'>;
  /** Of the join before: a relay that ends sessions gives nobody another minute by it. */
  readonly hearing: Hearing | undefined;
  readonly clock: Clock;
  /** Only where there is a connection: one that is late is worth nothing. */
  readonly say: (statement: Envelope) => void;
  /** Somebody who counts says where the group is. */
  readonly onHeard: (where: { readonly epoch: bigint; readonly digest: string }) => void;
  /** `isUntold`: who leads is heard, and names what this device has not. */
  readonly onCutOff: (mayBe: boolean, isUntold: boolean) => void;
  /** A key that fails: of a device that can prove nothing any more. */
  readonly onFault: (error: unknown) => void;
}

/**
 * Heartbeats, said and heard. The chair and deputies say them, and those of the two lowest leaves: for a leader, who would hear
 * nobody else, and for everybody where no leader is there. That takes both the tree and the chain of what was signed and told:
 * the relay alone can tell nobody that a leader is gone.
 */
export class Beats {
  readonly #options: BeatsOptions;
  readonly #stops: readonly (() => void)[];
  #epoch: Epoch | undefined;
  #hearing: Hearing;
  #opening = 0;
  #isUntold = false;
  #warned: Warning = NO_WARNING;

  constructor(options: BeatsOptions) {
    const { clock } = options;
    this.#options = options;
    this.#hearing = options.hearing ?? hearingFrom(this.#now());
    this.#stops = [
      clock.every(BEAT_EVERY_MS, () => void this.#say().catch(options.onFault)),
      clock.every(LOOK_EVERY_MS, () => this.#look()),
    ];
  }

  /** The first of all begins the time; later ones do not. */
  moved(epoch: Epoch): void {
    if (this.#epoch === undefined && this.#options.hearing === undefined)
      this.#hearing = hearingFrom(this.#now());
    this.#epoch = epoch;
  }

  /** For the next join. */
  get hearing(): Hearing | undefined {
    return this.#epoch === undefined ? this.#options.hearing : this.#hearing;
  }

  /** Whether somebody may have been removed since this device heard that its epoch is the newest. */
  get isCutOff(): boolean {
    return this.#epoch !== undefined && isCutOff(this.#hearing, this.#now(), this.#others);
  }

  /** Whether the meeting went on, by the last word of who leads, without this device being told. */
  get isUntold(): boolean {
    return this.#isUntold;
  }

  async hear(from: ParticipantId, statement: Envelope): Promise<void> {
    const known = this.#options.standing.present(from);
    // Before the signature, which costs more than all the rest: most beats are said for others.
    if (known === undefined || !this.#heeds(known.person) || this.#opening >= MAX_OPENING) return;
    this.#opening += 1;
    const opened = await openStatement(HEARTBEAT, statement, known.publicKey).finally(() => {
      this.#opening -= 1;
    });
    const listener = this.#listener();
    if (!opened.ok || listener === undefined) return;
    const { value: beat } = opened.value;
    const heard = heardFrom(known.person, beat, listener);
    if (heard.ok && !this.#epoch?.members.includes(from)) return;
    if (heard.ok) this.#hearing = heard.value;
    else if (!TELLS_WHERE.has(heard.refusal.code)) return;
    this.#isUntold = !heard.ok && heard.refusal.code === 'heartbeat.other-head';
    this.#options.onHeard({ epoch: BigInt(beat.epoch), digest: beat.digest });
    this.#look();
  }

  #heeds(person: PersonId): boolean {
    const listener = this.#listener();
    return listener !== undefined && isHeeded(listener, person);
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#epoch = undefined;
  }

  #listener(): Listener | undefined {
    const { meeting, self } = this.#options;
    const heads = this.#options.heads();
    if (this.#epoch === undefined || heads === undefined) return undefined;
    const { digest, members } = this.#epoch;
    const epoch = Number(this.#epoch.epoch);
    const standIns = new Set(this.#peopleOf(members.slice(0, STAND_INS)));
    const line = this.#line(this.#epoch);
    return { meeting, epoch, digest, heads, self: self.person, line, standIns, ...this.#now() };
  }

  #now() {
    const { clock } = this.#options;
    return { nowMs: clock.nowMs(), nowUnixMs: clock.unixMs() };
  }

  /** Of those who are in the group, or should be. */
  #line({ members }: Epoch): readonly PersonId[] {
    const { line, isPresent } = this.#options;
    const there = new Set(this.#peopleOf(members));
    return line().filter((person) => there.has(person) || isPresent(person));
  }

  #peopleOf(members: readonly ParticipantId[]): readonly PersonId[] {
    const { self, standing } = this.#options;
    const personOf = (participant: ParticipantId) =>
      participant === self.participant ? self.person : standing.present(participant)?.person;
    return members.flatMap((one) => personOf(one) ?? []);
  }

  /** Not for an epoch that this device itself seals nothing under: it would vouch for who is out. */
  #speaks(epoch: Epoch): boolean {
    const { self, standing, clock } = this.#options;
    const isStandIn = epoch.members.slice(0, STAND_INS).includes(self.participant);
    if (!isStandIn && !this.#line(epoch).includes(self.person)) return false;
    const others = epoch.members.filter((one) => one !== self.participant);
    return others.every((one) => standing.mayHear(one, clock.nowMs()));
  }

  async #say(): Promise<void> {
    const { meeting, heads, clock, signing, say } = this.#options;
    const head = heads()?.at(-1);
    if (this.#epoch === undefined || head === undefined || !this.#speaks(this.#epoch)) return;
    const { epoch, digest } = this.#epoch;
    const where = { meeting: asId<MeetingId>(meeting), epoch: Number(epoch), digest, head };
    say(await signStatement(HEARTBEAT, { ...where, atUnixMs: clock.unixMs() }, signing));
  }

  /** Of the roster, in the same group or not: a relay that begins a group for each of two people keeps both apart. */
  get #others(): number {
    const { standing, self } = this.#options;
    return standing.count - (standing.present(self.participant) === undefined ? 0 : 1);
  }

  #look(): void {
    if (this.#epoch === undefined) return;
    // Whoever comes first after a time alone begins the time.
    if (this.#others === 0) this.#hearing = hearingFrom(this.#now());
    const mayBe = mayBeCutOff(this.#hearing, this.#options.clock.nowMs(), this.#others);
    const isUntold = mayBe && this.#isUntold;
    if (mayBe === this.#warned.mayBe && isUntold === this.#warned.isUntold) return;
    this.#warned = { mayBe, isUntold };
    this.#options.onCutOff(mayBe, isUntold);
  }
}

/** Of somebody who counts, and now. */
const TELLS_WHERE: ReadonlySet<string> = new Set([
  'heartbeat.other-head',
  'heartbeat.old-head',
  'heartbeat.other-epoch',
  'heartbeat.fork',
]);
