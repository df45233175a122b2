import assert from 'node:assert/strict';
import { asId, type ConsumerId, type ProducerId, type RoomId, type TransportId } from '../../src/base/ids.ts';
import type { Engine, EngineReply, EngineVerb } from '../../src/sfu/engine/port.ts';
import type { MediaPortRig } from '../contract/media-port.ts';

type RelaySide = Pick<
  MediaPortRig<unknown, unknown>,
  'router' | 'createTransport' | 'connectTransport' | 'restartIce' | 'produce' | 'consume'
>;
type ReplyOf<Kind extends EngineReply['kind']> = Extract<EngineReply, { readonly kind: Kind }>;

const run = async <Kind extends EngineReply['kind']>(
  on: Engine,
  verb: EngineVerb,
  kind: Kind,
): Promise<ReplyOf<Kind>> => {
  const reply = await on.run(verb);
  assert(reply.ok, reply.ok ? '' : `${verb.kind}: ${reply.refusal.message}`);
  assert.equal(reply.value.kind, kind);
  return reply.value as ReplyOf<Kind>;
};

/** A real relay's side of the media port's suite: a router of its own on `engine`, until `close`. */
export const openEngineRig = async (
  engine: Engine,
  room: RoomId,
): Promise<RelaySide & { close(): Promise<void> }> => {
  const { rtpCapabilities } = await run(engine, { kind: 'open-router', room }, 'router');
  let lastId = 0;
  const mint = () => `${room}-${++lastId}`;
  return {
    router: rtpCapabilities,
    async createTransport(direction) {
      const transport = asId<TransportId>(mint());
      const verb = { kind: 'create-transport', room, transport, direction } as const;
      return { ...(await run(engine, verb, 'transport')), transport };
    },
    async connectTransport(transport, dtlsParameters) {
      await run(engine, { kind: 'connect-transport', transport, dtlsParameters }, 'done');
    },
    restartIce: async (transport) =>
      (await run(engine, { kind: 'restart-ice', transport }, 'ice')).iceParameters,
    async produce(transport, source, rtpParameters) {
      const producer = asId<ProducerId>(mint());
      const verb = { kind: 'produce', transport, producer, source, rtpParameters, paused: false } as const;
      await run(engine, verb, 'done');
      return producer;
    },
    async consume(transport, producer, capabilities) {
      const consumer = asId<ConsumerId>(mint());
      const verb = { kind: 'consume', transport, consumer, producer, rtpCapabilities: capabilities } as const;
      const { rtpParameters } = await run(engine, verb, 'consumer');
      const resume = async () => {
        await run(engine, { kind: 'resume-consumer', consumer }, 'done');
      };
      return { consumer, rtpParameters, resume };
    },
    async close() {
      await run(engine, { kind: 'close-router', room }, 'done');
    },
  };
};
