import { RTP_EXTENSION_URI } from 'werift';
import type { RtpHeaderExtension } from '../../../base/rtp.ts';

/** Header extensions that this adapter writes. Ids are the relay's; an absent one was not negotiated. */
export interface ExtensionIds {
  readonly mid: number | undefined;
  readonly transportSequence: number | undefined;
  readonly absSendTime: number | undefined;
  readonly audioLevel: number | undefined;
}

export const SENT_EXTENSIONS: readonly string[] = [
  RTP_EXTENSION_URI.sdesMid,
  RTP_EXTENSION_URI.transportWideCC,
  RTP_EXTENSION_URI.absSendTime,
  RTP_EXTENSION_URI.audioLevelIndication,
];

/** Transport-wide numbers drive the relay's estimate; the rest would be bytes that nobody here reads. */
export const RECEIVED_EXTENSIONS: readonly string[] = [
  RTP_EXTENSION_URI.sdesMid,
  RTP_EXTENSION_URI.transportWideCC,
];

export const extensionIds = (extensions: readonly RtpHeaderExtension[]): ExtensionIds => {
  const idOf = (uri: string) => extensions.find((extension) => extension.uri === uri)?.id;
  return {
    mid: idOf(RTP_EXTENSION_URI.sdesMid),
    transportSequence: idOf(RTP_EXTENSION_URI.transportWideCC),
    absSendTime: idOf(RTP_EXTENSION_URI.absSendTime),
    audioLevel: idOf(RTP_EXTENSION_URI.audioLevelIndication),
  };
};
