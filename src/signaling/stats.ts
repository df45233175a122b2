import { ANSWER_CODES, type CloseCode, type HttpCode } from './protocol/codes.ts';

/** Totals since the start and sizes now; no ids, names or addresses. Keys of the records are codes of the tables. */
export interface SignalingStats {
  readonly sockets: number;
  readonly sessions: number;
  readonly meetings: number;
  readonly participants: number;
  readonly joins: number;
  readonly resumes: number;
  /** Requests answered with a code. Codes of other parts that are in no table count as `other`. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Connections that the server closed. */
  readonly closes: Readonly<Record<string, number>>;
  /** HTTP requests that did not become a socket. */
  readonly turnedAway: Readonly<Record<string, number>>;
  readonly malformed: Readonly<Record<string, number>>;
  readonly slowReaders: number;
  readonly messagesIn: number;
  readonly bytesIn: number;
  readonly messagesOut: number;
  readonly bytesOut: number;
}

export type StatsTotals = Omit<SignalingStats, 'sockets' | 'sessions' | 'meetings' | 'participants'>;

export class StatsKeeper {
  readonly #refusals: Record<string, number> = {};
  readonly #closes: Record<string, number> = {};
  readonly #turnedAway: Record<string, number> = {};
  readonly #malformed: Record<string, number> = {};
  #joins = 0;
  #resumes = 0;
  #slowReaders = 0;
  #messagesIn = 0;
  #bytesIn = 0;
  #messagesOut = 0;
  #bytesOut = 0;

  joined(): void {
    this.#joins++;
  }

  resumed(): void {
    this.#resumes++;
  }

  refused(code: string): void {
    bump(this.#refusals, Object.hasOwn(ANSWER_CODES, code) ? code : 'other');
  }

  closed(code: CloseCode): void {
    bump(this.#closes, code);
    if (code === 'connection.slow-reader' || code === 'session.outbox-full') this.#slowReaders++;
  }

  turnedAway(code: HttpCode): void {
    bump(this.#turnedAway, code);
  }

  malformed(code: string): void {
    bump(this.#malformed, code);
  }

  received(bytes: number): void {
    this.#messagesIn++;
    this.#bytesIn += bytes;
  }

  sent(bytes: number): void {
    this.#messagesOut++;
    this.#bytesOut += bytes;
  }

  totals(): StatsTotals {
    return {
      joins: this.#joins,
      resumes: this.#resumes,
      refusals: { ...this.#refusals },
      closes: { ...this.#closes },
      turnedAway: { ...this.#turnedAway },
      malformed: { ...this.#malformed },
      slowReaders: this.#slowReaders,
      messagesIn: this.#messagesIn,
      bytesIn: this.#bytesIn,
      messagesOut: this.#messagesOut,
      bytesOut: this.#bytesOut,
    };
  }
}

const bump = (counts: Record<string, number>, code: string): void => {
  counts[code] = (counts[code] ?? 0) + 1;
};
