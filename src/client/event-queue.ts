import type { ServerEvent } from '../signaling/protocol/messages.ts';

/** Events that may wait: the others' joins between the answer to an entry and its handling, or one judgement. */
export const MAX_WAITING_EVENTS = 4096;

/** What handles an event: at once, or with a promise that never rejects and for which all later events wait. */
type Handle = (event: ServerEvent) => Promise<void> | undefined;

/** Hands events on in their order. Held, it keeps them; emptied, it forgets them, and what is under way holds up none. */
export class EventQueue {
  readonly #handle: Handle;
  #waiting: ServerEvent[] = [];
  #isHeld = true;
  #underWay: Promise<void> | undefined;

  constructor(handle: Handle) {
    this.#handle = handle;
  }

  /** Whether there was room. */
  push(event: ServerEvent): boolean {
    if (this.#waiting.length >= MAX_WAITING_EVENTS) return false;
    this.#waiting.push(event);
    this.#drain();
    return true;
  }

  release(): void {
    this.#isHeld = false;
    this.#drain();
  }

  /** Empty and held, as in the beginning. */
  reset(): void {
    this.#waiting = [];
    this.#isHeld = true;
    this.#underWay = undefined;
  }

  #drain(): void {
    while (!this.#isHeld && this.#underWay === undefined) {
      const event = this.#waiting.shift();
      if (event === undefined) return;
      this.#underWay = this.#handle(event);
      void this.#underWay?.then(this.#resumeAfter(this.#underWay));
    }
  }

  #resumeAfter(done: Promise<void>): () => void {
    return () => {
      if (this.#underWay !== done) return;
      this.#underWay = undefined;
      this.#drain();
    };
  }
}
