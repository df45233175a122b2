/** What is done to a producer of mediasoup-client's. */
export interface Layered {
  setMaxSpatialLayer(topLayer: number): Promise<void>;
}

/**
 * Brings a producer to the newest wish, one change at a time. mediasoup-client compares a wish with the last change that
 * is done, not with the one under way: a layer that is needed again while it is put to rest would rest for good.
 */
export class LayerLimit {
  #producer: Layered | undefined;
  #wanted: number | undefined;
  #isAtWork = false;

  want(topLayer: number): void {
    this.#wanted = topLayer;
    void this.#follow();
  }

  /** From now on; a wish that came before holds too. */
  bind(producer: Layered): void {
    this.#producer = producer;
    void this.#follow();
  }

  async #follow(): Promise<void> {
    if (this.#isAtWork || this.#producer === undefined) return;
    this.#isAtWork = true;
    try {
      for (let done: number | undefined; this.#wanted !== done; ) {
        done = this.#wanted;
        if (done !== undefined) await this.#producer.setMaxSpatialLayer(done);
      }
    } catch {
      // Closed meanwhile: there are no layers any more.
    } finally {
      this.#isAtWork = false;
    }
  }
}
