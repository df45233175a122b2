import type { Source } from '../../../src/base/media.ts';
import type { MeetingState } from '../../../src/client/store/state.ts';

/** What one participant sends, by the word of its own client. It is to go on until it leaves. */
export class OwnSources {
  #own: ReadonlySet<Source> = new Set();
  #hasBegun = false;

  /** All that is to be sent was asked for: what was refused until then was told where it was. */
  begin(): void {
    this.#hasBegun = true;
  }

  /** The sources that the client gave up since it was last seen, each with why. */
  see({ own, problem }: Pick<MeetingState, 'own' | 'problem'>): string[] {
    const stopped = [...this.#own].filter((source) => !own.has(source));
    this.#own = new Set(own.keys());
    return this.#hasBegun ? stopped.map((source) => `${source} stopped: ${problem?.code ?? 'unknown'}`) : [];
  }
}
