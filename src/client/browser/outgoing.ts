import type { Device, types } from 'mediasoup-client';
import { BelfryError } from '../../base/errors.ts';
import { mediaKindOf, type Source } from '../../base/media.ts';
import type { OutgoingOptions } from '../../e2ee/transform/stream.ts';
import { AUDIO_PROFILES, type Encoding, VIDEO_PROFILES, type VideoCodec } from '../profiles.ts';

/** Attaches the transform to what a sender or receiver is about to carry. Within the same turn, or it is too late. */
export type Attach = (to: RTCRtpSender | RTCRtpReceiver) => void;

export interface Produced {
  readonly source: Source;
  readonly track: MediaStreamTrack;
  readonly codec: OutgoingOptions['codec'];
  readonly attach: Attach;
}

/** What mediasoup-client is told to make of one source. */
export const producerOptions = (device: Device, produced: Produced): types.ProducerOptions => {
  const { source, track, codec, attach } = produced;
  const shared = {
    track,
    codec: codecOf(device, codec),
    // The page made the track and may send it again; only a source that could not be sealed has its track stopped.
    stopTracks: false,
    disableTrackOnPause: true,
    zeroRtpOnPause: true,
    onRtpSender: attach,
    appData: { source },
  };
  return codec === 'opus'
    ? { ...shared, encodings: [prioritized(source)], codecOptions: { ...opusOf(source) } }
    : { ...shared, encodings: encodingsOf(source, codec) };
};

/** Tells the sender of a picture what gives way where bits are short. A browser that refuses keeps to the content hint. */
export const setDegradation = async (source: Source, sender: RTCRtpSender | undefined): Promise<void> => {
  if (sender === undefined || mediaKindOf(source) === 'audio') return;
  const { degradationPreference } = VIDEO_PROFILES[source === 'camera' ? 'camera' : 'screen'];
  await sender.setParameters({ ...sender.getParameters(), degradationPreference }).catch(() => {});
};

/** WebRTC's word for the DSCP that a browser asks the system for (RFC 8837): speech first, then pictures. */
const networkPriority = (source: Source): RTCPriorityType => (source === 'microphone' ? 'high' : 'medium');

const opusOf = (source: Source) =>
  AUDIO_PROFILES[source === 'microphone' ? 'microphone' : 'screen-audio'].opus;

const encodingsIn = (source: Source, codec: VideoCodec): readonly Encoding[] =>
  VIDEO_PROFILES[source === 'camera' ? 'camera' : 'screen'].encodings[codec];

const prioritized = (source: Source) => ({
  priority: networkPriority(source),
  networkPriority: networkPriority(source),
});

const encodingsOf = (source: Source, codec: VideoCodec): types.RtpEncodingParameters[] =>
  // libwebrtc takes a sender's priority from its first encoding, and refuses one on the others.
  encodingsIn(source, codec).map((encoding, i) => ({
    ...encoding,
    ...(i === 0 ? prioritized(source) : {}),
  }));

const codecOf = (device: Device, name: OutgoingOptions['codec']): types.RtpCodecCapability => {
  const mimeType = `${name === 'opus' ? 'audio' : 'video'}/${name}`;
  const found = device.sendRtpCapabilities.codecs?.find((codec) => codec.mimeType.toLowerCase() === mimeType);
  if (found === undefined)
    throw new BelfryError('media.codec-unsupported', `this browser or relay has no ${mimeType}`);
  return found;
};

export const outgoingCodec = (source: Source, video: VideoCodec): OutgoingOptions['codec'] =>
  mediaKindOf(source) === 'audio' ? 'opus' : video;
