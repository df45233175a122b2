import { utf8 } from '../../base/bytes.ts';
import type { RandomBytes } from '../../base/clock.ts';
import type { MeetingId } from '../../base/ids.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import { openText, type SealedText, sealText, TITLE_KIND } from '../../e2ee/hall/sealing.ts';
import type { HallKey } from '../../e2ee/mls/port.ts';
import type { SyncDriver } from '../../e2ee/sframe/driver.ts';
import type { DeviceNames, PersonId } from '../../trust/devices/ids.ts';
import { TITLE, type Title, titleText } from '../../trust/hall/title.ts';
import type { SigningKey } from '../../trust/signing/keys.ts';
import { signStatement } from '../../trust/signing/statement.ts';
import { type Judge, openDeviceStatement } from '../../trust/signing/vouched.ts';
import { readJson } from '../../trust/statement/strict-json.ts';
import { type Vouched, vouchedSchema } from '../../trust/statement/vouched.ts';
import type { Keyring } from './keyring.ts';

/** `held-back`: somebody could read it who may be in the meeting no longer. */
export type Saying = 'taken' | 'refused' | 'held-back';

export interface TitlesOptions {
  readonly meeting: MeetingId;
  readonly own: DeviceNames & { readonly certificate: string };
  readonly signing: SigningKey;
  readonly keys: Keyring;
  /** Default: the portable one. */
  readonly driver?: SyncDriver | undefined;
  readonly randomBytes: RandomBytes;
  readonly judge: () => Judge;
  /** Whether somebody's word says what the meeting is called: chair or deputy in force, or convener, and not revoked. */
  readonly mayEntitle: (names: DeviceNames) => boolean;
  /** Chair and deputies in force, by their rank. */
  readonly leaders: () => readonly PersonId[];
  readonly isThere: (person: PersonId) => boolean;
  /** What this device would call it, where nobody has said anything yet. */
  readonly wanted: () => string | undefined;
  readonly say: (title: SealedText) => Promise<Saying>;
  readonly onTitle: (title: string) => void;
}

interface Current {
  readonly value: Title;
  readonly by: DeviceNames;
  readonly vouched: Vouched;
  /** Of the hall key that the relay keeps it under. */
  readonly epoch: number | undefined;
}

/** What the meeting is called: the newest that somebody signed who leads it. Whoever leads says it anew where keys turned over. */
export class Titles {
  readonly #options: TitlesOptions;
  #heard: SealedText | undefined;
  /** Came before the key that it is under. */
  #early: SealedText | undefined;
  #current: Current | undefined;
  /** Wanted by the person here, and not said yet. */
  #held: string | undefined;

  constructor(options: TitlesOptions) {
    this.#options = options;
  }

  async hear({ epoch, sealed }: SealedText): Promise<void> {
    this.#heard = { epoch, sealed };
    await this.#open(this.#heard);
  }

  /** There are other keys. */
  async moved(isEntry: boolean): Promise<void> {
    if (isEntry && this.#current !== undefined) this.#current = { ...this.#current, epoch: undefined };
    const again = isEntry ? this.#heard : this.#early;
    if (again !== undefined) await this.#open(again);
    await this.look();
  }

  /** Under the newest key, and by somebody whose word counts: else whoever leads here says it anew. */
  async look(): Promise<void> {
    const { keys, mayEntitle, wanted } = this.#options;
    if (keys.newest !== undefined && this.#held !== undefined) await this.set(this.#held);
    const current = this.#current;
    if (keys.newest === undefined || this.#held !== undefined || !this.#leadsHere()) return;
    const text = current?.value.title ?? wanted();
    if (text === undefined) return;
    if (current === undefined || !mayEntitle(current.by)) await this.set(text);
    else if (current.epoch !== Number(keys.newest.epoch)) await this.#say(keys.newest, current);
  }

  /**
   * Refusals: `title.impossible`, `title.not-a-leader`, `title.not-in`, `title.not-taken`, and `title.held-back` for one that is
   * said by itself as soon as it may be.
   */
  async set(text: string): Promise<Result<void>> {
    const { meeting, own, signing, keys, mayEntitle } = this.#options;
    const key = keys.newest;
    if (!titleText.safeParse(text).success) return IMPOSSIBLE;
    if (key === undefined) return NOT_IN;
    if (this.#held !== undefined) this.#held = mayEntitle(own) ? text : undefined;
    if (!mayEntitle(own)) return NOT_A_LEADER;
    const value = { meeting, title: text, n: (this.#current?.value.n ?? 0) + 1 };
    const statement = await signStatement(TITLE, value, signing);
    const vouched = { certificate: own.certificate, statement };
    if (keys.newest !== key) return NOT_IN;
    const saying = await this.#say(key, { value, by: own, vouched, epoch: undefined });
    if (saying !== 'refused') this.#held = saying === 'held-back' ? text : undefined;
    return OUTCOMES[saying];
  }

  /** It counts once the relay has taken it: of two at once everybody takes the later one. */
  async #say(key: HallKey, title: Current): Promise<Saying> {
    const { randomBytes, say } = this.#options;
    const sealed = sealText(JSON.stringify(title.vouched), this.#useOf(key), randomBytes);
    const saying = await say(sealed);
    if (saying === 'taken') this.#take({ ...title, epoch: Number(key.epoch) });
    return saying;
  }

  /** One of those who lead and are there: not all of them at once. */
  #leadsHere(): boolean {
    const { own, leaders, isThere } = this.#options;
    return leaders().find((person) => person === own.person || isThere(person)) === own.person;
  }

  #useOf(key: HallKey) {
    const { meeting, driver } = this.#options;
    return { kind: TITLE_KIND, key, about: [meeting], driver };
  }

  async #open(heard: SealedText): Promise<void> {
    const { keys, judge, meeting, mayEntitle } = this.#options;
    const key = keys.of(heard.epoch);
    this.#early = key === undefined ? heard : undefined;
    const text = key && openText(heard, this.#useOf(key));
    if (text === undefined) return;
    const vouched = readJson(utf8(text), TITLE_KIND.packedBytes, vouchedSchema);
    const signed = vouched.ok ? await openDeviceStatement(TITLE, vouched.value, judge()) : vouched;
    if (!vouched.ok || !signed.ok) return;
    const { opened, by } = signed.value;
    if (opened.value.meeting !== meeting || !mayEntitle(by)) return;
    if (opened.value.n < (this.#current?.value.n ?? 0)) return;
    this.#take({ value: opened.value, by, vouched: vouched.value, epoch: heard.epoch });
  }

  #take(title: Current): void {
    this.#current = title;
    this.#options.onTitle(title.value.title);
  }
}

const IMPOSSIBLE = refuse('title.impossible', 'a title is a line of text, of at most 120 bytes');
const NOT_A_LEADER = refuse(
  'title.not-a-leader',
  'only who leads the meeting says what it is called',
  'ask the chair',
);
const NOT_IN = refuse('title.not-in', 'this device is not in the meeting’s group');
const OUTCOMES: Readonly<Record<Saying, Result<void>>> = {
  taken: ok(undefined),
  refused: refuse('title.not-taken', 'the relay did not take it'),
  'held-back': refuse(
    'title.held-back',
    'it is said as soon as nobody can read it who may be in the meeting no longer',
  ),
};
