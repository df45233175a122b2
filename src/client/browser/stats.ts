import type { MediaKind } from '../../base/rtp.ts';
import type { SealingReading } from './watch.ts';

/** Of an `outbound-rtp` report (W3C webrtc-stats section 8.4), the fields that are read here. */
interface OutboundRtp {
  readonly type: 'outbound-rtp';
  readonly packetsSent?: number;
  readonly retransmittedPacketsSent?: number;
  readonly framesSent?: number;
}

const isOutbound = (report: { readonly type?: unknown }): report is OutboundRtp =>
  report.type === 'outbound-rtp';

type Left = Pick<SealingReading, 'framesLeft' | 'packetsLeft'>;

/** All streams of one sender together. Opus has one frame per packet, and no count of frames. */
export const readOutbound = (reports: Iterable<{ readonly type?: unknown }>, kind: MediaKind): Left => {
  let packetsLeft = 0;
  let framesSent = 0;
  for (const report of reports) {
    if (!isOutbound(report)) continue;
    packetsLeft += (report.packetsSent ?? 0) - (report.retransmittedPacketsSent ?? 0);
    framesSent += report.framesSent ?? 0;
  }
  return { packetsLeft, framesLeft: kind === 'video' ? framesSent : packetsLeft };
};
