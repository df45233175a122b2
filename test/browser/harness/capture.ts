import type { Source } from '../../../src/base/media.ts';

/** A track of the browser's fake devices. */
export const capture = async (source: Source): Promise<MediaStreamTrack> => {
  const { mediaDevices } = navigator;
  const video = { width: 960, height: 540, frameRate: 15 };
  const stream =
    source === 'screen'
      ? await mediaDevices.getDisplayMedia({ video: true })
      : await mediaDevices.getUserMedia(source === 'camera' ? { video } : { audio: true });
  const [track] = stream.getTracks();
  if (track === undefined) throw new Error('no track');
  return track;
};
