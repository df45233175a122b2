import assert from 'node:assert/strict';
import { asId, type ConsumerId, type ProducerId, type RoomId, type TransportId } from '../../src/base/ids.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { Direction, Source } from '../../src/base/media.ts';
import { secureRandomBytes, systemClock } from '../../src/base/platform.ts';
import type { IceCandidate, RtpCapabilities } from '../../src/base/rtp.ts';
import type { MediaPort } from '../../src/client/ports.ts';
import { createWeriftMedia, type WeriftMediaOptions } from '../../src/client/werift/adapter.ts';
import type { EncodedInput, ReceivedStream } from '../../src/client/werift/media.ts';
import { createFrameKeys } from '../../src/e2ee/keys/store.ts';
import { nodeDriver } from '../../src/e2ee/sframe/node.ts';
import type { Engine, EngineReply, EngineVerb } from '../../src/sfu/engine/port.ts';
import { onceOnly } from './nonce-recorder.ts';

const ROOM = asId<RoomId>('room');

type ReplyOf<Kind extends EngineReply['kind']> = Extract<EngineReply, { readonly kind: Kind }>;

/** A router of a real engine, driven by hand in place of rooms and signaling. */
export class WeriftRoom {
  readonly engine: Engine;
  readonly id = ROOM;
  readonly capabilities: RtpCapabilities;
  #ids = 0;

  private constructor(engine: Engine, capabilities: RtpCapabilities) {
    this.engine = engine;
    this.capabilities = capabilities;
  }

  static async open(engine: Engine): Promise<WeriftRoom> {
    const router = await ask(engine, { kind: 'open-router', room: ROOM }, 'router');
    return new WeriftRoom(engine, router.rtpCapabilities);
  }

  newId<Id extends ReturnType<typeof asId>>(): Id {
    this.#ids += 1;
    return asId(`id-${this.#ids}`) as Id;
  }

  ask<Kind extends EngineReply['kind']>(verb: EngineVerb, kind: Kind): Promise<ReplyOf<Kind>> {
    return ask(this.engine, verb, kind);
  }
}

const ask = async <Kind extends EngineReply['kind']>(
  engine: Engine,
  verb: EngineVerb,
  kind: Kind,
): Promise<ReplyOf<Kind>> => {
  const reply = await engine.run(verb);
  assert(reply.ok, `${verb.kind}: ${reply.ok ? '' : reply.refusal.message}`);
  assert.equal(reply.value.kind, kind);
  return reply.value as ReplyOf<Kind>;
};

const baseKeyOf = (number: number): Uint8Array => new Uint8Array(32).fill(number);

export interface WeriftPeerOptions extends Partial<WeriftMediaOptions> {
  /** What of the relay's candidates this peer is told, and how. */
  readonly reach?: (candidates: readonly IceCandidate[]) => readonly IceCandidate[];
}

/** One adapter with keys of its own, joined to a room by hand. Sender `n` seals under a key that everybody can derive. */
export class WeriftPeer {
  readonly port: MediaPort<EncodedInput, ReceivedStream>;
  readonly number: number;
  readonly transports = new Map<Direction, TransportId>();
  readonly states: string[] = [];
  readonly refused: string[] = [];
  readonly #room: WeriftRoom;
  readonly #reach: NonNullable<WeriftPeerOptions['reach']>;
  #capabilities: RtpCapabilities | undefined;

  private constructor(room: WeriftRoom, number: number, { reach, ...options }: WeriftPeerOptions) {
    const frameKeys = createFrameKeys({ driver: onceOnly(nodeDriver) });
    assert(frameKeys.useOwnKey(number, baseKeyOf(number)).ok);
    for (let other = 1; other <= 4; other++) assert(frameKeys.addSender(other, baseKeyOf(other)).ok);
    this.#room = room;
    this.#reach = reach ?? ((candidates) => candidates);
    this.number = number;
    this.port = createWeriftMedia({
      frameKeys,
      clock: systemClock,
      logger: silentLogger,
      randomBytes: secureRandomBytes,
      ...options,
    });
    this.port.onEvent((event) => {
      if (event.kind === 'transport-state') this.states.push(`${event.direction} ${event.state}`);
      if (event.kind === 'frame-refused') this.refused.push(event.code);
    });
  }

  static async join(room: WeriftRoom, number: number, options: WeriftPeerOptions = {}): Promise<WeriftPeer> {
    const peer = new WeriftPeer(room, number, options);
    peer.#capabilities = await peer.port.load(room.capabilities);
    await Promise.all([peer.openTransport('send'), peer.openTransport('receive')]);
    return peer;
  }

  async openTransport(direction: Direction): Promise<void> {
    const transport = this.#room.newId<TransportId>();
    const offer = await this.#room.ask(
      { kind: 'create-transport', room: this.#room.id, transport, direction },
      'transport',
    );
    this.transports.set(direction, transport);
    const iceCandidates = this.#reach(offer.iceCandidates);
    await this.port.openTransport(
      direction,
      { ...offer, iceCandidates, transport },
      async (dtlsParameters) => {
        await this.#room.ask({ kind: 'connect-transport', transport, dtlsParameters }, 'done');
      },
    );
  }

  async produce(source: Source, input: EncodedInput): Promise<ProducerId> {
    const producer = this.#room.newId<ProducerId>();
    const transport = this.transport('send');
    await this.port.produce({ source, input }, async (rtpParameters) => {
      const verb = { kind: 'produce', transport, producer, source, rtpParameters, paused: false } as const;
      await this.#room.ask(verb, 'done');
      return producer;
    });
    return producer;
  }

  /** Made paused by the engine; `resume` lets it flow. */
  async consume(from: WeriftPeer, source: Source, producer: ProducerId): Promise<Consumed> {
    const consumer = this.#room.newId<ConsumerId>();
    assert(this.#capabilities);
    const rtpCapabilities = this.#capabilities;
    const transport = this.transport('receive');
    const made = await this.#room.ask(
      { kind: 'consume', transport, consumer, producer, rtpCapabilities },
      'consumer',
    );
    const { rtpParameters } = made;
    const stream = await this.port.consume({
      consumer,
      source,
      sender: { number: from.number },
      rtpParameters,
    });
    const resume = async () => {
      await this.#room.ask({ kind: 'resume-consumer', consumer }, 'done');
    };
    return { consumer, stream, resume };
  }

  transport(direction: Direction): TransportId {
    const id = this.transports.get(direction);
    assert(id);
    return id;
  }
}

export interface Consumed {
  readonly consumer: ConsumerId;
  readonly stream: ReceivedStream;
  resume(): Promise<void>;
}
