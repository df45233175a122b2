import { mediaKindOf } from '../../../../base/media.ts';
import { toRtpParameters } from '../convert.ts';
import type { LiveProducer } from '../live.ts';
import { readProducer } from '../readings.ts';
import { DONE, type Handler, inUse, isInVain, tooLate, unknown } from './context.ts';

/**
 * libwebrtc's senders answer one request for a key frame in 300 ms and ignore the others, whose senders then wait for
 * nothing. Later costs whoever waits for a picture; sooner is ignored.
 */
const KEY_FRAME_REQUEST_EVERY_MS = 310;

export const produce: Handler<'produce'> = async ({ registry }, verb, attempt) => {
  const transport = registry.find('transport', verb.transport);
  if (!transport) return unknown('transport');
  if (registry.get(verb.producer)) return inUse('producer');
  const handle = await transport.handle.produce({
    kind: mediaKindOf(verb.source),
    rtpParameters: toRtpParameters(verb.rtpParameters),
    paused: verb.paused,
    keyFrameRequestDelay: KEY_FRAME_REQUEST_EVERY_MS,
  });
  if (isInVain(attempt, handle, transport.handle)) return tooLate();
  const { room } = transport;
  const common = { kind: 'producer', room, children: new Set<string>(), read: readProducer(handle) } as const;
  registry.add(verb.producer, { ...common, handle, watched: false }, transport);
  return DONE;
};

type Change = Handler<'pause-producer'> & Handler<'resume-producer'>;

const onProducer =
  (change: (handle: LiveProducer['handle']) => Promise<void>): Change =>
  async ({ registry }, verb) => {
    const producer = registry.find('producer', verb.producer);
    if (!producer) return unknown('producer');
    await change(producer.handle);
    return DONE;
  };

export const pauseProducer = onProducer((handle) => handle.pause());
export const resumeProducer = onProducer((handle) => handle.resume());

/** Its consumers, the relay's own included, end with it. */
export const closeProducer: Handler<'close-producer'> = async ({ registry }, { producer: id }) => {
  const producer = registry.find('producer', id);
  if (!producer) return unknown('producer');
  registry.remove(id);
  producer.handle.close();
  return DONE;
};
