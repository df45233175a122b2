import { ok, refuse } from '../../../../base/result.ts';
import { receiverCapabilities } from '../codecs.ts';
import { fromRtpParameters, toRtpCapabilities } from '../convert.ts';
import { readConsumer } from '../readings.ts';
import { DONE, type Handler, inUse, isInVain, tooLate, unknown } from './context.ts';

export const consume: Handler<'consume'> = async ({ registry, emit }, verb, attempt) => {
  const transport = registry.find('transport', verb.transport);
  if (!transport) return unknown('transport');
  const producer = registry.find('producer', verb.producer);
  const { room } = transport;
  if (producer?.room !== room) return unknown('producer');
  if (registry.get(verb.consumer)) return inUse('consumer');
  const options = {
    producerId: producer.handle.id,
    rtpCapabilities: receiverCapabilities(producer.handle.kind, toRtpCapabilities(verb.rtpCapabilities)),
  };
  if (!room.router.canConsume(options))
    return refuse('media.refused', 'the receiver does not support this stream’s codec');
  // Without this mediasoup takes NACK away from audio, and a lost packet would be lost.
  const handle = await transport.handle.consume({ ...options, enableRtx: true, paused: true });
  if (isInVain(attempt, handle, transport.handle, producer.handle)) return tooLate();
  const thing = {
    kind: 'consumer',
    room,
    children: new Set<string>(),
    read: readConsumer(handle),
    handle,
  } as const;
  registry.add(verb.consumer, thing, transport, producer);
  handle.on('layerschange', (layers) => {
    emit({ kind: 'layers-changed', room: room.id, consumer: verb.consumer, ...layers });
  });
  const rtpParameters = fromRtpParameters(handle.rtpParameters);
  return ok({ kind: 'consumer', rtpParameters, producerPaused: handle.producerPaused });
};

export const resumeConsumer: Handler<'resume-consumer'> = async ({ registry }, verb) => {
  const consumer = registry.find('consumer', verb.consumer);
  if (!consumer) return unknown('consumer');
  await consumer.handle.resume();
  return DONE;
};

export const pauseConsumer: Handler<'pause-consumer'> = async ({ registry }, verb) => {
  const consumer = registry.find('consumer', verb.consumer);
  if (!consumer) return unknown('consumer');
  await consumer.handle.pause();
  return DONE;
};

export const closeConsumer: Handler<'close-consumer'> = async ({ registry }, { consumer: id }) => {
  const consumer = registry.find('consumer', id);
  if (!consumer) return unknown('consumer');
  registry.remove(id);
  consumer.handle.close();
  return DONE;
};

/** A stream without layers takes the wish and has none to choose from. */
export const preferLayers: Handler<'prefer-layers'> = async ({ registry }, verb) => {
  const consumer = registry.find('consumer', verb.consumer);
  if (!consumer) return unknown('consumer');
  const { spatialLayer, temporalLayer } = verb;
  await consumer.handle.setPreferredLayers({
    spatialLayer,
    ...(temporalLayer === undefined ? {} : { temporalLayer }),
  });
  return DONE;
};

export const requestKeyFrame: Handler<'request-key-frame'> = async ({ registry }, verb) => {
  const consumer = registry.find('consumer', verb.consumer);
  if (!consumer) return unknown('consumer');
  await consumer.handle.requestKeyFrame();
  return DONE;
};
