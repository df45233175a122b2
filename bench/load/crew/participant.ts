import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../../src/base/clock.ts';
import type { ConsumerId, ParticipantId } from '../../../src/base/ids.ts';
import type { Source } from '../../../src/base/media.ts';
import { secureRandomBytes } from '../../../src/base/platform.ts';
import type { Refusal } from '../../../src/base/result.ts';
import type { ShippedClips } from '../../../src/client/clips/files.ts';
import type { OpenSocket, Socket } from '../../../src/client/connection/socket.ts';
import { openWebSocket } from '../../../src/client/connection/web-socket.ts';
import type { GroupTools } from '../../../src/client/group/tools.ts';
import type { Enrolled } from '../../../src/client/people/enrolled.ts';
import type { MeetingState, Phase, StreamState } from '../../../src/client/store/state.ts';
import type { Stream, StreamEvent } from '../../../src/client/streams.ts';
import type { ReceivedStream } from '../../../src/client/werift/media.ts';
import { seededRandom } from '../../random.ts';
import type { Impairments } from '../impair/lanes.ts';
import type { Mark } from '../measure/mark.ts';
import type { Visit } from '../scenario/plan.ts';
import type { Scenario } from '../scenario/schema.ts';
import { BadPaths } from './bad-paths.ts';
import { CountedPaths, type Counter } from './counted-path.ts';
import { enter, type LoadMeeting } from './enter.ts';
import type { OnGroupAnswer } from './group-line.ts';
import { LightCounter } from './light-counter.ts';
import type { PlannedSender, StreamRecord, VisitRecord } from './messages.ts';
import { neverHeardMs } from './never-heard.ts';
import { OwnSources } from './own-sources.ts';
import { Refusals } from './refusals.ts';
import { LoadSender } from './sender.ts';
import { SourceWatch } from './source-watch.ts';
import { kindOf, StreamMeter } from './stream-meter.ts';
import type { Tally } from './tally.ts';

const MS_PER_S = 1_000;
/** A ghost that sees nothing for this long becomes one all the same. */
const GHOST_AFTER_MS = 3_000;
const READS_ALL: Counter = { takes: () => true };

interface Watched {
  readonly watch: SourceWatch;
  readonly of: ParticipantId;
  /** The stream that carries it, or did so last, and what the meeting said of that. */
  readonly consumer: ConsumerId;
  readonly shown: StreamState | undefined;
}

export interface ParticipantOptions {
  readonly visit: Visit;
  readonly link: string;
  readonly device: Enrolled;
  readonly group: (onAnswer: OnGroupAnswer) => GroupTools;
  readonly clips: ShippedClips;
  readonly tally: Tally;
  readonly platformClock: Clock;
  /** Names the machine's monotonic clock. */
  readonly clock: number;
  readonly startMs: number;
  readonly nowMs: () => number;
  readonly monotonicOf: (nowMs: number) => number;
  readonly plannedMs: readonly number[];
  readonly senders: readonly PlannedSender[];
  /** Whether anybody else sends video into this meeting: its first frame is what is waited for. */
  readonly awaits: 'video' | 'audio' | 'nothing';
  /** When the first of them was to come, from the start of the run. */
  readonly awaitedFromMs: number | undefined;
  readonly scenario: Pick<Scenario, 'lightOpensOneOf' | 'retry'>;
  readonly seed: number;
  /** Absent: nothing of the run impairs paths, and there are none in between. */
  readonly impairments: Impairments | undefined;
}

/** One visit, from its planned moment to its end. */
export class Participant {
  readonly visit: Visit;
  readonly #options: ParticipantOptions;
  readonly #light = new LightCounter();
  readonly #refusals: Refusals;
  readonly #own = new OwnSources();
  readonly #counted: CountedPaths | undefined;
  readonly #bad: BadPaths | undefined;
  readonly #meters = new Map<string, StreamMeter>();
  readonly #watches = new Map<string, Watched>();
  readonly #records: StreamRecord[] = [];
  readonly #heard = new Set<number>();
  readonly #codes: string[] = [];
  #meeting: LoadMeeting | undefined;
  #sender: LoadSender | undefined;
  #socket: Socket | undefined;
  #phase: Phase['kind'] = 'joining';
  #tries = 0;
  #connections = 0;
  #joinMs: number | undefined;
  #firstFrameMs: number | undefined;
  /** Since when a media worker is dead, until it is known whether it carried anything for this participant. */
  #outage: { readonly sinceMs: number; readonly hasLost: boolean } | undefined;
  #hasFailed = false;
  #hasWatched = false;
  #isLeaving = false;
  #isGhost = false;

  constructor(options: ParticipantOptions) {
    const { visit, impairments, seed, platformClock, tally } = options;
    this.#options = options;
    this.#refusals = new Refusals(tally, () => performance.now());
    this.visit = visit;
    const platform = { clock: platformClock, randomBytes: secureRandomBytes };
    if (visit.weight !== 'full')
      this.#counted = new CountedPaths(platform, visit.weight === 'light' ? this.#light : READS_ALL);
    if (impairments !== undefined) this.#bad = new BadPaths(impairments, seed + visit.index);
  }

  get isIn(): boolean {
    return this.#meeting !== undefined && !this.#isLeaving && this.#phase !== 'closed';
  }

  get ghostPorts(): readonly number[] {
    return this.#isGhost ? (this.#counted?.localPorts ?? []) : [];
  }

  get badPaths(): BadPaths | undefined {
    return this.#bad;
  }

  get records(): readonly StreamRecord[] {
    const { monotonicOf, startMs } = this.#options;
    const secondOf = (nowMs: number) => Math.floor((monotonicOf(nowMs) - startMs) / MS_PER_S);
    const watches = [...this.#watches.values()].map(({ watch }) => watch.record(secondOf));
    return [...this.#records, ...[...this.#meters.values()].map((one) => one.record()), ...watches];
  }

  get record(): VisitRecord {
    const [joinMs, firstFrameMs] = [this.#joinMs, this.#firstFrameMs];
    return { index: this.visit.index, joinMs, firstFrameMs, tries: this.#tries, codes: this.#codes };
  }

  get refusedByCode(): Readonly<Record<string, number>> {
    return this.#meeting?.state.refusedFrames ?? {};
  }

  /** Called at the planned moment; tries again as the scenario says. */
  async join(): Promise<void> {
    const { tally, scenario } = this.#options;
    tally.add('began');
    tally.took('began-late', this.#sinceMs(this.#plannedMs));
    for (;;) {
      const refusal = await this.#try();
      if (refusal === undefined || this.#isLeaving) return;
      this.#codes.push(refusal.code);
      if (this.#tries > scenario.retry.most) return this.#fail();
      tally.add('retries');
      await sleep(scenario.retry.afterSeconds * MS_PER_S);
    }
  }

  async leave(): Promise<void> {
    if (this.#isLeaving) return;
    const wasIn = this.isIn;
    if (wasIn) this.endWatching();
    else this.#giveUp();
    this.tell();
    this.#isLeaving = true;
    this.#sender?.stop();
    await this.#meeting?.leave();
    if (wasIn) this.#options.tally.add('left');
    this.#bad?.close();
  }

  /** Looks whether what is to flow does, and tells what was counted. */
  everySecond(): void {
    for (const meter of this.#meters.values()) meter.tell();
    const streams = this.#meeting?.state.streams;
    const nowMs = this.#options.platformClock.nowMs();
    for (const [key, one] of this.#watches) {
      const shown = streams?.get(one.consumer) ?? one.shown;
      one.watch.look(nowMs, this.#isToSee(one.of) ? shown : undefined);
      this.#watches.set(key, { ...one, shown });
    }
    this.tell();
  }

  /** Puts what its streams counted into the tally. */
  tell(): void {
    for (const meter of this.#meters.values()) meter.tell();
    const nowMs = this.#options.platformClock.nowMs();
    for (const { watch, of } of this.#watches.values())
      watch.tell(this.#options.tally, this.#isToSee(of) ? nowMs : undefined);
  }

  /** Once, at its end: whoever is still in the meeting was to be seen until now. */
  endWatching(): void {
    if (this.#hasWatched) return;
    this.#hasWatched = true;
    const nowMs = this.#options.platformClock.nowMs();
    for (const { watch, of } of this.#isGhost ? [] : this.#watches.values())
      watch.end(this.#isToSee(of) ? nowMs : undefined);
    this.#missFirst();
    this.#missNewcomers();
  }

  #missNewcomers(): void {
    const { plannedMs, senders, startMs, tally } = this.#options;
    if (this.visit.weight === 'ghost') return;
    const hearing = { visit: this.visit, heard: this.#heard, plannedMs, senders };
    for (const ms of neverHeardMs({ ...hearing, untilMs: this.#sinceMs(startMs) }))
      tally.took('newcomer-heard', ms);
  }

  /** Whoever is in the meeting shows what they showed before. */
  #isToSee(of: ParticipantId): boolean {
    return this.isIn && !this.#isGhost && this.#meeting?.state.participants.has(of) === true;
  }

  workerDies(): void {
    if (this.isIn) this.#outage = { sinceMs: this.#options.nowMs(), hasLost: false };
  }

  cutSignaling(): void {
    this.#socket?.close();
  }

  #fail(): void {
    this.#hasFailed = true;
    this.#options.tally.add('failed');
  }

  /** Whoever is not in yet would have waited longer: what was waited so far is the least. */
  #giveUp(): void {
    if (this.#joinMs !== undefined || this.#hasFailed) return;
    this.#codes.push('load.unfinished');
    this.#options.tally.add('unfinished');
    this.#options.tally.took('join', this.#sinceMs(this.#plannedMs));
  }

  /** The same of who waited for a first frame. */
  #missFirst(): void {
    const { awaitedFromMs, startMs, tally } = this.#options;
    if (awaitedFromMs === undefined || this.#firstFrameMs !== undefined || this.visit.weight === 'ghost')
      return;
    const waitedMs = this.#sinceMs(startMs + Math.max(awaitedFromMs, this.visit.joinAtMs));
    if (waitedMs > 0) tally.took('first-frame', waitedMs);
  }

  get #plannedMs(): number {
    return this.#options.startMs + this.visit.joinAtMs;
  }

  #sinceMs(fromMs: number): number {
    return this.#options.nowMs() - fromMs;
  }

  async #try(): Promise<Refusal | undefined> {
    const { link, device, group, platformClock, tally } = this.#options;
    this.#tries += 1;
    const entered = await enter({
      link,
      device,
      group: group(this.#refusals.answered),
      name: `load ${this.visit.index}`,
      clock: platformClock,
      openSocket: this.#openSocket,
      tryUdp: this.#counted?.tryUdp,
      around: (media) => this.#bad?.around(media) ?? media,
    });
    if (!entered.ok) return entered.refusal;
    if (this.#isLeaving) {
      await entered.value.leave();
      return undefined;
    }
    this.#joinMs = this.#sinceMs(this.#plannedMs);
    tally.add('joined');
    tally.took('join', this.#joinMs);
    await this.#begin(entered.value);
    return undefined;
  }

  readonly #openSocket: OpenSocket = (url, handlers) => {
    this.#connections += 1;
    // What the SDK tries again by itself before anybody is in is a try as well; later ones are told as resumed.
    if (this.#joinMs === undefined && this.#connections > this.#tries) this.#options.tally.add('retries');
    this.#socket = openWebSocket(url, handlers);
    return this.#socket;
  };

  async #begin(meeting: LoadMeeting): Promise<void> {
    this.#meeting = meeting;
    this.#phase = 'in';
    meeting.onChange((state) => this.#onChange(state));
    meeting.onStream((event) => this.#onStream(event));
    if (this.visit.weight === 'ghost') setTimeout(() => this.#becomeGhost(), GHOST_AFTER_MS);
    const { seed, clips, tally, clock, monotonicOf } = this.#options;
    const { sends, index } = this.visit;
    const random = seededRandom(seed + index);
    this.#sender = new LoadSender(
      { sends, clips, tally, clock, sender: index, monotonicOf, random },
      meeting,
    );
    this.#codes.push(...(await this.#sender.start()));
    this.#own.begin();
  }

  #onChange(state: MeetingState): void {
    const { phase } = state;
    this.#refusals.see(state);
    this.#seeOwn(state);
    const before = this.#phase;
    this.#phase = phase.kind;
    if (before === phase.kind) return;
    const { tally } = this.#options;
    if (phase.kind === 'reconnecting') tally.add('reconnects');
    if (phase.kind === 'rejoining') tally.add('rejoins');
    if (phase.kind !== 'closed' || this.#isLeaving) return;
    this.#codes.push(phase.why?.code ?? 'meeting.closed');
    tally.add('fellOut');
    this.#sender?.stop();
  }

  #seeOwn(state: MeetingState): void {
    const stopped = this.#own.see(state);
    if (this.#isLeaving) return;
    this.#codes.push(...stopped);
    this.#options.tally.add('sourcesStopped', stopped.length);
  }

  #onStream({ kind, stream }: StreamEvent<ReceivedStream>): void {
    if (kind === 'added') this.#addStream(stream);
    else this.#removeStream(stream.consumer);
  }

  #addStream({ consumer, participant, source, output }: Stream<ReceivedStream>): void {
    const { tally, clock, monotonicOf } = this.#options;
    const { index: to, viewsLayer } = this.visit;
    const onFirst = (mark: Mark | undefined) => this.#onFirst(meter, mark);
    const watch = this.#watchOf(participant, source, consumer);
    const meter = new StreamMeter({ stream: output, watch, to, tally, clock, monotonicOf, onFirst });
    this.#meters.set(consumer, meter);
    if (source === 'camera' && viewsLayer < 2)
      void this.#meeting?.preferLayers(participant, source, { spatialLayer: viewsLayer });
  }

  #watchOf(of: ParticipantId, source: Source, consumer: ConsumerId): SourceWatch {
    const key = `${of} ${source}`;
    const nowMs = this.#options.platformClock.nowMs();
    const known = this.#watches.get(key);
    const watch = known?.watch ?? new SourceWatch(kindOf(source), this.visit.index, nowMs);
    this.#watches.set(key, { watch, of, consumer, shown: known?.shown });
    return watch;
  }

  #removeStream(consumer: string): void {
    const meter = this.#meters.get(consumer);
    if (meter === undefined) return;
    if (this.#outage !== undefined) this.#outage = { ...this.#outage, hasLost: true };
    meter.tell();
    this.#records.push(meter.record());
    this.#meters.delete(consumer);
    this.#light.forget(meter.ssrc);
  }

  #onFirst(meter: StreamMeter, mark: Mark | undefined): void {
    this.#seeMediaAgain();
    const senderMs = this.#options.startMs + (this.#plannedOf(mark) ?? this.visit.joinAtMs);
    this.#seeFirst(meter, Math.max(senderMs, this.#plannedMs));
    if (mark !== undefined) this.#hear(mark.sender, senderMs);
    if (this.visit.weight === 'light' && !this.#isSampled())
      meter.countOnly(this.#light.countOnly(meter.ssrc));
    if (this.visit.weight === 'ghost') this.#becomeGhost();
  }

  /** Nobody can see who has not come: it counts from the later of both planned moments. */
  #seeFirst({ source }: StreamMeter, fromMs: number): void {
    const { awaits, tally } = this.#options;
    const isAwaited = source === (awaits === 'video' ? 'camera' : 'microphone') && awaits !== 'nothing';
    if (!isAwaited || this.#firstFrameMs !== undefined) return;
    this.#firstFrameMs = this.#sinceMs(fromMs);
    tally.add('firstFrames');
    tally.took('first-frame', this.#firstFrameMs);
  }

  #seeMediaAgain(): void {
    if (this.#outage?.hasLost !== true) return;
    this.#options.tally.took('media-back', this.#sinceMs(this.#outage.sinceMs));
    this.#outage = undefined;
  }

  #hear(sender: number, plannedMs: number): void {
    if (this.#heard.has(sender)) return;
    this.#heard.add(sender);
    if (plannedMs <= this.#plannedMs) return;
    this.#options.tally.add('newcomersHeard');
    this.#options.tally.took('newcomer-heard', this.#sinceMs(plannedMs));
  }

  #plannedOf(mark: Mark | undefined): number | undefined {
    return mark?.clock === this.#options.clock ? this.#options.plannedMs[mark.sender] : undefined;
  }

  /** Sound and picture of one sender in so many, counted over receivers and senders alike. */
  #isSampled(): boolean {
    return (this.visit.index + this.#heard.size) % this.#options.scenario.lightOpensOneOf === 0;
  }

  #becomeGhost(): void {
    if (this.#isGhost || !this.isIn) return;
    this.#isGhost = true;
    this.#counted?.leaveUnread();
  }
}
