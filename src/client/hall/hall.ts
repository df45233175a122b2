import type { ParticipantId } from '../../base/ids.ts';
import type { HallKey } from '../../e2ee/mls/port.ts';
import type { WireHallHeard } from '../../signaling/protocol/group-schemas.ts';
import { Queue } from '../group/queue.ts';
import { Cards, type CardsOptions } from './cards.ts';
import { Keyring } from './keyring.ts';
import { Titles, type TitlesOptions } from './titles.ts';

/** A join brings some messages with all cards; later they come one by one. What is above it would be a relay that floods. */
const MAX_WAITING = 2_048;

export type HallOptions = Omit<CardsOptions, 'keys' | 'say'> &
  Omit<TitlesOptions, 'keys' | 'say'> & {
    readonly sayCard: CardsOptions['say'];
    readonly sayTitle: TitlesOptions['say'];
    readonly onFault: (error: unknown) => void;
  };

/** What the members of a meeting alone may read of each other: names, and the meeting's title. One thing after the other. */
export class Hall {
  readonly #keys = new Keyring();
  readonly #cards: Cards;
  readonly #titles: Titles;
  readonly #queue: Queue;
  #isOver = false;

  constructor(options: HallOptions) {
    const { sayCard, sayTitle, onFault } = options;
    this.#queue = new Queue(MAX_WAITING, async (error) => onFault(error));
    this.#cards = new Cards({ ...options, keys: this.#keys, say: sayCard });
    this.#titles = new Titles({ ...options, keys: this.#keys, say: sayTitle });
  }

  hear(heard: WireHallHeard): void {
    if (heard.kind === 'title') this.#add(() => this.#titles.hear(heard));
    else for (const card of heard.cards) this.#add(() => this.#cards.hear(card));
  }

  /** The group went on; `isEntry`: this device has just come into it. */
  moved(keys: readonly HallKey[], isEntry: boolean): void {
    this.#add(async () => {
      this.#keys.take(keys);
      await this.#cards.moved(isEntry);
      await this.#titles.moved(isEntry);
    });
  }

  left(participant: ParticipantId): void {
    this.#add(async () => this.#cards.forget(participant));
  }

  /** Who leads may be somebody else now. */
  conducted(): void {
    this.#add(() => this.#titles.look());
  }

  title(text: string): ReturnType<Titles['set']> {
    return this.#titles.set(text);
  }

  end(): void {
    this.#isOver = true;
    this.#keys.wipe();
  }

  #add(work: () => Promise<void>): void {
    this.#queue.add(async () => {
      if (!this.#isOver) await work();
    });
  }
}
