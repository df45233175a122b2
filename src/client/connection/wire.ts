import type { Clock } from '../../base/clock.ts';
import type { Refusal } from '../../base/result.ts';
import { closeRefusal } from './closing.ts';
import { decodeMessage, type ServerMessage } from './decode.ts';
import type { OpenSocket, Socket } from './socket.ts';

/** From dialling to the answer to `hello`: slower networks than this cannot carry a meeting. */
export const HELLO_WITHIN_MS = 8_000;
/** Heartbeats that may be missed: fewer cut off on one lost packet's retransmission, more leave people in silence. */
const MISSED_HEARTBEATS = 3;
/** Whatever period a server names, silence is noticed within three of these. */
const MAX_HEARTBEAT_MS = 30_000;
/** Unsent bytes at which the network counts as stuck: far above any burst of requests. */
export const MAX_UNSENT_BYTES = 512 * 1024;

export interface WireHandlers {
  onOpen(): void;
  onMessage(message: ServerMessage): void;
  /** Once, and nothing after it. Not called for `close()`. */
  onDown(why: Refusal): void;
}

/** One socket's life: decodes what comes, notices silence, and tells its end once. */
export class Wire {
  readonly #clock: Clock;
  readonly #handlers: WireHandlers;
  readonly #socket: Socket;
  #isDown = false;
  #silenceLimitMs: number | undefined;
  #cancelWatch: () => void;

  constructor(url: string, openSocket: OpenSocket, clock: Clock, handlers: WireHandlers) {
    this.#clock = clock;
    this.#handlers = handlers;
    this.#cancelWatch = clock.after(HELLO_WITHIN_MS, () =>
      this.#down({ code: 'connection.timeout', message: 'the server did not answer in time' }),
    );
    this.#socket = openSocket(url, {
      onOpen: () => this.#isDown || handlers.onOpen(),
      onMessage: (data) => this.#onMessage(data),
      onClose: (reason) => this.#down(closeRefusal(reason)),
    });
  }

  send(message: object): void {
    if (this.#isDown) return;
    this.#socket.send(JSON.stringify(message));
    if (this.#socket.bufferedBytes() > MAX_UNSENT_BYTES)
      this.#down({ code: 'connection.stuck', message: 'what was sent does not leave' });
  }

  /** The server said `hello`: from now on silence for three heartbeats is an end. */
  watch(heartbeatMs: number): void {
    this.#silenceLimitMs = Math.min(heartbeatMs, MAX_HEARTBEAT_MS) * MISSED_HEARTBEATS;
    this.#onHeard();
  }

  close(): void {
    if (this.#isDown) return;
    this.#isDown = true;
    this.#cancelWatch();
    this.#socket.close();
  }

  #onMessage(data: unknown): void {
    if (this.#isDown) return;
    this.#onHeard();
    const message = decodeMessage(data);
    if (message.ok) this.#handlers.onMessage(message.value);
    else this.#down(message.refusal);
  }

  #onHeard(): void {
    if (this.#silenceLimitMs === undefined) return;
    this.#cancelWatch();
    this.#cancelWatch = this.#clock.after(this.#silenceLimitMs, () =>
      this.#down({ code: 'connection.silent', message: 'the server fell silent' }),
    );
  }

  #down(why: Refusal): void {
    if (this.#isDown) return;
    this.close();
    this.#handlers.onDown(why);
  }
}
