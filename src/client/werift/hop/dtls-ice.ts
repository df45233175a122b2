import { RTCIceGatherer, RTCIceTransport } from 'werift';

/**
 * What werift's DTLS takes for its ICE agent, while the path underneath may change: everything that it sends goes to
 * `send`, and `connection.onData.execute` gives it what arrived. It gathers nothing and opens no socket.
 */
export const createDtlsIce = (send: (datagram: Buffer) => void): RTCIceTransport => {
  const gatherer = new RTCIceGatherer({ useIpv4: false, useIpv6: false });
  delete gatherer.connection.stunServer;
  gatherer.connection.send = async (datagram) => send(datagram);
  return new RTCIceTransport(gatherer);
};
