import { type Bytes, toBase64Url } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import { messageOf } from '../../base/errors.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import { BLOB_DEADLINE_MS, BLOB_PAUSE_MS, BLOB_TRIES } from './limits.ts';
import type { Blob, GroupService } from './service.ts';

/** SHA-256. */
export type Hash = (bytes: Bytes) => Promise<Bytes>;
type BlobRefusal = Refusal<'group.blob-too-large' | 'group.blob-missing' | 'group.blob-altered'>;

/** Blobs of a service that nobody trusts: what comes has the size and the hash that were asked for. */
export class Blobs {
  readonly #service: GroupService;
  readonly #clock: Clock;
  readonly #hash: Hash;

  constructor(service: GroupService, clock: Clock, hash: Hash) {
    this.#service = service;
    this.#clock = clock;
    this.#hash = hash;
  }

  async put(bytes: Bytes): Promise<Result<Blob, BlobRefusal>> {
    const hash = await this.#hashOf(bytes);
    const kept = await this.#tried('a blob to be kept', () => this.#service.put(bytes));
    if (!kept.ok) return kept;
    if (kept.value !== hash) return refuse('group.blob-altered', 'the relay keeps it under another hash');
    return ok({ hash, bytes: bytes.length });
  }

  async get({ hash, bytes: size }: Blob, maxBytes: number): Promise<Result<Bytes, BlobRefusal>> {
    if (size > maxBytes)
      return refuse('group.blob-too-large', `${size} bytes, where at most ${maxBytes} are read`);
    const got = await this.#tried('a blob', () => this.#service.get(hash, size));
    if (!got.ok) return got;
    const isIt = got.value.length === size && (await this.#hashOf(got.value)) === hash;
    return isIt ? got : refuse('group.blob-altered', 'the relay gave other bytes than were asked for');
  }

  async #hashOf(bytes: Bytes): Promise<string> {
    return toBase64Url(await this.#hash(bytes));
  }

  async #tried<T>(what: string, run: () => Promise<T>): Promise<Result<T, BlobRefusal>> {
    let why = '';
    for (let i = 0; i < BLOB_TRIES; i++) {
      try {
        return ok(await withDeadline(this.#clock, BLOB_DEADLINE_MS, what, run()));
      } catch (error) {
        why = messageOf(error);
      }
      await new Promise<void>((resolve) => this.#clock.after(BLOB_PAUSE_MS * (i + 1), resolve));
    }
    return refuse('group.blob-missing', `${what}: ${why}`);
  }
}
