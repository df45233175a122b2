import type { Clock } from '../../base/clock.ts';
import { asId, type MeetingId, type ParticipantId } from '../../base/ids.ts';
import type { PersonId } from '../../trust/devices/ids.ts';
import {
  BEAT_EVERY_MS,
  HEARTBEAT,
  type Hearing,
  heardFrom,
  type Listener,
  mayBeCutOff,
} from '../../trust/heartbeat/heartbeat.ts';
import type { SigningKey } from '../../trust/signing/keys.ts';
import { openStatement, signStatement } from '../../trust/signing/statement.ts';
import type { Envelope } from '../../trust/statement/statement.ts';
import type { GroupEvent } from './events.ts';
import { LOOK_EVERY_MS } from './limits.ts';
import type { Standing } from './standing.ts';

type Epoch = Extract<GroupEvent, { kind: 'epoch' }>;

/** Beside the leaders: a leader who is alone hears of the others by these, and two of them outlive one who goes. */
const STAND_INS = 2;
/** Signatures to check at once: each member says one every three seconds. More are not looked at. */
const MAX_OPENING = 64;

export interface BeatsOptions {
  readonly meeting: MeetingId;
  readonly self: { readonly participant: ParticipantId; readonly person: PersonId };
  readonly signing: SigningKey;
  /** Chair and deputies in force. */
  readonly leaders: () => ReadonlySet<PersonId>;
  readonly standing: Pick<Standing, 'present' | 'count'>;
  readonly clock: Clock;
  /** Only where there is a connection: one that is late is worth nothing. */
  readonly say: (statement: Envelope) => void;
  /** Somebody who counts says where the group is. */
  readonly onHeard: (where: { readonly epoch: bigint; readonly digest: string }) => void;
  readonly onCutOff: (mayBe: boolean) => void;
  /** A key that fails: of a device that can prove nothing any more. */
  readonly onFault: (error: unknown) => void;
}

/**
 * Heartbeats, said and heard. The chair and deputies say them, and those of the two lowest leaves: for the leaders, who would
 * hear nobody else, and for everybody where no leader is in the group, which the tree itself tells and no relay can.
 */
export class Beats {
  readonly #options: BeatsOptions;
  readonly #stops: readonly (() => void)[];
  #epoch: Epoch | undefined;
  #hearing: Hearing;
  #opening = 0;
  #isCutOff = false;

  constructor(options: BeatsOptions) {
    const { clock } = options;
    this.#options = options;
    this.#hearing = { lastAtMs: clock.nowMs() };
    this.#stops = [
      clock.every(BEAT_EVERY_MS, () => void this.#say().catch(options.onFault)),
      clock.every(LOOK_EVERY_MS, () => this.#look()),
    ];
  }

  /** The first begins the ten seconds; later ones do not. */
  moved(epoch: Epoch): void {
    if (this.#epoch === undefined) this.#hearing = { lastAtMs: this.#options.clock.nowMs() };
    this.#epoch = epoch;
  }

  async hear(from: ParticipantId, statement: Envelope): Promise<void> {
    const known = this.#options.standing.present(from);
    if (known === undefined || this.#opening >= MAX_OPENING) return;
    this.#opening += 1;
    const opened = await openStatement(HEARTBEAT, statement, known.publicKey).finally(() => {
      this.#opening -= 1;
    });
    const listener = this.#listener();
    if (!opened.ok || listener === undefined) return;
    const { value: beat } = opened.value;
    const heard = heardFrom(known.person, beat, listener);
    if (heard.ok) this.#hearing = heard.value;
    else if (!TELLS_WHERE.has(heard.refusal.code)) return;
    this.#options.onHeard({ epoch: BigInt(beat.epoch), digest: beat.digest });
    this.#look();
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#epoch = undefined;
  }

  #listener(): Listener | undefined {
    const { meeting, self, clock } = this.#options;
    if (this.#epoch === undefined) return undefined;
    const { digest } = this.#epoch;
    const epoch = Number(this.#epoch.epoch);
    const now = { nowMs: clock.nowMs(), nowUnixMs: clock.unixMs() };
    return { meeting, epoch, digest, self: self.person, leaders: this.#leaders(this.#epoch), ...now };
  }

  /** Of those who are in the group; where none is, those who stand in. */
  #leaders({ members }: Epoch): ReadonlySet<PersonId> {
    const { leaders } = this.#options;
    const people = members.flatMap((one) => this.#personOf(one) ?? []);
    const there = people.filter((person) => leaders().has(person));
    return new Set(there.length > 0 ? there : people.slice(0, STAND_INS));
  }

  #personOf(participant: ParticipantId): PersonId | undefined {
    const { self, standing } = this.#options;
    return participant === self.participant ? self.person : standing.present(participant)?.person;
  }

  #speaks(epoch: Epoch): boolean {
    const { self } = this.#options;
    const isStandIn = epoch.members.slice(0, STAND_INS).includes(self.participant);
    return isStandIn || this.#leaders(epoch).has(self.person);
  }

  async #say(): Promise<void> {
    const { meeting, clock, signing, say } = this.#options;
    if (this.#epoch === undefined || !this.#speaks(this.#epoch)) return;
    const { epoch, digest } = this.#epoch;
    const where = { meeting: asId<MeetingId>(meeting), epoch: Number(epoch), digest };
    say(await signStatement(HEARTBEAT, { ...where, atUnixMs: clock.unixMs() }, signing));
  }

  /** Others of the roster, in the same group or not: a relay that begins a group for each of two people keeps both apart. */
  #look(): void {
    const { standing, self, clock } = this.#options;
    if (this.#epoch === undefined) return;
    const others = standing.count - (standing.present(self.participant) === undefined ? 0 : 1);
    // Whoever comes first after a time alone begins the ten seconds.
    if (others === 0) this.#hearing = { lastAtMs: clock.nowMs() };
    const mayBe = mayBeCutOff(this.#hearing, clock.nowMs(), others);
    if (mayBe === this.#isCutOff) return;
    this.#isCutOff = mayBe;
    this.#options.onCutOff(mayBe);
  }
}

/** Of somebody who counts, and now. */
const TELLS_WHERE: ReadonlySet<string> = new Set(['heartbeat.other-epoch', 'heartbeat.fork']);
