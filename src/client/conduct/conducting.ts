import type { Clock } from '../../base/clock.ts';
import type { ParticipantId, SessionId } from '../../base/ids.ts';
import type { Source } from '../../base/media.ts';
import { type Refusal, type Result, refuse } from '../../base/result.ts';
import type { ChainHead, ServerEvent } from '../../signaling/protocol/messages.ts';
import type { Order } from '../../trust/acts/act.ts';
import type { Heads } from '../../trust/acts/head.ts';
import type { Effect } from '../../trust/acts/input.ts';
import { isAbove } from '../../trust/acts/rules.ts';
import { type MeetingState as Conducted, lineOf, mayEntitle } from '../../trust/acts/state.ts';
import type { MeetingStanding } from '../../trust/charter/entry.ts';
import type { DeviceNames, PersonId } from '../../trust/devices/ids.ts';
import type { SignedCheckpoint } from '../../trust/record/checkpoint.ts';
import type { Incoming } from '../incoming.ts';
import type { Ask } from '../media-session.ts';
import { valueOrThrow } from '../outcome.ts';
import type { Begun, Company } from '../people/company.ts';
import type { Enrolled } from '../people/enrolled.ts';
import { RecordKeeping } from '../record/record-keeping.ts';
import type { Roster } from '../roster.ts';
import type { StoreEvent } from '../store/reduce.ts';
import type { MeetingState } from '../store/state.ts';
import { Conduct } from './conduct.ts';
import { type ConductActions, followEffect } from './consequences.ts';

type AtDoor = Extract<ServerEvent, { kind: 'at-door' }>;

export interface ConductingOptions {
  readonly device: Enrolled;
  readonly clock: Clock;
  readonly ask: Ask;
  readonly session: () => SessionId | undefined;
  readonly company: Company;
  readonly roster: Roster;
  readonly incoming: () => Pick<Incoming<unknown, unknown>, 'removeWhere'>;
  readonly state: () => MeetingState;
  readonly dispatch: (event: StoreEvent) => void;
  readonly setPaused: (source: Source, paused: boolean) => unknown;
  readonly stop: (source: Source) => unknown;
  readonly resetMedia: () => void;
  /** Who leads may be somebody else. */
  readonly onConducted: () => void;
  readonly part: (participant: ParticipantId) => void;
  /** Removed: also whoever of this person the relay says has left. */
  readonly out: (person: PersonId) => void;
  /** What the relay tells does not follow from what was signed: nothing more of it is believed. */
  readonly onDisbelief: (why: Refusal) => void;
}

/** What a meeting is to its client, beside its media: who conducts it how, and what the relay signs of its record. */
export class Conducting implements ConductActions {
  readonly #options: ConductingOptions;
  readonly #conduct: Conduct;
  readonly #record: RecordKeeping;

  constructor(options: ConductingOptions) {
    this.#options = options;
    this.#conduct = new Conduct({
      ...options,
      onChange: (conducted, effects) => this.#onChange(conducted, effects),
    });
    this.#record = new RecordKeeping({
      ...options,
      countersigns: () => this.#conduct.state?.chair === options.state().self?.person,
      onKept: (checkpoint) => options.dispatch({ kind: 'checkpoint', checkpoint }),
      onProblem: (problem) => this.#problem(problem),
    });
  }

  /** Who is there, who is the chair and what is marked how: what was signed and told since the charter says it. Throws what is in the way. */
  async read({ charter, shown }: Begun, head: ChainHead): Promise<void> {
    const read = await this.#conduct.begin(charter, shown.certificate.device, head);
    if (!read.ok && read.refusal.code !== 'session.lost') this.#disbelieve(read.refusal);
    valueOrThrow(read);
  }

  /** What was read, once this device has found that it may be here. */
  show(): void {
    const { state } = this.#conduct;
    if (state === undefined) return;
    this.#onChange(state, []);
    this.#stopDenied();
  }

  /** Of an earlier join: it was the chair's then, or was taken back while this device was away. */
  #stopDenied(): void {
    const { self, own } = this.#options.state();
    if (self !== undefined)
      this.stopOwn([...own.keys()].filter((source) => !this.mayShow(self.person, source)));
  }

  /** By what everybody is judged; `undefined` before the chain was read. */
  standing(): MeetingStanding | undefined {
    return this.#conduct.state;
  }

  /** Later events wait until it was judged. */
  async follow(entry: string): Promise<void> {
    const session = this.#options.session();
    const taken = await this.#conduct.take(entry);
    if (!taken.ok && session === this.#options.session()) this.#disbelieve(taken.refusal);
  }

  async atDoor({ announcement, credentials }: AtDoor): Promise<void> {
    const { company, dispatch } = this.#options;
    const shown = await company.open({ announcement, credentials });
    const judged = shown.ok ? company.judge(shown.value) : shown;
    if (!judged.ok) return;
    const { person, device } = judged.value;
    dispatch({ kind: 'at-door', person, device });
  }

  checkpointed(checkpoint: SignedCheckpoint): void {
    void this.#record.take(checkpoint);
  }

  /** What would put this person out of the meeting is not even signed. */
  async order(order: Order): Promise<Result<void>> {
    const { state } = this.#conduct;
    const isTooHigh =
      order.kind === 'raise-marking' && state && isAbove(state, order, this.#options.company.cleared);
    return isTooHigh ? ABOVE : this.#conduct.order(order);
  }

  /** Chair and deputies in the order in which they lead. */
  line(): readonly PersonId[] | undefined {
    const { state } = this.#conduct;
    return state && lineOf(state);
  }

  /** Whose word says what the meeting is called. */
  mayEntitle(names: DeviceNames): boolean {
    const { state } = this.#conduct;
    return state !== undefined && mayEntitle(state, names) && !this.#options.company.isRevoked(names);
  }

  /** What this device has of the meeting's chain. */
  heads(): Heads | undefined {
    return this.#conduct.state?.heads;
  }

  isPresent(person: PersonId): boolean {
    return this.#conduct.isPresent(person);
  }

  mayShow(person: PersonId, source: Source): boolean {
    return this.#conduct.mayShow(person, source);
  }

  muteOwn(): void {
    const { state, setPaused } = this.#options;
    if (state().own.get('microphone')?.paused !== false) return;
    void setPaused('microphone', true);
    this.#problem({ code: 'conduct.muted', message: 'the chair muted this participant' });
  }

  stopOwn(sources: readonly Source[]): void {
    const { state, stop } = this.#options;
    const stopped = sources.filter((source) => state().own.has(source));
    for (const source of stopped) void stop(source);
    if (stopped.length > 0) this.#problem({ code: 'conduct.stopped', message: 'the chair stopped a source' });
  }

  dropMedia(): void {
    this.#options.resetMedia();
  }

  partFrom(person: PersonId): void {
    const { state, part, out } = this.#options;
    out(person);
    for (const { participant, person: other } of state().participants.values())
      if (other === person) part(participant);
  }

  judgeAll(): void {
    this.#options.company.judgeAll();
  }

  #onChange(conducted: Conducted, effects: readonly Effect[]): void {
    const { dispatch, state, incoming, roster } = this.#options;
    dispatch({ kind: 'conducted', conducted, cleared: this.#options.company.cleared });
    this.#options.onConducted();
    const person = state().self?.person;
    if (person !== undefined) for (const effect of effects) followEffect(this, effect, person);
    incoming().removeWhere((participant, source) => {
      const sender = roster.find(participant);
      return sender !== undefined && !this.mayShow(sender.person, source);
    });
  }

  #disbelieve({ code, message }: Refusal): void {
    const why = { code, message: `the relay tells what the meeting's rules do not allow: ${message}` };
    this.#options.onDisbelief(why);
  }

  #problem(problem: Refusal): void {
    this.#options.dispatch({ kind: 'problem', problem });
  }
}

const ABOVE = refuse('act.above-own-clearance', 'the marking is above the clearance of this person');
