import assert from 'node:assert/strict';
import { after } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { asId, type ConsumerId, type ProducerId, type RoomId, type TransportId } from '../../src/base/ids.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { Source } from '../../src/base/media.ts';
import { secureRandomBytes, systemClock } from '../../src/base/platform.ts';
import { loadShippedClips } from '../../src/client/clips/files.ts';
import { createWeriftMedia } from '../../src/client/werift/adapter.ts';
import type { EncodedInput, ReceivedStream } from '../../src/client/werift/media.ts';
import { createFrameKeys } from '../../src/e2ee/keys/store.ts';
import { nodeDriver } from '../../src/e2ee/sframe/node.ts';
import type { Engine, EngineReply, EngineVerb } from '../../src/sfu/engine/port.ts';
import { describeMediaPort, type MediaPortRig } from '../contract/media-port.ts';
import { startEngine } from './engine-support.ts';

const FLOW_WITHIN_MS = 20_000;

const engine = await startEngine();
const clips = await loadShippedClips();
after(() => engine.close());

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

const layersOf = (source: Source) => (source === 'camera' ? clips.camera : clips.microphone);
const opened = (stream: ReceivedStream): number => stream.counters().framesOpened;

const openRig = async (room: RoomId): Promise<MediaPortRig<EncodedInput, ReceivedStream>> => {
  const { rtpCapabilities } = await run(engine, { kind: 'open-router', room }, 'router');
  let lastId = 0;
  const mint = () => `${room}-${++lastId}`;
  return {
    router: rtpCapabilities,
    newPort(number) {
      const frameKeys = createFrameKeys({ driver: nodeDriver });
      frameKeys.useOwnKey(number, new Uint8Array(32).fill(number));
      for (let other = 1; other <= 4; other++) frameKeys.addSender(other, new Uint8Array(32).fill(other));
      const parts = { clock: systemClock, logger: silentLogger, randomBytes: secureRandomBytes };
      return createWeriftMedia({ frameKeys, ...parts });
    },
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
    inputOf: (source) => ({ layers: layersOf(source) }),
    layersOf: (source) => layersOf(source).length,
    framesOf: opened,
    async flowUntil(what, holds) {
      for (const startMs = systemClock.nowMs(); !holds(); await wait(10))
        assert(systemClock.nowMs() - startMs < FLOW_WITHIN_MS, `it never came that ${what}`);
    },
  };
};

let rooms = 0;
describeMediaPort('werift through a real worker', async () => {
  const room = asId<RoomId>(`room-${++rooms}`);
  const rig = await openRig(room);
  return {
    rig,
    close: async () => {
      await run(engine, { kind: 'close-router', room }, 'done');
    },
  };
});
