import type { Second } from '../crew/messages.ts';
import { Durations } from '../measure/histogram.ts';
import type { Plan } from '../scenario/plan.ts';

/** Lines of a log come no closer; a terminal has one line that changes. */
const LINE_EVERY_SECONDS = 10;

interface Moment {
  readonly present: number;
  readonly framesOpened: number;
  readonly packets: number;
  readonly delayP95Ms: number | undefined;
}

const count = (value: number): string => String(Math.round(value));

/** What a run is at, second by second: a line that changes on a terminal, and one now and then elsewhere. */
export class Progress {
  readonly #plan: Plan;
  readonly #processes: number;
  readonly #latest = new Map<number, Second>();
  #joined = 0;
  #failed = 0;
  #told = -1;

  constructor(plan: Plan, processes: number) {
    this.#plan = plan;
    this.#processes = processes;
  }

  onSecond(second: Second, process: number): void {
    this.#joined += second.added.joined;
    this.#failed += second.added.failed;
    this.#latest.set(process, second);
    const isWhole = [...this.#latest.values()].filter((one) => one.second === second.second).length;
    if (isWhole === this.#processes && second.second > this.#told) this.#tell(second.second);
  }

  end(): void {
    if (process.stderr.isTTY && this.#told >= 0) process.stderr.write('\n');
  }

  #tell(second: number): void {
    this.#told = second;
    const text = this.#text(second);
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
    else if ((second + 1) % LINE_EVERY_SECONDS === 0) console.error(text);
  }

  #text(second: number): string {
    const { present, framesOpened, packets, delayP95Ms } = this.#moment();
    const leftSeconds = Math.max(0, Math.round(this.#plan.endMs / 1_000 - second - 1));
    const failed = this.#failed > 0 ? `, ${this.#failed} failed` : '';
    const delay = delayP95Ms === undefined ? '' : `, one-way p95 ${count(delayP95Ms)} ms`;
    return `${second + 1} s, ${leftSeconds} s left: joined ${this.#joined} of ${this.#plan.visits.length}${failed}, ${present} present, ${count(packets)} packets/s, ${count(framesOpened)} frames/s opened${delay}`;
  }

  #moment(): Moment {
    const all = [...this.#latest.values()];
    const sum = (of: (second: Second) => number) => all.reduce((total, one) => total + of(one), 0);
    const delays = new Durations();
    for (const { durations } of all)
      for (const text of [durations['one-way-video'], durations['one-way-audio']])
        if (text !== undefined) delays.merge(Durations.decoded(text));
    return {
      present: sum(({ present }) => present),
      framesOpened: sum(({ added }) => added.framesOpened),
      packets: sum(({ added }) => added.videoPackets + added.audioPackets + added.countedPackets),
      delayP95Ms: delays.count === 0 ? undefined : delays.at(0.95),
    };
  }
}
