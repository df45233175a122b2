import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../src/base/platform.ts';
import { loadShippedClips, type ShippedClips } from '../../../src/client/clips/files.ts';
import { seededRandom } from '../../random.ts';
import { impairmentsOf } from '../scenario/impairments.ts';
import type { Visit } from '../scenario/plan.ts';
import type { Fault } from '../scenario/schema.ts';
import { NO_PACKETS, sumOf } from './bad-paths.ts';
import type { Means } from './means.ts';
import type { CrewOrder, FromCrew, PathRecord } from './messages.ts';
import { Participant } from './participant.ts';
import { SocketDrops } from './socket-drops.ts';
import { Tally } from './tally.ts';
import { monotonicMs, monotonicOffsetMs } from './time.ts';

const SECOND_MS = 1_000;
/** Often enough to see a stall that delays a frame, rarely enough to cost nothing. */
const LOOP_SAMPLE_MS = 20;
/** The kernel's tables are long where many take part. */
const DROPS_EVERY_SECONDS = 2;
/** For what was sent last, one retransmission included, before anybody leaves. */
const LAST_FRAMES_MS = 300;
/** Who is on the way in when all is over is not waited for longer. */
const STILL_JOINING_MS = 2_000;

/** What `visit` waits to see first: video where anybody else of its meeting sends it, else sound, else nothing. */
const awaitedBy = (visit: Visit, senders: CrewOrder['senders']): 'video' | 'audio' | 'nothing' => {
  const others = senders.filter(({ index, meeting }) => meeting === visit.meeting && index !== visit.index);
  if (others.some(({ video }) => video)) return 'video';
  return others.length > 0 ? 'audio' : 'nothing';
};

/** Nobody can be waited for who has not come. */
const firstOf = (visit: Visit, { senders, plannedMs }: CrewOrder): number | undefined => {
  const awaited = awaitedBy(visit, senders);
  const others = senders.filter(
    ({ index, meeting, video }) =>
      meeting === visit.meeting && index !== visit.index && (video || awaited === 'audio'),
  );
  const plannedAt = others.flatMap(({ index }) => plannedMs[index] ?? []);
  return plannedAt.length === 0 ? undefined : Math.min(...plannedAt);
};

type Tell = (message: FromCrew) => void;

/** The participants of one process. */
export class Crew {
  readonly #order: CrewOrder;
  readonly #means: Means;
  readonly #tell: Tell;
  readonly #clips: ShippedClips;
  readonly #tally = new Tally();
  readonly #drops = new SocketDrops();
  readonly #offsetMs = monotonicOffsetMs();
  readonly #participants: Participant[] = [];
  readonly #joins: Promise<void>[] = [];
  readonly #paths: PathRecord[] = [];
  readonly #timers: NodeJS.Timeout[] = [];
  #impairedSince = 0;
  #impairment: Extract<Fault, { kind: 'impair' }> | undefined;
  #seconds = 0;
  #ending: Promise<void> | undefined;

  private constructor(order: CrewOrder, means: Means, tell: Tell, clips: ShippedClips) {
    this.#order = order;
    this.#means = means;
    this.#tell = tell;
    this.#clips = clips;
  }

  static async start(order: CrewOrder, means: Means, tell: Tell): Promise<Crew> {
    const crew = new Crew(order, means, tell, await loadShippedClips());
    crew.#schedule();
    return crew;
  }

  /** Everybody leaves, all that was counted is told, and nothing runs any more. */
  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  #schedule(): void {
    for (const visit of this.#order.visits) {
      this.#at(visit.joinAtMs, () => this.#enter(visit));
    }
    for (const fault of this.#order.faults) this.#at(fault.atSeconds * SECOND_MS, () => this.#onFault(fault));
    this.#everySecond(1);
    this.#watchLoop();
  }

  /** At a time from the start of the run. */
  #at(ms: number, run: () => void): void {
    const timer = setTimeout(
      () => {
        this.#timers.splice(this.#timers.indexOf(timer), 1);
        run();
      },
      Math.max(0, this.#order.startMs + ms - monotonicMs()),
    );
    this.#timers.push(timer);
  }

  #everySecond(nth: number): void {
    this.#at(nth * SECOND_MS, () => {
      this.#tellSecond();
      this.#everySecond(nth + 1);
    });
  }

  #tellSecond(): void {
    for (const participant of this.#participants) if (participant.isIn) participant.everySecond();
    if (this.#seconds++ % DROPS_EVERY_SECONDS === 0) this.#countDrops();
    const present = this.#participants.filter(({ isIn }) => isIn).length;
    this.#tell({ kind: 'second', second: this.#tally.takeSecond(present) });
  }

  #countDrops(): void {
    const ghostPorts = new Set(this.#participants.flatMap((one) => one.ghostPorts));
    const { read, ghosts } = this.#drops.take(ghostPorts);
    this.#tally.add('drops', read);
    this.#tally.add('ghostDrops', ghosts);
  }

  #watchLoop(): void {
    const dueMs = performance.now() + LOOP_SAMPLE_MS;
    const timer = setTimeout(() => {
      this.#timers.splice(this.#timers.indexOf(timer), 1);
      this.#tally.took('loop-late', Math.max(0, performance.now() - dueMs));
      this.#watchLoop();
    }, LOOP_SAMPLE_MS);
    this.#timers.push(timer);
  }

  #enter(visit: Visit): void {
    const { links, secrets, clock, startMs, plannedMs, scenario, seed, faults } = this.#order;
    const { devices, groups } = this.#means;
    const device = devices.get(visit.person);
    if (device === undefined) throw new Error(`person ${visit.person} has no device here`);
    const isImpaired = faults.some(({ kind }) => kind === 'impair');
    const participant = new Participant({
      visit,
      link: links[visit.meeting] ?? '',
      device,
      group: (onAnswer) => groups.toolsFor(secrets?.[visit.meeting], onAnswer),
      clips: this.#clips,
      tally: this.#tally,
      platformClock: systemClock,
      clock,
      startMs,
      nowMs: monotonicMs,
      monotonicOf: (nowMs) => nowMs + this.#offsetMs,
      plannedMs,
      senders: this.#order.senders,
      awaits: awaitedBy(visit, this.#order.senders),
      awaitedFromMs: firstOf(visit, this.#order),
      scenario,
      seed,
      impairments: isImpaired ? this.#impairments : undefined,
    });
    this.#participants.push(participant);
    this.#joins.push(participant.join());
    if (visit.leaveAtMs < this.#order.endMs) this.#at(visit.leaveAtMs, () => void participant.leave());
  }

  get #impairments() {
    return this.#impairment === undefined ? {} : impairmentsOf(this.#impairment);
  }

  #onFault(fault: Fault): void {
    if (fault.kind === 'impair') this.#impair(fault);
    if (fault.kind === 'cut-signaling') this.#cutSignaling(fault.share);
    // The run itself kills it.
    if (fault.kind === 'kill-worker') for (const one of this.#participants) one.workerDies();
  }

  #impair(fault: Extract<Fault, { kind: 'impair' }>): void {
    this.#notePaths();
    this.#impairment = fault;
    this.#impairedSince = fault.atSeconds;
    for (const { badPaths } of this.#participants) badPaths?.impair(this.#impairments);
  }

  #notePaths(): void {
    const of = (way: 'up' | 'down') =>
      this.#participants.flatMap(({ badPaths }) => badPaths?.counts(way) ?? []).reduce(sumOf, NO_PACKETS);
    const [up, down] = [of('up'), of('down')];
    if (up.packets + down.packets > 0) this.#paths.push({ fromSecond: this.#impairedSince, up, down });
  }

  /** The same people for the same seed. */
  #cutSignaling(share: number): void {
    for (const participant of this.#participants)
      if (participant.isIn && seededRandom(this.#order.seed + participant.visit.index).fraction() < share)
        participant.cutSignaling();
  }

  async #end(): Promise<void> {
    this.#notePaths();
    await sleep(LAST_FRAMES_MS);
    for (const timer of this.#timers.splice(0)) clearTimeout(timer);
    for (const participant of this.#participants) if (participant.isIn) participant.endWatching();
    const streams = this.#participants.flatMap(({ records }) => records);
    await Promise.all(this.#participants.map((one) => one.leave()));
    await Promise.race([Promise.allSettled(this.#joins), sleep(STILL_JOINING_MS)]);
    this.#countDrops();
    this.#tell({ kind: 'second', second: this.#tally.takeSecond(0) });
    this.#tell({
      kind: 'done',
      visits: this.#participants.map(({ record }) => record),
      streams,
      paths: this.#paths,
      refusedByCode: this.#refusedByCode(),
    });
  }

  #refusedByCode(): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const { refusedByCode } of this.#participants)
      for (const [code, count] of Object.entries(refusedByCode)) sums[code] = (sums[code] ?? 0) + count;
    return sums;
  }
}
