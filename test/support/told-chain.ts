import { ok, type Result } from '../../src/base/result.ts';
import type { Ask } from '../../src/client/media-session.ts';
import type { ReplyOf, RequestKind } from '../../src/signaling/protocol/messages.ts';
import type { Entry } from '../../src/trust/acts/entry.ts';
import type { Fact } from '../../src/trust/acts/input.ts';
import { lawOf } from '../../src/trust/acts/law.ts';
import { openMeeting } from '../../src/trust/acts/state.ts';
import type { SignedCharter } from '../../src/trust/charter/charter.ts';
import { follow, type Place, startOf, writeEntry } from '../../src/trust/signing/chain.ts';
import type { Vouched } from '../../src/trust/statement/vouched.ts';
import type { Ministry } from './ministry.ts';
import { granted } from './people.ts';

/** What a relay does about one meeting's chain, and no more: it takes what the rules allow, and tells all of it. */
export class ToldChain {
  readonly entries: string[] = [];
  /** Entries in one answer. */
  pageSize = 2;
  nowUnixMs: number;
  place: Place;
  readonly #ministry: Ministry;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(ministry: Ministry, { opened }: SignedCharter, nowUnixMs: number) {
    this.#ministry = ministry;
    this.nowUnixMs = nowUnixMs;
    this.place = startOf(openMeeting(opened.value, opened.digest, lawOf(ministry.scale), 0), 0);
  }

  async tell(fact: Fact): Promise<string> {
    return granted(await this.#take({ kind: 'fact', fact }));
  }

  act(act: Vouched): Promise<Result<string>> {
    return this.#take({ kind: 'act', act });
  }

  readonly ask = (async (kind: RequestKind, fields: { readonly after?: number; readonly act?: Vouched }) => {
    if (kind === 'history') {
      const { after = 0 } = fields;
      return ok({ entries: this.entries.slice(after, after + this.pageSize), head: this.place.head });
    }
    if (kind !== 'act' || fields.act === undefined) throw new Error(`nobody asks ${kind} here`);
    const taken = await this.act(fields.act);
    return taken.ok ? ok({ n: this.place.head.n } satisfies ReplyOf<'act'>) : taken;
  }) as Ask;

  #take(what: Entry['what']): Promise<Result<string>> {
    const taken = this.#turn.then(() => this.#takeNow(what));
    this.#turn = taken;
    return taken;
  }

  async #takeNow(what: Entry['what']): Promise<Result<string>> {
    const text = writeEntry(this.place, this.nowUnixMs, what);
    const judge = { root: this.#ministry.people.root, nowUnixMs: this.nowUnixMs };
    const followed = await follow(this.place, text, judge);
    if (!followed.ok) return followed;
    this.place = followed.value.place;
    this.entries.push(text);
    return ok(text);
  }
}
