import { classes, Message, methods, parseMessage } from 'werift';
import { toBase64Url } from '../../../../base/bytes.ts';
import type { RandomBytes } from '../../../../base/clock.ts';
import type { IceParameters } from '../../../../base/rtp.ts';
import { randomUint32 } from '../../random.ts';

/** RFC 8445 section 5.1.2.1 for a peer-reflexive candidate, the type that a check is sent from; one component. */
const PRIORITY = 110 * 2 ** 24 + 0xffff * 2 ** 8 + 255;
/** RFC 8445 section 5.3: at least 24 bits; six bytes are eight characters of the allowed alphabet. */
const FRAGMENT_BYTES = 6;
const TRANSACTION_ID_BYTES = 12;
/** One each five seconds, half a minute until the path is given up: what is older is not waited for. */
const MAX_UNANSWERED = 8;

/** ICE connectivity checks of the controlling side towards a lite agent (RFC 8445 section 7.2). */
export class Checks {
  readonly #remote: IceParameters;
  readonly #randomBytes: RandomBytes;
  readonly #userName: string;
  readonly #tieBreaker: bigint;
  readonly #unanswered = new Set<string>();

  constructor(remote: IceParameters, randomBytes: RandomBytes) {
    // RFC 8445's ice-char has + and / where base64url has - and _.
    const own = toBase64Url(randomBytes(FRAGMENT_BYTES)).replaceAll('-', '+').replaceAll('_', '/');
    this.#remote = remote;
    this.#randomBytes = randomBytes;
    this.#userName = `${remote.usernameFragment}:${own}`;
    this.#tieBreaker = (BigInt(randomUint32(randomBytes)) << 32n) | BigInt(randomUint32(randomBytes));
  }

  /** A Binding request (RFC 8489); with `nominate` it tells that this path is the one. */
  request(nominate: boolean): Buffer {
    const id = Buffer.from(this.#randomBytes(TRANSACTION_ID_BYTES));
    const message = new Message(methods.BINDING, classes.REQUEST, id);
    message.setAttribute('USERNAME', this.#userName);
    message.setAttribute('PRIORITY', PRIORITY);
    message.setAttribute('ICE-CONTROLLING', this.#tieBreaker);
    if (nominate) message.setAttribute('USE-CANDIDATE', null);
    this.#remember(message.transactionIdHex);
    return message.addMessageIntegrity(this.#key).addFingerprint().bytes;
  }

  /** Whether `datagram` is the relay's yes to one of the requests: it alone can sign with the password. */
  isAnswer(datagram: Buffer): boolean {
    const message = parseMessage(datagram, this.#key);
    if (message?.messageClass !== classes.RESPONSE || !this.#unanswered.has(message.transactionIdHex)) {
      return false;
    }
    this.#unanswered.clear();
    return true;
  }

  get #key(): Buffer {
    return Buffer.from(this.#remote.password);
  }

  #remember(id: string): void {
    this.#unanswered.add(id);
    const [oldest] = this.#unanswered;
    if (this.#unanswered.size > MAX_UNANSWERED && oldest !== undefined) this.#unanswered.delete(oldest);
  }
}

/** RFC 7983 section 7: the first byte of STUN is 0 to 3, of DTLS and RTP more. */
export const isStun = (datagram: Buffer): boolean => (datagram[0] ?? 0) <= 3;
