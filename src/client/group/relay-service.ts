import type { Bytes } from '../../base/bytes.ts';
import type { Refusal } from '../../base/result.ts';
import type { WireGroupSaid } from '../../signaling/protocol/group-schemas.ts';
import type { Ask } from '../media-session.ts';
import type { BlobPlace, FetchBlobs } from './fetch-blobs.ts';
import type { GroupHeard, GroupSaid, GroupService } from './service.ts';
import { fromWire, toWire, type WireSeatHeard } from './wire.ts';

export interface RelayServiceOptions {
  readonly ask: Ask;
  readonly blobs: FetchBlobs;
  readonly place: BlobPlace;
  readonly hear: (message: GroupHeard) => void;
}

/** The delivery service of this meeting's relay, over the session that this device entered with. */
export class RelayService implements GroupService {
  readonly #options: RelayServiceOptions;
  #isOver = false;
  #readyTaken: Promise<boolean> = Promise.resolve(false);

  constructor(options: RelayServiceOptions) {
    this.#options = options;
  }

  say(message: GroupSaid): void {
    const taken = this.send(toWire(message));
    if (message.kind === 'ready') this.#readyTaken = taken;
  }

  /** Whether the newest "ready" was taken: until then the relay's witness does not know this member's leaf. */
  whenReadyTaken(): Promise<boolean> {
    return this.#readyTaken;
  }

  /** What the request itself is refused with is told like any other word of the service. */
  async send(said: WireGroupSaid): Promise<boolean> {
    if (this.#isOver) return false;
    const reply = await this.#options.ask('group', { said });
    if (!reply.ok && !this.#isOver && isOfGroup(reply.refusal)) this.#refused(reply.refusal);
    return reply.ok;
  }

  hear(heard: WireSeatHeard): void {
    if (!this.#isOver) this.#options.hear(fromWire(heard));
  }

  put(bytes: Bytes): Promise<string> {
    return this.#options.blobs.put(this.#options.place, bytes);
  }

  get(hash: string, maxBytes: number): Promise<Bytes> {
    return this.#options.blobs.get(this.#options.place, hash, maxBytes);
  }

  /** Another session begins, or none: nothing that is still said is of it. */
  end(): void {
    this.#isOver = true;
  }

  #refused(refusal: Refusal): void {
    this.#options.hear({ kind: 'refused', refusal, missed: [], commit: undefined });
  }
}

/** Others are of the connection, which mends itself. */
const isOfGroup = ({ code }: Refusal): boolean => code.startsWith('group.');
