import { ok, type Refusal, type Result } from '../../src/base/result.ts';
import type { FaultCode } from '../texts/texts.ts';
import { captureFault } from './faults.ts';

export interface SharedScreen {
  readonly video: MediaStreamTrack;
  /** What the shared window plays, where the browser gives it. */
  readonly audio: MediaStreamTrack | undefined;
}

/** Text moves seldom and must be sharp: fewer pictures a second leave each of them more bits. */
const SCREEN: MediaTrackConstraints = { frameRate: { ideal: 15, max: 30 } };

/** Has the person choose a screen or window. Refusals are fault codes. */
export const shareScreen = async (media: MediaDevices): Promise<Result<SharedScreen, Refusal<FaultCode>>> => {
  try {
    const stream = await media.getDisplayMedia({ video: SCREEN, audio: true });
    const video = stream.getVideoTracks()[0];
    if (video === undefined) throw new TypeError('the browser gave no picture of the screen');
    video.contentHint = 'detail';
    return ok({ video, audio: stream.getAudioTracks()[0] });
  } catch (error) {
    return { ok: false, refusal: { code: captureFault('screen', error), message: 'not captured' } };
  }
};
