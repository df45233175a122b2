import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bytes } from '../../src/base/bytes.ts';
import type { BlobPlace } from '../../src/client/group/fetch-blobs.ts';
import { BLOB_PAUSE_MS, BLOB_TRIES } from '../../src/client/group/limits.ts';

export interface Kept {
  readonly hash: string;
  readonly bytes: number;
}

/** As the client does it, a connection for each and as many tries, at a fraction of the cost: there are hundreds of these in one process. */
export class LightBlobs {
  readonly #place: BlobPlace;
  receivedBytes = 0;
  sentBytes = 0;
  /** Tries that the relay did not answer. */
  retries = 0;

  constructor(place: BlobPlace) {
    this.#place = place;
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
    const sending = request(url, { method, agent: false, headers });
    sending.end(body);
    const [response] = (await once(sending, 'response')) as [IncomingMessage];
    return response;
  }

  async #tried(run: () => Promise<void>): Promise<void> {
    for (let i = 1; ; i++) {
      try {
        return await run();
      } catch (error) {
        if (i >= BLOB_TRIES) throw error;
        this.retries += 1;
        await sleep(BLOB_PAUSE_MS * i);
      }
    }
  }
}
