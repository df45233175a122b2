import { EventEmitter } from 'node:events';
import type { OpenSocket } from '../../src/client/connection/socket.ts';
import { heartbeatSchema } from '../../src/signaling/protocol/messages.ts';

/** Counts the sockets that are open, and tells of each heartbeat that one of them hears. */
export class Heartbeats {
  readonly #heard = new EventEmitter();
  readonly #open = new Set<object>();

  watch(open: OpenSocket): OpenSocket {
    return (url, handlers) => {
      const one = {};
      return open(url, {
        onOpen: () => {
          this.#open.add(one);
          handlers.onOpen();
        },
        onMessage: (data) => {
          if (isHeartbeat(data)) this.#heard.emit('beat', one);
          handlers.onMessage(data);
        },
        onClose: (reason) => {
          this.#open.delete(one);
          handlers.onClose(reason);
        },
      });
    };
  }

  /** Settles when every socket that is open now has heard one more: the ping that came before it was answered by then. */
  next(): Promise<void> {
    const waited = new Set(this.#open);
    const { promise, resolve } = Promise.withResolvers<void>();
    const hear = (one: object) => {
      waited.delete(one);
      if (waited.size > 0) return;
      this.#heard.off('beat', hear);
      resolve();
    };
    this.#heard.on('beat', hear);
    return promise;
  }
}

const isHeartbeat = (data: unknown): boolean =>
  typeof data === 'string' && heartbeatSchema.safeParse(JSON.parse(data)).success;
