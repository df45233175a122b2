import type { RandomBytes } from '../base/clock.ts';
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
  readonly conducting: Pick<Conducting, 'begin'>;
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

  /** Nothing that the relay answered is believed, and no key used, before this device has judged its own entry. */
  async #begin(entered: Entered): Promise<EnteredMeeting> {
    const { connection, roster, admission, conducting, dispatch, onEntered, onCharter, name } = this.#options;
    const { reply, announcement } = entered;
    const session = connection.session;
    const begun = await this.#judgeOwn(entered);
    if (this.#options.isClosed() || session !== connection.session) valueOrThrow(OUTDATED);
    const { person, device } = begun.self;
    const self = { participant: reply.participant, number: announcement.number, name, person, device };
    onEntered();
    roster.startAs(self);
    dispatch({ kind: 'joined', self });
    onCharter(begun.facts);
    await conducting.begin(begun, reply.head);
    await admission.admitAll(reply.roster);
    if (session !== connection.session) valueOrThrow(OUTDATED);
    return { reply, own: ownPlace(self, entered, begun) };
  }

  async #judgeOwn({ announcement, reply, credentials }: Entered): Promise<Begun> {
    const { company, connection, onSelfOut } = this.#options;
    const session = connection.session;
    const begun = await company.begin({ announcement, credentials }, reply.charter);
    if (!begun.ok && session === connection.session) onSelfOut(begun.refusal);
    return valueOrThrow(begun);
  }
}

const ownPlace = (
  self: OwnPlace['self'],
  { announcement, reply, credentials }: Entered,
  { shown, charter }: Begun,
): OwnPlace => ({
  self,
  entry: { announcement, credentials },
  shown,
  charter,
  blobToken: reply.blobToken,
});

const OUTDATED = refuse('session.lost', 'the session ended while the entry was judged');
