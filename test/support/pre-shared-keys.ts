import { createHmac } from 'node:crypto';
import type { Bytes } from '../../src/base/bytes.ts';
import type { Meeting } from '../../src/client/meeting.ts';
import type { ExpectedStream, FrameKeys } from '../../src/e2ee/frame-keys.ts';
import { createFrameKeys } from '../../src/e2ee/keys/store.ts';
import { nodeDriver } from '../../src/e2ee/sframe/node.ts';

/**
 * Frame keys of one secret that whoever started the participants hands out, in place of the keys of their meeting's group: each
 * sender's is made of the secret and its number. For what shall be measured or tested without the group's work, and never
 * of the product.
 */
export class PreSharedKeys implements FrameKeys {
  readonly #secret: Bytes;
  readonly #keys = createFrameKeys({ driver: nodeDriver });
  readonly #known = new Set<number>();
  #own: number | undefined;

  constructor(secret: Bytes) {
    this.#secret = secret;
  }

  /** Seals as whom this client is in the meeting, at each join anew. */
  follow(meeting: Pick<Meeting<unknown, unknown>, 'state' | 'onChange'>): void {
    const look = ({ self }: Meeting<unknown, unknown>['state']) => {
      if (self !== undefined) this.useOwnKey(self.number);
    };
    look(meeting.state);
    meeting.onChange(look);
  }

  useOwnKey(number: number) {
    if (number === this.#own) return OK;
    this.#own = number;
    return this.#keys.useOwnKey(number, this.#keyOf(number));
  }

  /** Whoever never sends costs no key: there is one from the first frame on. */
  addSender() {
    return OK;
  }

  removeSender(number: number): void {
    this.#known.delete(number);
    this.#keys.removeSender(number);
  }

  newSealingContext(...args: Parameters<FrameKeys['newSealingContext']>) {
    return this.#keys.newSealingContext(...args);
  }

  open(wire: Bytes, expected: ExpectedStream) {
    const { number } = expected;
    if (number !== undefined && !this.#known.has(number)) this.#know(number);
    return this.#keys.open(wire, expected);
  }

  /** No epoch ever begins. */
  openUnder(): void {}
  sealUnder(): void {}
  stopSealing(): void {}
  forget(): void {}

  #know(number: number): void {
    this.#known.add(number);
    this.#keys.addSender(number, this.#keyOf(number));
  }

  #keyOf(number: number): Bytes {
    return new Uint8Array(createHmac('sha256', this.#secret).update(String(number)).digest());
  }
}

const OK = { ok: true, value: undefined } as const;
