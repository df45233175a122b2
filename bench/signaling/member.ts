import { once } from 'node:events';
import { WebSocket } from 'ws';

/** Every so many messages a client acknowledges, as the protocol wants. */
const ACK_AFTER_MESSAGES = 64;
const SEQUENCED = Buffer.from('{"seq":');

/** What a sink does with a sequenced message. */
type OnMessage = (text: Buffer) => void;

/** A participant that only talks: no media, and messages are read only where an answer is waited for. */
export class Member {
  readonly #socket: WebSocket;
  #nextId = 1;
  #received = 0;
  onMessage: OnMessage = () => {};
  /** With the reason that the server gave. */
  onClose: (reason: string) => void = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('error', () => {});
    socket.on('message', (data: Buffer) => this.#take(data));
    socket.on('close', (_, reason) => this.onClose(String(reason)));
  }

  static async open(url: string): Promise<Member> {
    const socket = new WebSocket(url, 'belfry.v1', { perMessageDeflate: false, skipUTF8Validation: true });
    const member = new Member(socket);
    await once(socket, 'open');
    return member;
  }

  send(text: string): void {
    this.#socket.send(text);
  }

  /** Bytes as they are, as a text message or a binary one. */
  sendBytes(bytes: Uint8Array, binary: boolean): void {
    this.#socket.send(bytes, { binary });
  }

  /** Settles when the request `id` is answered, whatever the answer. */
  async answers(id: number, kind: string, fields: object): Promise<void> {
    const answer = this.answer((text) => text.includes(`"re":${id},`));
    this.send(JSON.stringify({ id, kind, ...fields }));
    await answer;
  }

  /** Settles with the reply to a fresh request; rejects where it is refused or the connection ends. */
  ask(kind: string, fields: object): Promise<Record<string, unknown>> {
    const id = this.#nextId++;
    const answer = this.answer((text) => text.includes(`"re":${id},`));
    this.send(JSON.stringify({ id, kind, ...fields }));
    return answer.then((text) => {
      const reply = JSON.parse(text) as {
        ok: boolean;
        body: Record<string, unknown>;
        error?: { code: string };
      };
      if (!reply.ok) throw new Error(`${kind}: ${reply.error?.code}`);
      return reply.body;
    });
  }

  /** The next message that fits. */
  answer(fits: (text: string) => boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      const end = () => {
        this.#socket.off('message', look);
        this.#socket.off('close', broken);
      };
      const look = (data: Buffer) => {
        const text = String(data);
        if (!fits(text)) return;
        end();
        resolve(text);
      };
      const broken = () => {
        end();
        reject(new Error('the connection ended'));
      };
      this.#socket.on('message', look);
      this.#socket.on('close', broken);
    });
  }

  end(): void {
    this.#socket.terminate();
  }

  #take(data: Buffer): void {
    if (data.subarray(0, SEQUENCED.length).equals(SEQUENCED) && ++this.#received % ACK_AFTER_MESSAGES === 0)
      this.send(`{"kind":"ack","ack":${this.#received}}`);
    this.onMessage(data);
  }
}
