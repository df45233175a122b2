import assert from 'node:assert/strict';
import type { OpenSocket, Socket, SocketHandlers } from '../../src/client/connection/socket.ts';

/** One dialled socket, with the test as its other end. Everything happens at once. */
export class ScriptedSocket implements Socket {
  readonly sent: Record<string, unknown>[] = [];
  readonly handlers: SocketHandlers;
  unsentBytes = 0;
  isClosed = false;

  constructor(handlers: SocketHandlers) {
    this.handlers = handlers;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  bufferedBytes(): number {
    return this.unsentBytes;
  }

  close(): void {
    this.isClosed = true;
  }

  say(message: object): void {
    this.handlers.onMessage(JSON.stringify(message));
  }

  /** Opens, and answers the hello: as a fresh session where it asks for none. */
  welcome(seq: number, resumed = false, heartbeatMs = 1_000): void {
    this.handlers.onOpen();
    const hello = this.last();
    assert.equal(hello.kind, 'hello');
    const body = { session: 'session', secret: 'secret', resumed, heartbeatMs };
    this.say({ seq, re: hello.id, ok: true, body });
  }

  last(): Record<string, unknown> {
    const message = this.sent.at(-1);
    assert(message !== undefined, 'nothing was sent');
    return message;
  }
}

/** Collects what is dialled. */
export class ScriptedSockets {
  readonly all: ScriptedSocket[] = [];
  readonly urls: string[] = [];

  readonly open: OpenSocket = (url, handlers) => {
    const socket = new ScriptedSocket(handlers);
    this.all.push(socket);
    this.urls.push(url);
    return socket;
  };

  get last(): ScriptedSocket {
    const socket = this.all.at(-1);
    assert(socket !== undefined, 'nothing was dialled');
    return socket;
  }
}
