import { type Bytes, concatBytes, fromBase64Url, utf8 } from '../../src/base/bytes.ts';
import type { ParticipantId } from '../../src/base/ids.ts';
import { type Result, refuse } from '../../src/base/result.ts';
import type { KeySource, MakeKeySource, OwnPlace } from '../../src/client/key-source.ts';
import { valueOrThrow } from '../../src/client/outcome.ts';
import type { EntryShown } from '../../src/client/people/credentials.ts';
import type { VerifiedParticipant } from '../../src/client/store/state.ts';
import type { KeyPort } from '../../src/e2ee/frame-keys.ts';
import type { SyncDriver } from '../../src/e2ee/sframe/driver.ts';
import { hkdfExpand, hkdfExtract } from '../../src/e2ee/sframe/hkdf.ts';
import { nobleDriver } from '../../src/e2ee/sframe/noble.ts';
import { DEFAULT_SUITE, SUITES } from '../../src/e2ee/sframe/suites.ts';

const { hash, keyBytes } = SUITES[DEFAULT_SUITE];

/**
 * Media keys out of a secret that a test hands to all who meet, one for each entry: where a group would be in the way of
 * what is tested. Whoever has the secret has everybody's keys, so nothing but tests and benchmarks may use it.
 */
class PreSharedKeys implements KeySource {
  readonly #frameKeys: KeyPort;
  readonly #secret: Bytes;
  readonly #driver: SyncDriver;
  readonly #numbers = new Map<ParticipantId, number>();

  constructor(frameKeys: KeyPort, secret: Bytes, driver: SyncDriver) {
    this.#frameKeys = frameKeys;
    this.#secret = secret;
    this.#driver = driver;
  }

  reset(): void {
    for (const participant of [...this.#numbers.keys()]) this.left(participant);
  }

  admitted({ participant, number }: VerifiedParticipant, entry: EntryShown): void {
    valueOrThrow(this.#frameKeys.addSender(number, this.#keyOf(entry)));
    this.#numbers.set(participant, number);
  }

  left(participant: ParticipantId): void {
    const number = this.#numbers.get(participant);
    if (number !== undefined) this.#frameKeys.removeSender(number);
    this.#numbers.delete(participant);
  }

  async begin({ self, entry }: Pick<OwnPlace, 'self' | 'entry'>): Promise<void> {
    valueOrThrow(this.#frameKeys.useOwnKey(self.number, this.#keyOf(entry)));
  }

  senderOf({ number }: VerifiedParticipant) {
    return { number };
  }

  out(): void {}
  outPerson(): void {}
  hear(): void {}
  reconnected(): void {}
  conducted(): void {}

  async entitle(): Promise<Result<void>> {
    return refuse('title.not-in', 'there is no group');
  }

  /** The salt is new at each entry, and the key with it. */
  #keyOf({ announcement: { salt, number } }: EntryShown): Bytes {
    const extracted = hkdfExtract(this.#driver, hash, fromBase64Url(salt) ?? utf8(salt), this.#secret);
    return hkdfExpand(this.#driver, hash, extracted, concatBytes(utf8(`test ${number}`)), keyBytes);
  }
}

/** Of everybody who meets, where it does not matter which. */
export const SHARED_SECRET: Bytes = new Uint8Array(32).fill(7);

export const preSharedKeys =
  (frameKeys: KeyPort, secret: Bytes, driver: SyncDriver = nobleDriver): MakeKeySource =>
  () =>
    new PreSharedKeys(frameKeys, secret, driver);
