import type { types } from 'mediasoup';
import type { TransportId } from '../../../../base/ids.ts';
import { ok } from '../../../../base/result.ts';
import { fromIceCandidates, toDtlsParameters } from '../convert.ts';
import type { LiveRoom } from '../live.ts';
import { readTransport } from '../readings.ts';
import { type Context, DONE, type Handler, inUse, isInVain, tooLate, unknown } from './context.ts';

/**
 * RFC 7675, section 5.1: consent to send lasts 30 s. Shorter would spare an address that fell silent some packets, but
 * cut those whose network pauses.
 */
const ICE_CONSENT_SECONDS = 30;

/**
 * Where the estimate of a viewer's link starts: enough for a voice and a small picture at once. Higher overruns slow
 * links in their first second, lower makes everybody's first picture small for some seconds.
 */
const INITIAL_OUTGOING_BPS = 1_000_000;

export const createTransport: Handler<'create-transport'> = async (context, verb, attempt) => {
  const { registry } = context;
  const room = registry.room(verb.room);
  if (!room) return unknown('room');
  if (registry.get(verb.transport)) return inUse('transport');
  const handle = await create(room);
  if (isInVain(attempt, handle, room.router)) return tooLate();
  const thing = {
    kind: 'transport',
    room,
    children: new Set<string>(),
    read: readTransport(handle),
    handle,
  } as const;
  registry.add(verb.transport, thing, room);
  handle.on('dtlsstatechange', (state) => {
    if (state === 'failed' || state === 'closed') lose(context, verb.transport);
  });
  return ok(describe(handle));
};

/** By UDP, or by TCP where a network lets nothing else through; both on the worker's shared ports. No SCTP. */
function create({ router, host }: LiveRoom): Promise<types.WebRtcTransport> {
  return router.createWebRtcTransport({
    webRtcServer: host.process.server,
    enableUdp: true,
    enableTcp: true,
    preferUdp: true,
    enableSctp: false,
    iceConsentTimeout: ICE_CONSENT_SECONDS,
    initialAvailableOutgoingBitrate: INITIAL_OUTGOING_BPS,
  });
}

function describe({ iceParameters, iceCandidates, dtlsParameters }: types.WebRtcTransport) {
  const candidates = fromIceCandidates(iceCandidates);
  return { kind: 'transport', iceParameters, iceCandidates: candidates, dtlsParameters } as const;
}

/** A DTLS session that failed or was closed by the peer does not come back: everything on it ends. */
function lose({ registry, emit }: Context, id: TransportId): void {
  const transport = registry.find('transport', id);
  if (!transport) return;
  registry.remove(id);
  transport.handle.close();
  emit({ kind: 'transport-lost', room: transport.room.id, transport: id });
}

export const connectTransport: Handler<'connect-transport'> = async ({ registry }, verb) => {
  const transport = registry.find('transport', verb.transport);
  if (!transport) return unknown('transport');
  await transport.handle.connect({ dtlsParameters: toDtlsParameters(verb.dtlsParameters) });
  return DONE;
};

export const restartIce: Handler<'restart-ice'> = async ({ registry }, verb) => {
  const transport = registry.find('transport', verb.transport);
  if (!transport) return unknown('transport');
  return ok({ kind: 'ice', iceParameters: await transport.handle.restartIce() });
};

export const closeTransport: Handler<'close-transport'> = async ({ registry }, { transport: id }) => {
  const transport = registry.find('transport', id);
  if (!transport) return unknown('transport');
  registry.remove(id);
  transport.handle.close();
  return DONE;
};
