import type { Bytes } from '../../src/base/bytes.ts';
import type { OpenSocket, Socket } from '../../src/client/connection/socket.ts';
import { openWebSocket } from '../../src/client/connection/web-socket.ts';
import type { FetchBlobs } from '../../src/client/group/fetch-blobs.ts';
import { fetchBlobs } from '../../src/client/group/fetch-blobs.ts';
import type { WireGroupHeard, WireGroupSaid } from '../../src/signaling/protocol/group-schemas.ts';
import type { ServerEvent } from '../../src/signaling/protocol/messages.ts';

/** What the relay sends that counts. */
interface Told {
  seq: number;
  readonly re?: number;
  readonly body?: Record<string, unknown>;
  readonly event?: ServerEvent;
}

/** What a client sends, as far as it is looked at. */
interface Asked {
  readonly id?: number;
  readonly kind: string;
  ack?: number;
  resume?: { received: number };
  said?: WireGroupSaid;
}

/** Every blob that passed any client's way: a relay forgets nothing that it wants to keep. */
export type Stash = Map<string, Bytes>;

/**
 * A relay before the relay, for one client, on real sockets and real HTTP: it reads, alters, holds back, repeats and invents
 * whatever passes. Its numbers have no gap, so that nothing shows but what was done.
 */
export class Middle {
  onEvent: (event: ServerEvent) => readonly ServerEvent[] = (event) => [event];
  onReply: (kind: string, body: Record<string, unknown>) => Record<string, unknown> = (_, body) => body;
  onSaid: (said: WireGroupSaid) => WireGroupSaid = (said) => said;
  readonly heard: WireGroupHeard[] = [];
  readonly said: WireGroupSaid[] = [];
  /** So many of the next events are not sent, and their numbers are missing. */
  lose = 0;
  readonly #stash: Stash;
  readonly #asked = new Map<number, string>();
  /** By the client's number: the relay's own. */
  #numbers: number[] = [0];
  #toClient: ((text: string) => void) | undefined;

  constructor(stash: Stash) {
    this.#stash = stash;
  }

  readonly open: OpenSocket = (url, handlers): Socket => {
    const onMessage = (data: unknown) => this.#down(String(data));
    const socket = openWebSocket(url, { ...handlers, onMessage });
    this.#toClient = handlers.onMessage;
    return { ...socket, send: (text) => socket.send(this.#up(text)) };
  };

  readonly blobs: FetchBlobs = {
    put: async (place, bytes) => {
      const hash = await fetchBlobs.put(place, bytes);
      this.#stash.set(hash, bytes.slice());
      return hash;
    },
    get: (place, hash, maxBytes) =>
      fetchBlobs.get(place, hash, maxBytes).catch((error) => this.#stash.get(hash) ?? Promise.reject(error)),
  };

  /** What the relay makes up. */
  tell(event: ServerEvent): void {
    this.#number({ seq: this.#numbers.at(-1) ?? 0, event });
  }

  tellGroup(heard: WireGroupHeard): void {
    this.tell({ kind: 'group', heard });
  }

  #down(text: string): void {
    const told = JSON.parse(text) as Told;
    if (told.seq === undefined) this.#toClient?.(text);
    else if (told.event !== undefined && this.lose > 0) this.#lost(told.seq);
    else if (told.event === undefined) this.#number(this.#reply(told));
    else for (const event of this.#altered(told.event)) this.#number({ seq: told.seq, event });
  }

  #altered(event: ServerEvent): readonly ServerEvent[] {
    if (event.kind === 'group') this.heard.push(event.heard);
    return this.onEvent(event);
  }

  #reply(told: Told): Told {
    const kind = this.#asked.get(told.re ?? 0);
    if (kind === undefined || told.body === undefined) return told;
    return { ...told, body: this.onReply(kind, told.body) };
  }

  #number(told: Told): void {
    const seq = this.#numbers.push(told.seq) - 1;
    this.#toClient?.(JSON.stringify({ ...told, seq }));
  }

  /** What did not arrive is numbered anew. */
  #resumed(received: number): number {
    this.#numbers.length = received + 1;
    return this.#numbers.at(-1) ?? 0;
  }

  #lost(seq: number): void {
    this.lose -= 1;
    this.#numbers.push(seq);
  }

  #up(text: string): string {
    const asked = JSON.parse(text) as Asked;
    if (asked.kind === 'hello' && asked.resume === undefined) this.#numbers = [0];
    if (asked.id !== undefined) this.#asked.set(asked.id, asked.kind);
    if (asked.ack !== undefined) asked.ack = this.#numbers[asked.ack] ?? asked.ack;
    if (asked.resume) asked.resume.received = this.#resumed(asked.resume.received);
    if (asked.said !== undefined) {
      this.said.push(asked.said);
      asked.said = this.onSaid(asked.said);
    }
    return JSON.stringify(asked);
  }
}
