import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { asId, type ConsumerId, type ProducerId, type RoomId, type TransportId } from '../../src/base/ids.ts';
import type { Result } from '../../src/base/result.ts';
import type { RtpCapabilities, RtpParameters } from '../../src/base/rtp.ts';
import type { Engine, EngineReply, EngineVerb } from '../../src/sfu/engine/port.ts';

/** What a participant's VP8 camera announces: three simulcast layers. */
export function vp8Parameters(capabilities: RtpCapabilities, ssrc: number): RtpParameters {
  const codec = codecOf(capabilities, 'video/VP8');
  return {
    codecs: [{ ...codec, payloadType: 96 }],
    headerExtensions: [],
    encodings: [{ ssrc }, { ssrc: ssrc + 1 }, { ssrc: ssrc + 2 }],
    rtcp: { cname: 'contract' },
  };
}

export function opusParameters(capabilities: RtpCapabilities, ssrc: number): RtpParameters {
  const codec = codecOf(capabilities, 'audio/opus');
  return {
    codecs: [{ ...codec, payloadType: 111 }],
    headerExtensions: [],
    encodings: [{ ssrc }],
    rtcp: { cname: 'contract' },
  };
}

function codecOf(capabilities: RtpCapabilities, mimeType: string) {
  const found = capabilities.codecs.find((codec) => codec.mimeType === mimeType);
  assert.ok(found, `the router does not offer ${mimeType}`);
  const { clockRate, channels, parameters, rtcpFeedback } = found;
  return { mimeType, clockRate, channels, parameters, rtcpFeedback };
}

type ReplyOf<K extends EngineReply['kind']> = Extract<EngineReply, { readonly kind: K }>;

/** The reply of the wanted kind; fails the test on a refusal or another kind. */
export function replyOf<K extends EngineReply['kind']>(kind: K, result: Result<EngineReply>): ReplyOf<K> {
  if (!result.ok) assert.fail(`refused: ${result.refusal.code} ${result.refusal.message}`);
  if (result.value.kind !== kind) assert.fail(`answered ${result.value.kind} instead of ${kind}`);
  return result.value as ReplyOf<K>;
}

export function codeOf(result: Result<unknown>): string {
  return result.ok ? 'ok' : result.refusal.code;
}

/** A fingerprint of the right form; no handshake follows. */
export const FINGERPRINTS = [{ algorithm: 'sha-256', value: Array(32).fill('AB').join(':') }] as const;

/**
 * What every engine must do, whatever is behind it. Rooms are separate, so that one engine serves all the tests.
 */
export function describeEngine(name: string, create: () => Promise<Engine>): void {
  describe(`the engine's contract: ${name}`, { timeout: 30_000 }, () => {
    let engine: Engine;
    let rooms = 0;

    before(async () => {
      engine = await create();
    });
    after(() => engine.close());

    const done = async (verb: EngineVerb) => replyOf('done', await engine.run(verb));
    const code = async (verb: EngineVerb) => codeOf(await engine.run(verb));

    /** A room with a sender's transport, a receiver's transport and a camera. */
    async function openRoom() {
      const prefix = `r${++rooms}`;
      const ids = {
        room: asId<RoomId>(prefix),
        send: asId<TransportId>(`${prefix}-send`),
        receive: asId<TransportId>(`${prefix}-receive`),
        producer: asId<ProducerId>(`${prefix}-camera`),
        consumer: asId<ConsumerId>(`${prefix}-view`),
      };
      const { room } = ids;
      const { rtpCapabilities } = replyOf('router', await engine.run({ kind: 'open-router', room }));
      await engine.run({ kind: 'create-transport', room, transport: ids.send, direction: 'send' });
      await engine.run({ kind: 'create-transport', room, transport: ids.receive, direction: 'receive' });
      const rtpParameters = vp8Parameters(rtpCapabilities, rooms * 1000);
      const produce = {
        transport: ids.send,
        producer: ids.producer,
        source: 'camera',
        paused: false,
      } as const;
      await done({ kind: 'produce', ...produce, rtpParameters });
      return { ...ids, rtpCapabilities };
    }

    type Opened = Awaited<ReturnType<typeof openRoom>>;
    const consume = ({ receive, consumer, producer, rtpCapabilities }: Opened) =>
      engine.run({ kind: 'consume', transport: receive, consumer, producer, rtpCapabilities });

    it('opens a router that names its worker and routes VP8, VP9 and Opus', async () => {
      const room = asId<RoomId>('plain');
      const router = replyOf('router', await engine.run({ kind: 'open-router', room }));
      assert.ok(engine.stats().some(({ worker, alive }) => worker === router.worker && alive));
      for (const mimeType of ['audio/opus', 'video/VP8', 'video/VP9'])
        assert.ok(router.rtpCapabilities.codecs.some((codec) => codec.mimeType === mimeType));
    });

    it('refuses a second router for a room', async () => {
      const { room } = await openRoom();
      assert.equal(await code({ kind: 'open-router', room }), 'media.refused');
    });

    it('closes a router with everything on it, and answers done for unknown rooms', async () => {
      const opened = await openRoom();
      await done({ kind: 'close-router', room: opened.room });
      await done({ kind: 'close-router', room: opened.room });
      assert.equal(await code({ kind: 'close-transport', transport: opened.send }), 'media.unknown');
      assert.equal(await code({ kind: 'pause-producer', producer: opened.producer }), 'media.unknown');
      replyOf('router', await engine.run({ kind: 'open-router', room: opened.room }));
    });

    it('describes a transport and connects it once', async () => {
      const { room } = await openRoom();
      const transport = asId<TransportId>(`${room}-third`);
      const verb = { kind: 'create-transport', room, transport, direction: 'send' } as const;
      const made = replyOf('transport', await engine.run(verb));
      assert.ok(made.iceCandidates.length > 0);
      assert.ok(made.dtlsParameters.fingerprints.length > 0);
      assert.equal(await code(verb), 'media.refused', 'the id is in use');
      const dtlsParameters = { role: 'client', fingerprints: FINGERPRINTS } as const;
      await done({ kind: 'connect-transport', transport, dtlsParameters });
      assert.equal(await code({ kind: 'connect-transport', transport, dtlsParameters }), 'media.refused');
      const { iceParameters } = replyOf('ice', await engine.run({ kind: 'restart-ice', transport }));
      assert.ok(iceParameters.usernameFragment.length > 0);
    });

    it('makes a consumer paused, with one encoding', async () => {
      const opened = await openRoom();
      const made = replyOf('consumer', await consume(opened));
      assert.equal(made.producerPaused, false);
      assert.equal(made.rtpParameters.encodings.length, 1);
      await done({ kind: 'resume-consumer', consumer: opened.consumer });
      await done({ kind: 'prefer-layers', consumer: opened.consumer, spatialLayer: 1, temporalLayer: 0 });
      await done({ kind: 'prefer-layers', consumer: opened.consumer, spatialLayer: 0 });
      await done({ kind: 'request-key-frame', consumer: opened.consumer });
      await done({ kind: 'pause-consumer', consumer: opened.consumer });
      await done({ kind: 'close-consumer', consumer: opened.consumer });
      assert.equal(await code({ kind: 'resume-consumer', consumer: opened.consumer }), 'media.unknown');
    });

    it('says when a producer was paused at the time of consuming', async () => {
      const opened = await openRoom();
      await done({ kind: 'pause-producer', producer: opened.producer });
      assert.equal(replyOf('consumer', await consume(opened)).producerPaused, true);
      await done({ kind: 'resume-producer', producer: opened.producer });
    });

    it('refuses a consumer that has no codec in common with the producer', async () => {
      const opened = await openRoom();
      const codecs = opened.rtpCapabilities.codecs.filter(({ kind }) => kind === 'audio');
      const refused = await consume({ ...opened, rtpCapabilities: { codecs, headerExtensions: [] } });
      assert.equal(codeOf(refused), 'media.refused');
    });

    it('refuses a codec that it does not route', async () => {
      const { send, rtpCapabilities } = await openRoom();
      const vp8 = vp8Parameters(rtpCapabilities, 9);
      const rtpParameters = {
        ...vp8,
        codecs: vp8.codecs.map((codec) => ({ ...codec, mimeType: 'video/AV1' })),
      };
      const producer = asId<ProducerId>('av1');
      const verb = { kind: 'produce', transport: send, producer, source: 'screen', paused: false } as const;
      assert.equal(await code({ ...verb, rtpParameters }), 'media.refused');
      assert.equal(await code({ kind: 'close-producer', producer }), 'media.unknown');
    });

    it('ends the consumers of a producer that is closed', async () => {
      const opened = await openRoom();
      replyOf('consumer', await consume(opened));
      await done({ kind: 'close-producer', producer: opened.producer });
      assert.equal(await code({ kind: 'resume-consumer', consumer: opened.consumer }), 'media.unknown');
      assert.equal(await code({ kind: 'close-producer', producer: opened.producer }), 'media.unknown');
    });

    it('ends producers and their consumers with their transport', async () => {
      const opened = await openRoom();
      replyOf('consumer', await consume(opened));
      await done({ kind: 'close-transport', transport: opened.send });
      assert.equal(await code({ kind: 'pause-producer', producer: opened.producer }), 'media.unknown');
      assert.equal(await code({ kind: 'pause-consumer', consumer: opened.consumer }), 'media.unknown');
      assert.equal(codeOf(await consume(opened)), 'media.unknown');
    });

    it('does not let a room consume or watch another room’s producer', async () => {
      const [one, other] = [await openRoom(), await openRoom()];
      assert.equal(codeOf(await consume({ ...one, producer: other.producer })), 'media.unknown');
      assert.equal(await code({ kind: 'watch', room: one.room, producer: other.producer }), 'media.unknown');
    });

    it('watches a producer, also when asked twice', async () => {
      const { room, producer } = await openRoom();
      await done({ kind: 'watch', room, producer });
      await done({ kind: 'watch', room, producer });
    });

    it('answers media.unknown for ids that do not exist', async () => {
      const transport = asId<TransportId>('nowhere');
      const [producer, consumer] = [asId<ProducerId>('nothing'), asId<ConsumerId>('nobody')];
      const { room, rtpCapabilities, send } = await openRoom();
      const dtlsParameters = { fingerprints: FINGERPRINTS };
      const rtpParameters = vp8Parameters(rtpCapabilities, 77);
      const verbs: EngineVerb[] = [
        { kind: 'create-transport', room: asId('no-room'), transport, direction: 'send' },
        { kind: 'connect-transport', transport, dtlsParameters },
        { kind: 'restart-ice', transport },
        { kind: 'close-transport', transport },
        { kind: 'produce', transport, producer, source: 'camera', rtpParameters, paused: false },
        { kind: 'pause-producer', producer },
        { kind: 'resume-producer', producer },
        { kind: 'close-producer', producer },
        { kind: 'consume', transport: send, consumer, producer, rtpCapabilities },
        { kind: 'resume-consumer', consumer },
        { kind: 'pause-consumer', consumer },
        { kind: 'close-consumer', consumer },
        { kind: 'prefer-layers', consumer, spatialLayer: 0 },
        { kind: 'request-key-frame', consumer },
        { kind: 'watch', room, producer },
      ];
      for (const verb of verbs) assert.equal(await code(verb), 'media.unknown', verb.kind);
    });

    it('runs the verbs of one room in the order in which they were given', async () => {
      const [room, transport] = [asId<RoomId>('ordered'), asId<TransportId>('ordered-send')];
      const producer = asId<ProducerId>('ordered-voice');
      const { rtpCapabilities } = await openRoom();
      const rtpParameters = opusParameters(rtpCapabilities, 5);
      const results = await Promise.all([
        engine.run({ kind: 'open-router', room }),
        engine.run({ kind: 'create-transport', room, transport, direction: 'send' }),
        engine.run({
          kind: 'produce',
          transport,
          producer,
          source: 'microphone',
          rtpParameters,
          paused: true,
        }),
        engine.run({ kind: 'resume-producer', producer }),
        engine.run({ kind: 'close-router', room }),
        engine.run({ kind: 'close-producer', producer }),
      ]);
      assert.deepEqual(results.map(codeOf), ['ok', 'ok', 'ok', 'ok', 'ok', 'media.unknown']);
    });

    it('counts what lives on its workers', async () => {
      const sum = () => {
        const all = engine.stats();
        const total = (key: 'routers' | 'transports' | 'producers' | 'consumers') =>
          all.reduce((count, one) => count + one[key], 0);
        return [total('routers'), total('transports'), total('producers'), total('consumers')];
      };
      const [routers = 0, transports = 0, producers = 0, consumers = 0] = sum();
      const opened = await openRoom();
      await consume(opened);
      assert.deepEqual(sum(), [routers + 1, transports + 2, producers + 1, consumers + 1]);
      await done({ kind: 'close-router', room: opened.room });
      assert.deepEqual(sum(), [routers, transports, producers, consumers]);
    });

    it('refuses everything once it is closed', async () => {
      const closing = await create();
      await closing.close();
      const refused = await closing.run({ kind: 'open-router', room: asId('late') });
      assert.equal(codeOf(refused), 'media.unavailable');
      await closing.close();
    });
  });
}
