import { ok, type Refusal, type Result } from '../../base/result.ts';
import { VIDEO_PROFILES } from '../profiles.ts';
import type { FaultCode } from './fault-codes.ts';
import { captureFault } from './faults.ts';

export interface SharedScreen {
  readonly video: MediaStreamTrack;
  /** What the shared window plays, where the browser gives it. */
  readonly audio: MediaStreamTrack | undefined;
}

const { framesPerSecond, maxFramesPerSecond } = VIDEO_PROFILES.screen;
const SCREEN: MediaTrackConstraints = { frameRate: { ideal: framesPerSecond, max: maxFramesPerSecond } };

/** Has the person choose a screen or window. Refusals are fault codes. */
export const shareScreen = async (media: MediaDevices): Promise<Result<SharedScreen, Refusal<FaultCode>>> => {
  try {
    const stream = await media.getDisplayMedia({ video: SCREEN, audio: true });
    const video = stream.getVideoTracks()[0];
    if (video === undefined) throw new TypeError('the browser gave no picture of the screen');
    return ok({ video, audio: stream.getAudioTracks()[0] });
  } catch (error) {
    return { ok: false, refusal: { code: captureFault('screen', error), message: 'not captured' } };
  }
};
