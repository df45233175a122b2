import type { TransportOffer } from '../../../src/base/media.ts';
import type { MediaPort } from '../../../src/client/ports.ts';

/** By UDP and through the impaired path alone. */
const byWayOf = async (offer: TransportOffer): Promise<TransportOffer> => ({
  ...offer,
  iceCandidates: await Promise.all(
    offer.iceCandidates
      .filter(({ protocol }) => protocol === 'udp')
      .map(async (candidate) => ({ ...candidate, port: await window.impairedPort(candidate.port) })),
  ),
});

/** The port, but that what it receives comes through the impaired path. */
export const rerouted = <Input, Output>(port: MediaPort<Input, Output>): MediaPort<Input, Output> => ({
  load: (router) => port.load(router),
  async openTransport(direction, offer, connect) {
    await port.openTransport(direction, direction === 'send' ? offer : await byWayOf(offer), connect);
  },
  restartIce: (direction, parameters) => port.restartIce(direction, parameters),
  produce: (stream, announce) => port.produce(stream, announce),
  setSending: (source, limits) => port.setSending(source, limits),
  stopProducing: (source) => port.stopProducing(source),
  consume: (stream) => port.consume(stream),
  stopConsuming: (consumer) => port.stopConsuming(consumer),
  reset: () => port.reset(),
  onEvent: (listener) => port.onEvent(listener),
});
