import type { Clock } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import { type Refusal, type Result, refuse } from '../../base/result.ts';
import { type CurrentList, judgeRevocation, REVOCATION, type SeenList } from '../../trust/revocation/list.ts';
import { openOfficeStatement } from '../../trust/signing/vouched.ts';
import { readJson } from '../../trust/statement/strict-json.ts';
import { vouchedSchema } from '../../trust/statement/vouched.ts';
import { outcomeOf } from '../outcome.ts';
import type { Enrolled } from './enrolled.ts';
import { type FetchList, MAX_LIST_BYTES } from './fetch-list.ts';

/** A megabyte over a slow line; whoever enters waits for it. */
export const LIST_WITHIN_MS = 10_000;

export interface ListsOptions {
  readonly device: Enrolled;
  readonly origin: string;
  readonly fetchList: FetchList;
  readonly clock: Clock;
  /** The list could not be remembered: it holds, but an older one would be taken after a restart. */
  readonly onProblem: (problem: Refusal) => void;
}

/** The newest list of revocations, from whoever has it: the revocation office's signature counts alone. */
export class Lists {
  readonly #options: ListsOptions;
  #current: CurrentList | undefined;
  #seen: SeenList | undefined;
  #isSeenLoaded = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: ListsOptions) {
    this.#options = options;
  }

  get current(): CurrentList | undefined {
    return this.#current;
  }

  /**
   * Fetches and takes the list. Where that is refused the one before stays. Refusals: `list.unreachable`, `list.lost`,
   * those of `judgeRevocation` and of statements.
   */
  refresh(): Promise<Result<CurrentList>> {
    const turn = this.#turn.then(() => this.#refresh());
    this.#turn = turn;
    return turn;
  }

  async #refresh(): Promise<Result<CurrentList>> {
    const loaded = await outcomeOf(() => this.#loadSeen());
    if (!loaded.ok) return LOST;
    const fetched = await this.#fetch();
    if (!fetched.ok) return fetched;
    const judged = await this.#judge(fetched.value);
    if (!judged.ok) return judged;
    this.#current = judged.value;
    this.#seen = judged.value.seen;
    // Whoever is on the list goes now, and not when it is written down.
    void this.#remember(judged.value.seen);
    return judged;
  }

  async #remember(seen: SeenList): Promise<void> {
    const { device, onProblem } = this.#options;
    const kept = await outcomeOf(() => device.lists.see(seen));
    if (!kept.ok)
      onProblem({ code: 'list.not-kept', message: 'the newest list of revocations could not be remembered' });
  }

  async #loadSeen(): Promise<void> {
    if (this.#isSeenLoaded) return;
    this.#seen = await this.#options.device.lists.last();
    this.#isSeenLoaded = true;
  }

  async #fetch(): Promise<Result<Uint8Array<ArrayBuffer>>> {
    const { clock, fetchList, origin } = this.#options;
    const aborting = new AbortController();
    const fetching = fetchList(`${origin}/v1/revocation`, aborting.signal);
    const fetched = await outcomeOf(() =>
      withDeadline(clock, LIST_WITHIN_MS, 'the list of revocations', fetching),
    );
    if (fetched.ok) return fetched;
    aborting.abort();
    return refuse(
      'list.unreachable',
      'the relay does not give the list of revocations, without which nobody is let in',
      'try again; if it lasts, tell whoever runs the relay',
    );
  }

  async #judge(bytes: Uint8Array<ArrayBuffer>): Promise<Result<CurrentList>> {
    const { device, clock } = this.#options;
    const nowUnixMs = clock.unixMs();
    const vouched = readJson(bytes, MAX_LIST_BYTES, vouchedSchema);
    if (!vouched.ok) return vouched;
    const judge = { root: device.root, nowUnixMs };
    const opened = await openOfficeStatement(REVOCATION, 'revocation', vouched.value, judge);
    return opened.ok ? judgeRevocation(opened.value, this.#seen, nowUnixMs) : opened;
  }
}

/** Without it an older list would pass. */
const LOST = refuse('list.lost', 'what this device keeps of the newest list of revocations cannot be read');
