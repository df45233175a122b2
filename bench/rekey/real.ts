import { performance } from 'node:perf_hooks';
import type { Bytes } from '../../src/base/bytes.ts';
import { messageOf } from '../../src/base/errors.ts';
import type { ParticipantId } from '../../src/base/ids.ts';
import { systemClock } from '../../src/base/platform.ts';
import { ok, refuse } from '../../src/base/result.ts';
import { type BlobPlace, type FetchBlobs, fetchBlobs } from '../../src/client/group/fetch-blobs.ts';
import { signedRejections } from '../../src/client/group/rejection.ts';
import { RelayService } from '../../src/client/group/relay-service.ts';
import { Seat } from '../../src/client/group/seat.ts';
import type { Standing } from '../../src/client/group/standing.ts';
import type { WireSeatHeard } from '../../src/client/group/wire.ts';
import type { Ask } from '../../src/client/media-session.ts';
import type { EpochKeys } from '../../src/e2ee/frame-keys.ts';
import type { MeetingContext } from '../../src/e2ee/mls/port.ts';
import type { WireGroupHeard } from '../../src/signaling/protocol/group-schemas.ts';
import { sha256 } from '../../src/trust/signing/keys.ts';
import type { Oracle } from './oracle.ts';
import type { Entrant } from './people.ts';
import { Tally } from './tally.ts';
import { agreementOf } from './tree.ts';
import { tried } from './tries.ts';

/** Nk of the default suite. */
const BASE_KEY_BYTES = 32;
const GROUP_EVENT = '"event":{"kind":"group"';
const FRONT_BYTES = 64;

type Step = 'bytes' | 'said' | 'open' | 'ready';
export type AskedCommit = Extract<WireSeatHeard, { kind: 'ask-commit' }>;
const isEntry = (fields: object): boolean =>
  'said' in fields && (fields.said as { readonly kind: string }).kind === 'enter';

/** When something of an epoch was there, by `performance.now()`. */
type Moments = Map<number, number>;

export interface RealParts {
  readonly context: MeetingContext;
  /** Who is here; one for all of this process, which reads it only. */
  readonly standing: Standing;
  readonly oracle: Oracle;
}

/**
 * A member with the product's own seat and library. What it hears can be held at its door while the bytes come: it is then let
 * in when the processor is this member's alone, as it is on a laptop of its own.
 */
export class RealMember {
  readonly entrant: Entrant;
  /** Of commits: by the epoch they lead into. */
  readonly bytesAtMs: Moments = new Map();
  readonly saidCommitAtMs: Moments = new Map();
  readonly openAtMs: Moments = new Map();
  readonly sealAtMs: Moments = new Map();
  readonly problems: string[] = [];
  keyPackage: Bytes | undefined;
  onSeal: (epoch: number) => void = () => {};
  onEntered: () => void = () => {};
  /** A commit is wanted; who makes it is the stage's to say. */
  onAsked: (asked: AskedCommit) => void = () => {};
  receivedBytes = 0;
  sentBytes = 0;
  /** Downloads of a commit that failed at first. */
  retries = 0;
  readonly #came: Record<Step, Tally> = {
    bytes: new Tally('the bytes of a commit at a member'),
    said: new Tally('a commit that was asked for'),
    open: new Tally('a member that opens'),
    ready: new Tally('the relay’s word that a member is ready'),
  };
  readonly #parts: RealParts;
  readonly #service: RelayService;
  readonly #early = new Map<string, Promise<Bytes>>();
  #seat: Seat | undefined;
  #held: WireSeatHeard[] | undefined;
  #leaves: ReadonlyMap<ParticipantId, number> = new Map();

  constructor(entrant: Entrant, parts: RealParts) {
    this.entrant = entrant;
    this.#parts = parts;
    this.#service = new RelayService({
      ask: this.#ask,
      blobs: this.#blobs,
      place: entrant.place,
      hear: (heard) => this.#seat?.hear(heard),
    });
    entrant.member.onMessage = (text) => this.#take(text);
  }

  /** Takes its seat: it asks to be added. */
  async sit(): Promise<void> {
    const { guest } = this.entrant;
    const { context, standing, oracle } = this.#parts;
    this.#seat = new Seat({
      agreement: await agreementOf(guest.owner),
      context,
      judge: () => undefined,
      participantOf: standing.participantOf,
      isWelcome: () => true,
      service: this.#watched(),
      keys: this.#keys,
      baseKeyBytes: BASE_KEY_BYTES,
      rejections: signedRejections(guest.owner.signing, (one) => standing.find(one)?.publicKey),
      hash: sha256,
      clock: systemClock,
      onListenerError: (error) => this.problems.push(String(error)),
    });
    this.#seat.events.on((event) => {
      if (event.kind === 'trouble') this.problems.push(`${event.code}: ${event.message}`);
      if (event.kind !== 'epoch') return;
      oracle.tell(Number(event.epoch), { digest: event.digest, leaves: this.#leaves });
    });
    this.#seat.hear({ kind: 'connected' });
  }

  opened(epoch: number): Promise<void> {
    return this.#came.open.reached(epoch, 1);
  }

  saidCommit(epoch: number): Promise<void> {
    return this.#came.said.reached(epoch, 1);
  }

  /** The relay told everybody that this member is ready: what that costs the others is over. */
  toldReady(epoch: number): Promise<void> {
    return this.#came.ready.reached(epoch, 1);
  }

  bytesHere(epoch: number): Promise<void> {
    return this.#came.bytes.reached(epoch, 1);
  }

  /** What the relay asked of somebody without a device. */
  hear(heard: WireSeatHeard): void {
    if (this.#held === undefined) this.#service.hear(heard);
    else this.#held.push(heard);
  }

  hold(): void {
    this.#held ??= [];
  }

  letIn(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const heard of held) this.#service.hear(heard);
  }

  end(): void {
    this.#service.end();
    this.#seat?.leave();
    this.entrant.member.end();
  }

  #watched() {
    const service = this.#service;
    return {
      say: (said: Parameters<RelayService['say']>[0]) => {
        if (said.kind === 'commit') this.#note('said', this.saidCommitAtMs, said.epoch + 1);
        service.say(said);
      },
      put: async (bytes: Bytes) => {
        this.keyPackage ??= bytes.slice();
        this.sentBytes += bytes.length;
        return service.put(bytes);
      },
      get: (hash: string, maxBytes: number) => service.get(hash, maxBytes),
    };
  }

  readonly #ask: Ask = async (kind, fields) => {
    try {
      const reply = await this.entrant.member.ask(kind, fields);
      if (kind === 'group' && isEntry(fields)) this.onEntered();
      return ok(reply as never);
    } catch (error) {
      const code = error instanceof Error ? error.message.replace(/^group: /, '') : 'bench.unknown';
      return refuse(code, 'the relay refused');
    }
  };

  readonly #blobs: FetchBlobs = {
    put: (place, bytes) => fetchBlobs.put(place, bytes),
    get: (place, hash, maxBytes) => this.#early.get(hash) ?? this.#fetch(place, hash, maxBytes),
  };

  async #fetch(place: BlobPlace, hash: string, maxBytes: number): Promise<Bytes> {
    const bytes = await fetchBlobs.get(place, hash, maxBytes);
    this.receivedBytes += bytes.length;
    return bytes;
  }

  #take(text: Buffer): void {
    this.receivedBytes += text.length;
    if (!text.toString('latin1', 0, FRONT_BYTES).includes(GROUP_EVENT)) return;
    const { heard } = (JSON.parse(String(text)) as { event: { heard: WireGroupHeard } }).event;
    if (heard.kind === 'heartbeat' || heard.kind === 'cards' || heard.kind === 'title') return;
    if (heard.kind === 'commit') this.#fetchEarly(heard.past.epoch + 1, heard.past.commit);
    if (heard.kind === 'ready' && heard.from.includes(this.entrant.participant))
      this.#came.ready.add(heard.epoch, performance.now());
    if (heard.kind === 'ask-commit') this.onAsked(heard);
    else this.hear(heard);
  }

  /** A seat would ask for the bytes at this moment, were it not held. */
  #fetchEarly(epoch: number, { hash, bytes }: { hash: string; bytes: number }): void {
    const fetching = tried(
      () => this.#fetch(this.entrant.place, hash, bytes),
      () => {
        this.retries += 1;
      },
    );
    this.#early.set(hash, fetching);
    fetching.then(
      () => this.#note('bytes', this.bytesAtMs, epoch),
      (error: unknown) => this.problems.push(`the bytes of a commit: ${messageOf(error)}`),
    );
    for (const old of [...this.#early.keys()].slice(0, -8)) this.#early.delete(old);
  }

  #note(what: Step, moments: Moments, epoch: number): void {
    const nowMs = performance.now();
    moments.set(epoch, nowMs);
    this.#came[what].add(epoch, nowMs);
  }

  /** The moments that matter; frames are sealed and opened elsewhere. */
  readonly #keys: EpochKeys = {
    openUnder: (epoch, _baseKey, leaves) => {
      this.#leaves = new Map([...leaves].map(([leaf, one]) => [one, leaf]));
      this.#note('open', this.openAtMs, Number(epoch));
    },
    sealUnder: (epoch) => {
      this.sealAtMs.set(Number(epoch), performance.now());
      this.onSeal(Number(epoch));
    },
    stopSealing: () => {},
    forget: () => {},
  };
}
