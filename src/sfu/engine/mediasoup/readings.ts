import type { types } from 'mediasoup';
import { NOTHING, type ReadSource } from './traffic.ts';

/**
 * Where the figures of the operator come from. mediasoup keeps no totals per worker: each transport, producer and
 * consumer has to be asked, which costs about 40 us here and 10 us in the worker.
 */

/** Bits: the payload of every UDP datagram or TCP frame of a participant, so RTP, RTCP, STUN and DTLS, sealed. */
export function readTransport(transport: types.WebRtcTransport): ReadSource {
  return async () => {
    const stats = await transport.getStats();
    const sum = (key: 'bytesReceived' | 'bytesSent') => stats.reduce((total, one) => total + one[key], 0);
    return { ...NOTHING, bitsIn: 8 * sum('bytesReceived'), bitsOut: 8 * sum('bytesSent') };
  };
}

/** Packets in: RTP media of the producer's streams as received, without retransmissions. */
export function readProducer(producer: types.Producer): ReadSource {
  return async () => ({ ...NOTHING, packetsIn: packetsOf(await producer.getStats()) });
}

/** Packets out: RTP media sent by the consumer's own stream, without retransmissions. */
export function readConsumer(consumer: types.Consumer): ReadSource {
  return async () => {
    const own = (await consumer.getStats()).filter(({ type }) => type === 'outbound-rtp');
    return { ...NOTHING, packetsOut: packetsOf(own) };
  };
}

function packetsOf(stats: readonly { readonly packetCount: number }[]): number {
  return stats.reduce((total, one) => total + one.packetCount, 0);
}
