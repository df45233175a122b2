import type { Clock } from '../../base/clock.ts';
import { Emitter } from '../../base/emitter.ts';
import { messageOf } from '../../base/errors.ts';
import { asId, type MeetingId, type ParticipantId } from '../../base/ids.ts';
import type { Refusal } from '../../base/result.ts';
import type { EpochKeys } from '../../e2ee/frame-keys.ts';
import type { Group, GroupKeyAgreement, Judge, MeetingContext, OwnCommit } from '../../e2ee/mls/port.ts';
import { Blobs, type Hash } from './blobs.ts';
import { boundsFault } from './bounds.ts';
import { DOUBTS, type DoubtCode, Doubts } from './doubts.ts';
import { Entrance } from './entrance.ts';
import { EpochDriver } from './epoch-driver.ts';
import type { GroupEvent } from './events.ts';
import type { Stopped } from './guarded-keys.ts';
import { ASK_EVERY_MS, LOOK_EVERY_MS, MAX_BLOB_BYTES, MAX_QUEUE } from './limits.ts';
import { OwnCommits } from './own-commits.ts';
import { judgeOf, type ParticipantOf } from './people.ts';
import { Place } from './place.ts';
import { Queue } from './queue.ts';
import type { Rejections } from './rejection.ts';
import type { GroupHeard, GroupService, PastCommit, Where } from './service.ts';
import { readWelcome } from './welcoming.ts';

export interface SeatOptions {
  readonly agreement: GroupKeyAgreement;
  /** As the verified charter has it. */
  readonly context: MeetingContext;
  readonly judge: Judge;
  readonly participantOf: ParticipantOf;
  /** Nobody else is added by this device, and whoever is not leaves the tree by its next commit. */
  readonly isWelcome: (participant: ParticipantId) => boolean;
  readonly service: GroupService;
  readonly keys: EpochKeys;
  /** Nk of the frames' suite. */
  readonly baseKeyBytes: number;
  readonly rejections: Rejections;
  readonly hash: Hash;
  readonly clock: Clock;
  readonly onListenerError: (error: unknown) => void;
}

type HeardOf<Kind extends GroupHeard['kind']> = Extract<GroupHeard, { kind: Kind }>;
type Handlers = { readonly [Kind in GroupHeard['kind']]: (message: HeardOf<Kind>) => Promise<void> };

/** The service has done with this member, and not the member with the meeting. */
const LOST: ReadonlySet<string> = new Set([
  'delivery.not-a-member',
  'delivery.too-old',
  'group.not-a-member',
]);
const NEEDS_EPOCH: Readonly<Record<Stopped, readonly [code: string, message: string]>> = {
  'cut-off': ['group.was-cut-off', 'this device hears the others again'],
  'held-back': ['group.was-held-back', 'somebody is in the group who should be out of it'],
};
/** Not faults of a commit, but of this device's place in the group. */
const MISPLACED: ReadonlySet<string> = new Set(['mls.old-epoch', 'mls.missed-epoch']);

/**
 * One device's seat in a meeting's group: its side of the conversation with the delivery service. It enters when it hears
 * that there is a connection, and whatever goes wrong later ends in entering anew, which one commit of the others answers.
 * Until that has come the keys of before stay as they are.
 */
export class Seat {
  readonly events: Emitter<GroupEvent>;
  readonly #options: SeatOptions;
  readonly #blobs: Blobs;
  readonly #judge: Judge;
  readonly #place: Place;
  readonly #epochs: EpochDriver;
  readonly #queue = new Queue(MAX_QUEUE, (error) => this.#fault(error));
  readonly #entrance = new Entrance();
  readonly #doubts = new Doubts();
  readonly #handlers: Handlers;
  readonly #stopLooking: () => void;
  readonly #own: OwnCommits;
  /** Refused here once, and said so. */
  #rejected: string | undefined;
  #created: { readonly group: Group; readonly generation: number } | undefined;
  #asksAtMs = 0;
  #isRepair = false;
  #isOver = false;
  #isOverrun = false;

  constructor(options: SeatOptions) {
    this.#options = options;
    const { service, clock, hash, judge, agreement, participantOf, isWelcome, keys, baseKeyBytes } = options;
    this.events = new Emitter(options.onListenerError);
    this.#blobs = new Blobs(service, clock, hash);
    this.#judge = judgeOf(judge, participantOf);
    this.#epochs = new EpochDriver({
      keys,
      clock,
      sayReady: () => this.#sayReady(),
      onFault: (error) => this.#add(() => this.#fault(error)),
    });
    const emit = (event: GroupEvent) => this.events.emit(event);
    this.#place = new Place({ epochs: this.#epochs, participantOf, baseKeyBytes, hash, emit });
    this.#own = new OwnCommits({
      service,
      clock,
      tools: { agreement, participantOf, isWelcome, judge: this.#judge, blobs: this.#blobs },
      onRefusal: (refusal, about) => this.#refusal(refusal, about),
    });
    this.#handlers = this.#table();
    this.#stopLooking = clock.every(LOOK_EVERY_MS, () => this.#lookLater());
  }

  hear(message: GroupHeard): void {
    const fault = boundsFault(message);
    if (fault === undefined) this.#add(() => this.#handle(message));
    else this.#trouble(fault, 'the relay said something that is not looked at');
  }

  #handle(message: GroupHeard): Promise<void> {
    // The table's type pairs each kind with its own message; a lookup by a union cannot show that to the compiler.
    const handler = this.#handlers[message.kind] as (message: GroupHeard) => Promise<void>;
    return handler(message);
  }

  /** What a heartbeat says whose signature was found to be the chair's or a deputy's, and which is fresh. */
  chairIsIn({ epoch, digest }: { readonly epoch: bigint; readonly digest: string }): void {
    this.#add(async () => {
      const own = this.#place.group?.epoch();
      if (own === undefined || this.#entrance.isUnderWay) return;
      if (epoch > own) this.#doubt('group.behind');
      if (epoch === own && digest !== this.#place.digest) this.#doubt('group.fork');
      if (epoch === own && digest === this.#place.digest) this.#doubts.drop('group.fork');
    });
  }

  /** The epoch can be sealed under no longer, and no other has come: any commit brings one, and leaves out who is not welcome. */
  needsEpoch(why: Stopped): void {
    this.#add(async () => {
      const here = this.#here();
      if (here === undefined) return;
      this.#trouble(...NEEDS_EPOCH[why]);
      this.#options.service.say({ kind: 'renew', ...here });
    });
  }

  /** Nothing is kept, and nothing is heard any more. */
  leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopLooking();
    this.#own.clear();
    this.#dropCreated();
    this.#place.close();
  }

  #table(): Handlers {
    return {
      connected: () => this.#connected(),
      'ask-create': (message) => this.#create(message),
      'ask-commit': (message) => this.#commit(message),
      commit: ({ generation, past, by }) => this.#take(generation, [past], [by]),
      welcome: (message) => this.#welcome(message),
      accepted: (message) => this.#accepted(message),
      refused: (message) => this.#refused(message),
      'caught-up': ({ missed }) => this.#take(this.#place.where?.generation, missed, []),
      rejected: (message) => this.#othersRejected(message),
      reopened: (message) => this.#reopened(message),
      ready: (message) => this.#othersReady(message),
    };
  }

  #add(work: () => Promise<void>): void {
    const unlessOver = async () => {
      if (!this.#isOver) await work();
    };
    if (!this.#isOver && !this.#queue.add(unlessOver)) this.#isOverrun = true;
  }

  async #fault(error: unknown): Promise<void> {
    if (this.#isOver) return;
    try {
      await this.#lost('group.fault', messageOf(error));
    } catch (again) {
      this.#trouble('group.fault', messageOf(again));
    }
  }

  #trouble(code: string, message: string, about: readonly ParticipantId[] = []): void {
    this.events.emit({ kind: 'trouble', code, message, about });
  }

  #refusal({ code, message }: Refusal, about: readonly ParticipantId[] = []): void {
    this.#trouble(code, message, about);
  }

  /* The way in. */

  async #lost(code: string, message: string): Promise<void> {
    this.#trouble(code, message);
    this.#isRepair ||= this.#place.group !== undefined;
    this.#entrance.want(this.#nowMs());
    await this.#enterIfDue();
  }

  async #enterIfDue(): Promise<void> {
    const nowMs = this.#nowMs();
    if (!this.#entrance.isDue(nowMs)) return;
    this.#entrance.tried(nowMs);
    this.#own.clear();
    this.#doubts.clear();
    this.#dropCreated();
    const keyPackage = await this.#blobs.put(await this.#options.agreement.keyPackage());
    if (keyPackage.ok) this.#options.service.say({ kind: 'enter', keyPackage: keyPackage.value });
    else this.#refusal(keyPackage.refusal);
  }

  async #connected(): Promise<void> {
    if (this.#here() !== undefined) return this.#ask();
    this.#entrance.want(this.#nowMs());
    await this.#enterIfDue();
  }

  async #create({ generation }: HeardOf<'ask-create'>): Promise<void> {
    if (!this.#entrance.isUnderWay) return;
    const group = await this.#options.agreement.create(this.#options.context);
    if (!group.ok) return this.#refusal(group.refusal);
    this.#created = { group: group.value, generation };
    this.#options.service.say({ kind: 'created', generation, epoch: 0 });
  }

  async #welcome(heard: HeardOf<'welcome'>): Promise<void> {
    if (!this.#isAhead(heard))
      return this.#trouble('group.old-welcome', 'the relay gave a Welcome that was not waited for');
    const { agreement, context } = this.#options;
    const joined = await readWelcome(heard, { agreement, context, judge: this.#judge, blobs: this.#blobs });
    if (joined.ok) return this.#enter(joined.value, heard.generation);
    // A Welcome for a key package of before is late, or another's: the one that is waited for may still come.
    if (joined.refusal.code === 'mls.unknown-key-package') return this.#refusal(joined.refusal);
    return this.#lost(joined.refusal.code, joined.refusal.message);
  }

  /** A group that nobody is in. */
  #dropCreated(): void {
    this.#created?.group.end();
    this.#created = undefined;
  }

  #isAhead({ generation, epoch }: Where): boolean {
    const here = this.#here();
    if (here === undefined || generation > here.generation) return true;
    return generation === here.generation && epoch > here.epoch;
  }

  async #enter(group: Group, generation: number): Promise<void> {
    this.#entrance.done();
    this.#forward();
    await this.#place.take(group, generation);
    if (this.#isRepair) this.events.emit({ kind: 'repaired', epoch: group.epoch() });
    this.#isRepair = false;
  }

  /* Commits: one's own. */

  async #commit(asked: HeardOf<'ask-commit'>): Promise<void> {
    const { generation, epoch } = asked;
    const { group } = this.#place;
    const here = this.#here();
    if (group === undefined || here?.generation !== generation) return;
    if (here.epoch !== epoch) return here.epoch < epoch ? this.#ask() : undefined;
    await this.#own.make(group, asked);
  }

  async #accepted({ epoch, commit }: HeardOf<'accepted'>): Promise<void> {
    const created = this.#created;
    if (commit === undefined) {
      if (created !== undefined && epoch === 0) await this.#enter(created.group, created.generation);
      return;
    }
    const here = this.#here();
    const own = this.#own.find(commit);
    if (here === undefined || here.epoch === epoch) return;
    if (own === undefined || here.epoch !== epoch - 1)
      return this.#lost('group.unknown-commit', 'the relay took a commit that this device does not know');
    await this.#adopt(own);
  }

  async #refused({ refusal, missed, commit }: HeardOf<'refused'>): Promise<void> {
    const here = this.#here();
    if (here === undefined) return;
    if (LOST.has(refusal.code)) return this.#lost(refusal.code, refusal.message);
    await this.#take(here.generation, missed, []);
    if (commit !== undefined) this.#own.forget(commit);
  }

  /* Commits: the others'. */

  async #take(
    generation: number | undefined,
    commits: readonly PastCommit[],
    by: readonly ParticipantId[],
  ): Promise<void> {
    for (const past of commits) {
      const here = this.#here();
      if (here === undefined || here.generation !== generation) return;
      if (past.epoch > here.epoch) return this.#ask();
      const isNext = past.epoch === here.epoch;
      if (isNext && !(await this.#takeOne(past, by))) return;
    }
  }

  /** `false` where the ones after it cannot be taken either. */
  async #takeOne({ commit }: PastCommit, by: readonly ParticipantId[]): Promise<boolean> {
    const { group } = this.#place;
    if (group === undefined) return false;
    const own = this.#own.find(commit.hash);
    if (own !== undefined) {
      await this.#adopt(own);
      return true;
    }
    const bytes = await this.#blobs.get(commit, MAX_BLOB_BYTES);
    if (!bytes.ok) {
      this.#refusal(bytes.refusal, by);
      this.#doubt('group.behind');
      return false;
    }
    const staged = await group.stage(bytes.value, this.#judge);
    if (!staged.ok) {
      await this.#reject(commit.hash, staged.refusal, by);
      return false;
    }
    await this.#adopt(staged.value);
    const where = this.#place.where;
    if (where !== undefined) this.#options.service.say({ kind: 'adopted', ...where });
    return true;
  }

  async #adopt(staged: OwnCommit | Parameters<Group['adopt']>[0]): Promise<void> {
    const { group } = this.#place;
    if (group === undefined) return;
    this.#forward();
    if (staged.selfRemoved) this.#isRepair = true;
    await this.#place.adopt(group, staged);
    if (staged.selfRemoved) await this.#lost('group.removed', 'the others removed this device');
  }

  /** What was thought of the epoch before is over with it. */
  #forward(): void {
    this.#own.clear();
    this.#doubts.clear();
    this.#rejected = undefined;
    this.#created = undefined;
  }

  async #reject(commit: string, refusal: Refusal, by: readonly ParticipantId[]): Promise<void> {
    const here = this.#here();
    if (here === undefined || this.#rejected === commit) return;
    this.#rejected = commit;
    this.#refusal(refusal, by);
    this.#doubt(MISPLACED.has(refusal.code) ? 'group.behind' : 'group.outvoted');
    const epoch = here.epoch + 1;
    const meeting = asId<MeetingId>(this.#options.context.meeting);
    const reason = await this.#options.rejections.sign({ meeting, epoch, commit, code: refusal.code });
    this.#options.service.say({ kind: 'reject', generation: here.generation, epoch, reason });
  }

  async #othersRejected({ by, epoch, reason }: HeardOf<'rejected'>): Promise<void> {
    const opened = await this.#options.rejections.open(by, reason);
    const isIt = opened?.meeting === this.#options.context.meeting && opened.epoch === epoch;
    if (!isIt)
      return this.#trouble('group.unsigned-rejection', 'the relay passed on a rejection that nobody signed');
    this.#trouble('group.rejected', `a member refuses the commit into epoch ${epoch}: ${opened.code}`, [by]);
  }

  async #reopened({ epoch }: HeardOf<'reopened'>): Promise<void> {
    const here = this.#here();
    if (here === undefined) return;
    if (here.epoch > epoch)
      return this.#lost('group.reopened', 'most members refused the commit that this device took');
    this.#doubts.clear();
    this.#rejected = undefined;
  }

  /* Where the others are. */

  async #othersReady({ generation, epoch, digest, from }: HeardOf<'ready'>): Promise<void> {
    const here = this.#here();
    if (here === undefined) return this.#epochs.ready(from, BigInt(epoch));
    if (generation !== here.generation) return;
    if (epoch === here.epoch && digest !== this.#place.digest) {
      this.#trouble('group.fork', DOUBTS['group.fork'], from);
      return;
    }
    if (epoch > here.epoch) this.#doubt('group.behind');
    this.#epochs.ready(from, BigInt(epoch));
  }

  #sayReady(): void {
    const { where, digest, group } = this.#place;
    if (where !== undefined && group !== undefined)
      this.#options.service.say({ kind: 'ready', ...where, digest, leaf: group.ownLeaf() });
  }

  #doubt(code: DoubtCode): void {
    this.#doubts.note(code, this.#nowMs());
  }

  /* Looking after oneself. */

  #lookLater(): void {
    if (this.#queue.isEmpty) this.#add(() => this.#look());
  }

  async #look(): Promise<void> {
    const nowMs = this.#nowMs();
    if (this.#isOverrun) {
      this.#isOverrun = false;
      return this.#lost('group.overrun', 'the relay said more than could be taken in');
    }
    if (this.#entrance.isUnderWay) return this.#enterIfDue();
    const doubt = this.#doubts.certain(nowMs);
    if (doubt !== undefined) return this.#lost(doubt, DOUBTS[doubt]);
    if (nowMs >= this.#asksAtMs || this.#doubts.has('group.behind')) this.#ask();
  }

  /** For what was missed, if anything was. */
  #ask(): void {
    const here = this.#here();
    this.#asksAtMs = this.#nowMs() + ASK_EVERY_MS;
    if (here !== undefined) this.#options.service.say({ kind: 'catch-up', ...here });
  }

  /** Where this device follows the others; not while it is on its way in anew. */
  #here() {
    return this.#entrance.isUnderWay ? undefined : this.#place.where;
  }

  #nowMs(): number {
    return this.#options.clock.nowMs();
  }
}
