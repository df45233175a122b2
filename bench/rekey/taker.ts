import { performance } from 'node:perf_hooks';
import type { WireGroupHeard, WireGroupSaid } from '../../src/signaling/protocol/group-schemas.ts';
import { LightBlobs } from './light-blobs.ts';
import type { Oracle } from './oracle.ts';
import type { Entrant } from './people.ts';

type HeardOf<Kind extends WireGroupHeard['kind']> = Extract<WireGroupHeard, { kind: Kind }>;

/** What of the relay's words a taker looks into; of the rest it counts the bytes. */
const LOOKED_INTO = /"heard":\{"kind":"(?:ask-commit|ask-create|commit|welcome)"/;
/** The kind of an event stands near its front. */
const FRONT_BYTES = 96;

/**
 * A member that takes the bytes and acknowledges: it fetches commits and Welcomes, says that it adopted and is ready, and computes
 * nothing. Its socket and its downloads are real, and so is its leaf in the tree.
 */
export class Taker {
  readonly entrant: Entrant;
  readonly blobs: LightBlobs;
  readonly #oracle: Oracle;
  #bytes = 0;
  /** A commit that it was asked for: somebody with a device makes it. */
  onAsked: (asked: HeardOf<'ask-commit'>) => void = () => {};
  onCreate: (asked: HeardOf<'ask-create'>) => void = () => {};
  /** The bytes of a commit are here, acknowledged a moment later. */
  onTaken: (epoch: number, atMs: number) => void = () => {};
  onAdopted: (epoch: number) => void = () => {};
  onReady: (epoch: number) => void = () => {};
  onWelcome: (epoch: number, atMs: number) => void = () => {};
  onFault: (error: unknown) => void = () => {};
  /** While the group is led up to its epoch there is nothing to fetch, and nobody to be ready for. */
  isLedUp = false;

  constructor(entrant: Entrant, localAddress: string, oracle: Oracle) {
    this.entrant = entrant;
    this.blobs = new LightBlobs(entrant.place, localAddress);
    this.#oracle = oracle;
    entrant.member.onMessage = (text) => this.#take(text);
    entrant.member.onClose = (reason) => this.onFault(new Error(`the relay closed a taker: ${reason}`));
  }

  /** Bytes that came, by socket and beside it. */
  get receivedBytes(): number {
    return this.#bytes + this.blobs.receivedBytes;
  }

  async say(said: WireGroupSaid): Promise<void> {
    await this.entrant.member.ask('group', { said });
  }

  async leave(): Promise<void> {
    this.entrant.member.onClose = () => {};
    await this.entrant.member.ask('leave', {});
    this.entrant.member.end();
  }

  end(): void {
    this.entrant.member.onClose = () => {};
    this.entrant.member.end();
  }

  #take(text: Buffer): void {
    this.#bytes += text.length;
    if (!LOOKED_INTO.test(text.toString('latin1', 0, FRONT_BYTES))) return;
    const { heard } = (JSON.parse(String(text)) as { event: { heard: WireGroupHeard } }).event;
    if (heard.kind === 'ask-commit') this.onAsked(heard);
    if (heard.kind === 'ask-create') this.onCreate(heard);
    if (heard.kind === 'commit') this.#caught(this.#follow(heard));
    if (heard.kind === 'welcome') this.#caught(this.#join(heard));
  }

  #caught(work: Promise<void>): void {
    work.catch((error: unknown) => this.onFault(error));
  }

  async #follow({ generation, past }: HeardOf<'commit'>): Promise<void> {
    const epoch = past.epoch + 1;
    if (!this.isLedUp) await this.blobs.get(past.commit.hash);
    this.onTaken(epoch, performance.now());
    await this.say({ kind: 'adopted', generation, epoch });
    this.onAdopted(epoch);
    if (!this.isLedUp) await this.#becomeReady(generation, epoch);
  }

  async #join({ generation, epoch, welcome, tree }: HeardOf<'welcome'>): Promise<void> {
    if (this.isLedUp) return;
    await Promise.all([this.blobs.get(welcome.hash), this.blobs.get(tree.hash)]);
    this.onWelcome(epoch, performance.now());
    await this.#becomeReady(generation, epoch);
  }

  /** Its leaf and the epoch's digest are what the first device with keys found. */
  async #becomeReady(generation: number, epoch: number): Promise<void> {
    const { digest, leaves } = await this.#oracle.of(epoch);
    const leaf = leaves.get(this.entrant.participant);
    if (leaf === undefined) throw new Error(`a taker without a leaf in epoch ${epoch}`);
    await this.say({ kind: 'ready', generation, epoch, digest, leaf });
    this.onReady(epoch);
  }
}
