import type { types } from 'mediasoup';
import { witnessCapabilities } from '../codecs.ts';
import type { LiveProducer, LiveRoom } from '../live.ts';
import type { Attempt } from '../verb-queue.ts';
import { DONE, type Handler, isInVain, tooLate, unknown } from './context.ts';

/** Watching twice is watching once. It ends with the producer, or with the room. */
export const watch: Handler<'watch'> = async ({ registry, emit }, verb, attempt) => {
  const room = registry.room(verb.room);
  const producer = registry.find('producer', verb.producer);
  if (!room || producer?.room !== room) return unknown('producer');
  if (producer.watched) return DONE;
  const transport = await witnessOf(room, attempt);
  if (!transport) return tooLate();
  const consumer = await consumeAll(transport, room, producer);
  if (isInVain(attempt, consumer, producer.handle)) return tooLate();
  producer.watched = true;
  const event = { kind: 'packet', room: verb.room, producer: verb.producer } as const;
  consumer.on('rtp', (packet) => emit({ ...event, packet }));
  await consumer.resume();
  return DONE;
};

async function witnessOf(room: LiveRoom, attempt: Attempt): Promise<types.DirectTransport | undefined> {
  if (room.witness) return room.witness;
  // It carries RTP alone: no data messages either way.
  const transport = await room.router.createDirectTransport({
    maxSendMessageSize: 0,
    maxReceiveMessageSize: 0,
  });
  if (isInVain(attempt, transport)) return undefined;
  room.witness = transport;
  return transport;
}

/**
 * A pipe consumer, because it carries every layer: one that adapts would show the layer that it picked, and a frame in
 * clear on another would never be seen. Our worker shows of each layer its first seconds and then one frame now and again
 * (native/include/belfry/Glances.hpp); another worker shows every packet, which is as good and costs more.
 * Starts paused, so that no packet comes before there is a listener; resuming asks for a key frame, as any viewer does.
 */
function consumeAll(
  transport: types.DirectTransport,
  { router }: LiveRoom,
  { handle }: LiveProducer,
): Promise<types.Consumer> {
  return transport.consume({
    producerId: handle.id,
    rtpCapabilities: witnessCapabilities(router.rtpCapabilities),
    paused: true,
    pipe: true,
  });
}
