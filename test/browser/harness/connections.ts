import type { InboundFigures, OutboundFigures } from './api.ts';

/** Every peer connection that the page makes, so that a test can read what the browser itself counts. */
export const recordConnections = (): RTCPeerConnection[] => {
  const made: RTCPeerConnection[] = [];
  const Original = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      made.push(this);
    }
  };
  return made;
};

const numberOf = (report: Record<string, unknown>, name: string): number =>
  typeof report[name] === 'number' ? report[name] : 0;

export const readReports = async (connections: readonly RTCPeerConnection[]) => {
  const inbound: InboundFigures[] = [];
  const outbound: OutboundFigures[] = [];
  for (const connection of connections) {
    if (connection.connectionState === 'closed') continue;
    for (const report of (await connection.getStats()).values()) {
      const kind = String(report.kind);
      const read = (name: string) => numberOf(report, name);
      if (report.type === 'inbound-rtp' && report.ssrc !== 1234)
        inbound.push({
          kind,
          packetsReceived: read('packetsReceived'),
          framesDecoded: read('framesDecoded'),
          frameWidth: read('frameWidth'),
          totalAudioEnergy: read('totalAudioEnergy'),
        });
      if (report.type === 'outbound-rtp')
        outbound.push({
          kind,
          packetsSent: read('packetsSent') - read('retransmittedPacketsSent'),
          framesSent: read('framesSent'),
          bytesSent: read('bytesSent'),
          isActive: report.active !== false,
          frameWidth: read('frameWidth'),
        });
    }
  }
  return { inbound, outbound };
};
