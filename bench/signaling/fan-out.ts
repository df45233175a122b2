import { performance } from 'node:perf_hooks';
import { runStep, type Step } from './arrivals.ts';
import { Member } from './member.ts';
import type { Officials } from './officials.ts';

/** A crisis call's plenum is 500, as many as a meeting holds: these stay, the others leave, each an event. */
export const STAYING = 400;
export const LEAVING = 100;
/** Joins under way at once while a meeting is filled: enough to be quick, few enough not to be a flood. */
const FILLING_AT_ONCE = 8;
const LEFT = Buffer.from('participant-left');

/** Tells when the k-th event has reached everybody. */
class Deliveries {
  readonly #reached: number[] = [];
  readonly #waiting = new Map<number, (atMs: number) => void>();

  /** Counts what `isEvent` finds among the messages of `member`. */
  watch(member: Member, isEvent: (text: Buffer) => boolean): void {
    let seen = 0;
    member.onMessage = (text) => {
      if (isEvent(text)) this.#count(seen++);
    };
  }

  toAll(k: number): Promise<number> {
    return new Promise((resolve) => this.#waiting.set(k, resolve));
  }

  #count(k: number): void {
    const reached = (this.#reached[k] ?? 0) + 1;
    this.#reached[k] = reached;
    if (reached < STAYING) return;
    this.#waiting.get(k)?.(performance.now());
    this.#waiting.delete(k);
  }
}

const inTurn = async <T>(count: number, make: (i: number) => Promise<T>): Promise<T[]> => {
  const made: T[] = [];
  for (let from = 0; from < count; from += FILLING_AT_ONCE) {
    const size = Math.min(FILLING_AT_ONCE, count - from);
    made.push(...(await Promise.all(Array.from({ length: size }, (_, i) => make(from + i)))));
  }
  return made;
};

export interface Plenum {
  /** `LEAVING` events. */
  step(ratePerSecond: number): Promise<Step>;
  end(): void;
}

/** 500 are in one meeting; an event is somebody's leaving, and served when all who stay have heard of it. */
export const fillBelfry = async (url: string, officials: Officials): Promise<Plenum> => {
  const meeting = await officials.convene(url);
  const enter = (i: number) => officials.enter(url, meeting, i);
  const sinks = await inTurn(STAYING, enter);
  return {
    async step(rate) {
      const leavers = await inTurn(LEAVING, (i) => enter(STAYING + i));
      const deliveries = new Deliveries();
      for (const sink of sinks) deliveries.watch(sink, (text) => text.includes(LEFT));
      const step = await runStep(rate, LEAVING / rate, (i) => {
        const served = deliveries.toAll(i);
        void leavers[i]?.ask('leave', {}).catch(() => {});
        return served;
      });
      for (const leaver of leavers) leaver.end();
      return step;
    },
    end() {
      for (const sink of sinks) sink.end();
    },
  };
};

/** As long as the relay's event. */
const CAST = `cast${'x'.repeat(100)}`;

export const fillBare = async (url: string): Promise<Plenum> => {
  const sinks = await inTurn(STAYING + LEAVING, () => Member.open(url));
  const caster = await Member.open(url);
  return {
    step(rate) {
      const deliveries = new Deliveries();
      for (const sink of sinks.slice(0, STAYING)) deliveries.watch(sink, () => true);
      return runStep(rate, LEAVING / rate, (i) => {
        const served = deliveries.toAll(i);
        caster.send(CAST);
        return served;
      });
    },
    end() {
      for (const one of [caster, ...sinks]) one.end();
    },
  };
};
