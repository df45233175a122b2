import type { RandomBytes } from '../base/clock.ts';
import type { SessionId } from '../base/ids.ts';
import { type Refusal, type Result, refuse } from '../base/result.ts';
import type { ReplyOf } from '../signaling/protocol/messages.ts';
import type { Admission } from './admission.ts';
import type { Conducting } from './conduct/conducting.ts';
import type { Connection } from './connection/connection.ts';
import { type Entered, enterMeeting } from './enter.ts';
import type { OwnPlace } from './key-source.ts';
import type { EntryLink } from './link.ts';
import { valueOrThrow } from './outcome.ts';
import type { CharterFacts } from './people/charter-facts.ts';
import type { Begun, Company } from './people/company.ts';
import type { Enrolled } from './people/enrolled.ts';
import type { Roster } from './roster.ts';
import type { StoreEvent } from './store/reduce.ts';

export interface EntryOptions {
  readonly link: EntryLink;
  readonly name: string;
  readonly randomBytes: RandomBytes;
  readonly device: Enrolled;
  readonly connection: Pick<Connection, 'request' | 'session'>;
  readonly company: Company;
  readonly roster: Roster;
  readonly admission: Admission;
  readonly conducting: Pick<Conducting, 'read' | 'show'>;
  readonly isClosed: () => boolean;
  readonly dispatch: (event: StoreEvent) => void;
  /** Before anybody of the roster is looked at. */
  readonly onEntered: () => void;
  readonly onCharter: (facts: CharterFacts) => void;
  /** This device itself may not be here. */
  readonly onSelfOut: (why: Refusal) => void;
}

export interface EnteredMeeting {
  readonly reply: ReplyOf<'enter'>;
  readonly own: OwnPlace;
}

/** The way in, at the first time and at each that follows: asks, judges its own entry, then everybody who is there. */
export class Entry {
  readonly #options: EntryOptions;

  constructor(options: EntryOptions) {
    this.#options = options;
  }

  /** Settles when the roster stands. Throws what is in the way. */
  async enter(): Promise<EnteredMeeting> {
    const { link, name, randomBytes, device, connection } = this.#options;
    const answer = await enterMeeting(
      (kind, fields) => connection.request(kind, fields),
      link.meeting,
      name,
      randomBytes,
      { device, session: () => connection.session },
    );
    return this.#begin(valueOrThrow(answer.ok ? answer : await this.#explained(answer)));
  }

  /** At the door all refusals are the same; what is wrong with its own device this client finds by itself. */
  async #explained(refused: { readonly ok: false; readonly refusal: Refusal }): Promise<Result<Entered>> {
    if (refused.refusal.code !== 'entry.refused') return refused;
    const found = await this.#options.company.judgeOwnDevice();
    if (found === undefined) return refused;
    const { reference } = refused.refusal;
    return { ok: false, refusal: reference === undefined ? found : { ...found, reference } };
  }

  /**
   * What was signed is read first: the charter, then every act since. By what these have made of it this device judges its own entry,
   * and before that nothing is shown and no key used.
   */
  async #begin({ announcement, reply, credentials }: Entered): Promise<EnteredMeeting> {
    const { connection, company, conducting } = this.#options;
    const session = connection.session;
    const opened = await company.begin({ announcement, credentials }, reply.charter);
    this.#assertLasting(session);
    const begun = this.#orWithdrawn(opened);
    await conducting.read(begun, reply.head);
    this.#assertLasting(session);
    const { person, device } = this.#orWithdrawn(company.judgeSelf(begun.shown));
    const { number } = announcement;
    const self = { participant: reply.participant, number, name: this.#options.name, person, device };
    await this.#show(self, begun, reply);
    this.#assertLasting(session);
    return { reply, own: ownPlace(self, { announcement, credentials }, begun, reply.blobToken) };
  }

  /** The meeting as it is now, then everybody who is in it. */
  async #show(self: OwnPlace['self'], { facts }: Begun, reply: ReplyOf<'enter'>): Promise<void> {
    const { roster, admission, conducting, dispatch, onEntered, onCharter } = this.#options;
    onEntered();
    roster.startAs(self);
    dispatch({ kind: 'joined', self });
    onCharter(facts);
    conducting.show();
    await admission.admitAll(reply.roster);
  }

  #assertLasting(session: SessionId | undefined): void {
    const { connection, isClosed } = this.#options;
    if (isClosed() || session !== connection.session) valueOrThrow(OUTDATED);
  }

  #orWithdrawn<T>(judged: Result<T>): T {
    if (!judged.ok) this.#options.onSelfOut(judged.refusal);
    return valueOrThrow(judged);
  }
}

const ownPlace = (
  self: OwnPlace['self'],
  entry: OwnPlace['entry'],
  { shown, charter }: Begun,
  blobToken: string | undefined,
): OwnPlace => ({ self, entry, shown, charter, blobToken });

const OUTDATED = refuse('session.lost', 'the session ended while the entry was judged');
