const WRAP = 2 ** 16;

/** Packets of one RTP stream by their 16-bit numbers: how many there must have been, and how many there were. */
export class SequenceCount {
  #first: number | undefined;
  #highest = 0;
  received = 0;

  add(sequence: number): void {
    this.received += 1;
    if (this.#first === undefined) {
      this.#first = sequence;
      this.#highest = sequence;
      return;
    }
    // To the nearest place with this number (RFC 3550 appendix A.1, without its trial period).
    const ahead = ((sequence - this.#highest + WRAP * 1.5) % WRAP) - WRAP / 2;
    if (ahead > 0) this.#highest += ahead;
  }

  get expected(): number {
    return this.#first === undefined ? 0 : this.#highest - this.#first + 1;
  }

  get missing(): number {
    return Math.max(0, this.expected - this.received);
  }
}

/** Marked frames of one source as they arrived: of those between the first and the last, which are missing for good. */
export class FrameCount {
  #first: number | undefined;
  #highest = 0;
  arrived = 0;

  /** Frames come in the order in which they were sent; after a change of layers one number may come twice. */
  add(sequence: number): void {
    if (this.#first !== undefined && sequence <= this.#highest) return;
    this.#first ??= sequence;
    this.#highest = sequence;
    this.arrived += 1;
  }

  get expected(): number {
    return this.#first === undefined ? 0 : this.#highest - this.#first + 1;
  }
}
