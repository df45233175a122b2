import {
  GenericNack,
  PictureLossIndication,
  RtcpPayloadSpecificFeedback,
  RtcpTransportLayerFeedback,
} from 'werift';

/** `lost`: 16-bit sequence numbers in the order in which they were sent (RFC 4585 section 6.2.1). */
export const nack = (senderSsrc: number, mediaSsrc: number, lost: readonly number[]): Buffer =>
  new RtcpTransportLayerFeedback({
    feedback: new GenericNack({ senderSsrc, mediaSourceSsrc: mediaSsrc, lost: [...lost] }),
  }).serialize();

/** RFC 4585 section 6.3.1. */
export const pictureLoss = (senderSsrc: number, mediaSsrc: number): Buffer =>
  new RtcpPayloadSpecificFeedback({
    feedback: new PictureLossIndication({ senderSsrc, mediaSsrc }),
  }).serialize();
