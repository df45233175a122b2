import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { Bytes } from '../../src/base/bytes.ts';
import type { BlobPlace } from '../../src/client/group/fetch-blobs.ts';
import { tried } from './tries.ts';

export interface Kept {
  readonly hash: string;
  readonly bytes: number;
}

/** As the client does it, a connection for each and as many tries, at a fraction of the cost: there are hundreds of these in one process. */
export class LightBlobs {
  readonly #place: BlobPlace;
  readonly #localAddress: string;
  receivedBytes = 0;
  sentBytes = 0;
  /** Tries that the relay did not answer. */
  retries = 0;

  /** `localAddress`: where it comes from; the relay bounds what one address may hold open. */
  constructor(place: BlobPlace, localAddress: string) {
    this.#place = place;
    this.#localAddress = localAddress;
  }

  get(hash: string): Promise<void> {
    return this.#tried(async () => {
      const response = await this.#send('GET', `${this.#place.url}/${hash}`);
      for await (const part of response) this.receivedBytes += (part as Buffer).length;
      if (response.statusCode !== 200) throw new Error(`a blob was answered by ${response.statusCode}`);
    });
  }

  async put(bytes: Bytes): Promise<Kept> {
    await this.#tried(async () => {
      const response = await this.#send('PUT', this.#place.url, bytes);
      response.resume();
      await once(response, 'end');
      if ((response.statusCode ?? 500) >= 300)
        throw new Error(`a blob was refused by ${response.statusCode}`);
    });
    this.sentBytes += bytes.length;
    return { hash: createHash('sha256').update(bytes).digest('base64url'), bytes: bytes.length };
  }

  async #send(method: string, url: string, body?: Bytes): Promise<IncomingMessage> {
    const headers = { Authorization: `Bearer ${this.#place.token}` };
    const sending = request(url, { method, agent: false, headers, localAddress: this.#localAddress });
    sending.end(body);
    const [response] = (await once(sending, 'response')) as [IncomingMessage];
    return response;
  }

  #tried(run: () => Promise<void>): Promise<void> {
    return tried(run, () => {
      this.retries += 1;
    });
  }
}
