import type { RandomBytes } from '../../base/clock.ts';
import type { MeetingId, ParticipantId } from '../../base/ids.ts';
import { CARD_KIND, openText, type SealedText, sealText } from '../../e2ee/hall/sealing.ts';
import type { HallKey } from '../../e2ee/mls/port.ts';
import type { SyncDriver } from '../../e2ee/sframe/driver.ts';
import type { WireCard } from '../../signaling/protocol/group-schemas.ts';
import type { Announcement } from '../../signaling/protocol/messages.ts';
import { CARD, nameText } from '../../trust/hall/card.ts';
import type { SigningKey } from '../../trust/signing/keys.ts';
import { openStatement, type StatementMemo, signStatement } from '../../trust/signing/statement.ts';
import type { Known, Standing } from '../group/standing.ts';
import type { Keyring } from './keyring.ts';
import { parsed } from './parsed.ts';

/**
 * A card is said anew when so many removals came after the one whose key it is under, spread over as many more by the sender's
 * number: well before the key is one of those that nobody hands over, and not by everybody at once.
 */
const SAID_ANEW_AFTER = 32;
const SPREAD_OVER = 16;

export interface CardsOptions {
  readonly meeting: MeetingId;
  readonly self: { readonly participant: ParticipantId; readonly announcement: Announcement };
  readonly name: string;
  readonly signing: SigningKey;
  readonly keys: Keyring;
  /** What was found of statements before: whoever comes into the group anew looks at all cards again. */
  readonly statements?: StatementMemo;
  /** Default: the portable one. */
  readonly driver?: SyncDriver | undefined;
  readonly standing: Pick<Standing, 'present'>;
  readonly randomBytes: RandomBytes;
  /** Whether the relay took it. */
  readonly say: (card: SealedText) => Promise<boolean>;
  readonly onName: (participant: ParticipantId, name: string) => void;
}

/** Names: this participant's own, said under a key that the others have, and theirs, shown once they open and are signed. */
export class Cards {
  readonly #options: CardsOptions;
  /** Of people in the roster, the newest of each. */
  readonly #heard = new Map<ParticipantId, SealedText>();
  /** Those of them whose card came before the key that it is under: words overtake commits, which are fetched and computed. */
  readonly #early = new Set<ParticipantId>();
  #saidUnder: number | undefined;

  constructor(options: CardsOptions) {
    this.#options = options;
  }

  async hear({ participant, ...card }: WireCard): Promise<void> {
    const known = this.#options.standing.present(participant);
    if (known === undefined || participant === this.#options.self.participant) return;
    this.#heard.set(participant, card);
    await this.#show(participant, known, card);
  }

  forget(participant: ParticipantId): void {
    this.#heard.delete(participant);
    this.#early.delete(participant);
  }

  /** There are other keys; `isEntry`: by a group that this device has just come into. */
  async moved(isEntry: boolean): Promise<void> {
    const { newest } = this.#options.keys;
    if (newest !== undefined && (isEntry || this.#isDue())) await this.#say(newest);
    const again = [...this.#heard].filter(([participant]) => isEntry || this.#early.has(participant));
    for (const one of again) await this.#showAgain(...one);
  }

  #isDue(): boolean {
    const { keys, self } = this.#options;
    const age = this.#saidUnder === undefined ? undefined : keys.ageOf(this.#saidUnder);
    return age === undefined || age >= SAID_ANEW_AFTER + (self.announcement.number % SPREAD_OVER);
  }

  async #say(key: HallKey): Promise<void> {
    const { meeting, self, name, signing, driver, randomBytes, say } = this.#options;
    if (!nameText.safeParse(name).success) return;
    const { salt, number } = self.announcement;
    this.#saidUnder = Number(key.epoch);
    const statement = await signStatement(CARD, { meeting, salt, name }, signing);
    const use = { kind: CARD_KIND, key, about: [meeting, salt, number], driver };
    if (this.#options.keys.newest !== key) {
      this.#saidUnder = undefined;
      return;
    }
    if (!(await say(sealText(JSON.stringify(statement), use, randomBytes)))) this.#saidUnder = undefined;
  }

  async #showAgain(participant: ParticipantId, card: SealedText): Promise<void> {
    const known = this.#options.standing.present(participant);
    if (known !== undefined) await this.#show(participant, known, card);
  }

  /** Only what the device of this participant's certificate signed, for this join and this meeting. */
  async #show(
    participant: ParticipantId,
    { announcement, publicKey }: Known,
    card: SealedText,
  ): Promise<void> {
    const { keys, meeting, statements, driver, onName } = this.#options;
    const key = keys.of(card.epoch);
    if (key === undefined) this.#early.add(participant);
    else this.#early.delete(participant);
    const { salt, number } = announcement;
    const use = key && { kind: CARD_KIND, key, about: [meeting, salt, number], driver };
    const text = use && openText(card, use);
    if (text === undefined) return;
    const opened = await openStatement(CARD, parsed(text), publicKey, statements);
    if (!opened.ok || this.#heard.get(participant) !== card) return;
    const { value } = opened.value;
    if (value.meeting === meeting && value.salt === salt) onName(participant, value.name);
  }
}
