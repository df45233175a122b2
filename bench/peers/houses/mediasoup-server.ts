// Bare mediasoup with its own defaults, asked over the channel to its parent: `mediasoup-server.ts`, with
// BELFRY_WORKER_BIN in the environment. It says the worker's process id and the router's capabilities first.
import { createWorker, type types } from 'mediasoup';
import { BelfryError, messageOf } from '../../../src/base/errors.ts';
import type { Asked, Fields } from './mediasoup-calls.ts';

const LOOPBACK = '127.0.0.1';

const { BELFRY_WORKER_BIN: workerBin } = process.env;
if (workerBin === undefined) throw new BelfryError('bench.usage', 'BELFRY_WORKER_BIN is not set');

const worker = await createWorker({ workerBin });
const router = await worker.createRouter({
  mediaCodecs: [{ kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 }],
});
const transports = new Map<string, types.WebRtcTransport>();
const producers: { readonly guest: string; readonly id: string }[] = [];

const transportOf = (id: string): types.WebRtcTransport => {
  const transport = transports.get(id);
  if (transport === undefined) throw new BelfryError('bench.no-transport', id);
  return transport;
};

const CALLS: { readonly [Kind in keyof Fields]: (fields: Fields[Kind]) => Promise<unknown> } = {
  async open() {
    const transport = await router.createWebRtcTransport({
      listenInfos: [{ protocol: 'udp', ip: LOOPBACK }],
    });
    transports.set(transport.id, transport);
    const { id, iceParameters, iceCandidates, dtlsParameters } = transport;
    return { transport: id, iceParameters, iceCandidates, dtlsParameters };
  },
  async connect({ transport, dtlsParameters }) {
    await transportOf(transport).connect({ dtlsParameters: dtlsParameters as types.DtlsParameters });
  },
  async produce({ guest, transport, rtpParameters }) {
    const { id } = await transportOf(transport).produce({
      kind: 'video',
      rtpParameters: rtpParameters as types.RtpParameters,
    });
    producers.push({ guest, id });
  },
  receive: async ({ guest, transport, rtpCapabilities }) =>
    Promise.all(
      producers
        .filter((one) => one.guest !== guest)
        .map(async ({ id }) => {
          const consumer = await transportOf(transport).consume({
            producerId: id,
            rtpCapabilities: rtpCapabilities as types.RtpCapabilities,
          });
          return consumer.rtpParameters;
        }),
    ),
};

const answer = async ({ id, kind, fields }: Asked): Promise<void> => {
  try {
    const body = await CALLS[kind](fields as never);
    process.send?.({ id, body: body ?? null });
  } catch (error) {
    process.send?.({ id, error: messageOf(error) });
  }
};
process.on('message', (asked: Asked) => void answer(asked));
const end = () => {
  worker.close();
  process.exit(0);
};
process.once('SIGTERM', end);
process.once('disconnect', end);
process.send?.({ id: 0, body: { worker: worker.pid, router: router.rtpCapabilities } });
