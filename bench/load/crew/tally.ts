import { Durations } from '../measure/histogram.ts';
import { COUNTS, type CountName, type Counts, MEASURES, type Measure, type Second } from './messages.ts';

const zeroes = (): { [C in CountName]: number } =>
  Object.fromEntries(COUNTS.map((name) => [name, 0])) as { [C in CountName]: number };

/** What one process measures, told second by second. */
export class Tally {
  readonly #durations = new Map(MEASURES.map((name): [Measure, Durations] => [name, new Durations()]));
  #counts = zeroes();
  #second = 0;
  #cpu = process.cpuUsage();

  add(name: CountName, by = 1): void {
    this.#counts[name] += by;
  }

  took(name: Measure, ms: number): void {
    this.#durations.get(name)?.add(ms);
  }

  /** Everything since the last call. */
  takeSecond(present: number): Second {
    const added: Counts = this.#counts;
    this.#counts = zeroes();
    const durations = Object.fromEntries(
      [...this.#durations].filter(([, { count }]) => count > 0).map(([name, one]) => [name, one.encoded()]),
    );
    for (const one of this.#durations.values()) one.reset();
    const { user, system } = process.cpuUsage(this.#cpu);
    this.#cpu = process.cpuUsage();
    return { second: this.#second++, added, durations, cpuSeconds: (user + system) / 1e6, present };
  }
}
