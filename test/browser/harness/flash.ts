/** How often the picture flashes and the tone beeps, and for how long. */
const PERIOD_MS = 700;
const FLASH_MS = 140;
const DRAW_EVERY_MS = 1_000 / 30;
const TONE_HZ = 1_000;

export interface FlashAndBeep {
  readonly video: MediaStreamTrack;
  readonly audio: MediaStreamTrack;
}

/** A picture that turns white, and a tone that is heard, at the same moments. */
export const makeFlashAndBeep = (): FlashAndBeep => {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: 480, height: 270 });
  const picture = canvas.getContext('2d');
  const sound = new AudioContext();
  const tone = new OscillatorNode(sound, { frequency: TONE_HZ });
  const gain = new GainNode(sound, { gain: 0 });
  const out = sound.createMediaStreamDestination();
  tone.connect(gain).connect(out);
  tone.start();
  const startMs = performance.now();
  setInterval(() => {
    const isOn = (performance.now() - startMs) % PERIOD_MS < FLASH_MS;
    gain.gain.value = isOn ? 1 : 0;
    if (picture === null) return;
    picture.fillStyle = isOn ? 'white' : 'black';
    picture.fillRect(0, 0, canvas.width, canvas.height);
  }, DRAW_EVERY_MS);
  const [video] = canvas.captureStream(30).getVideoTracks();
  const [audio] = out.stream.getAudioTracks();
  if (video === undefined || audio === undefined) throw new Error('no clip');
  return { video, audio };
};

/** Runs on the sound's own thread: the moments, in seconds of its clock, at which it turned loud. */
const ONSETS = `registerProcessor('onsets', class extends AudioWorkletProcessor {
  quietFor = 0;
  process([input]) {
    const samples = input[0] ?? [];
    for (let i = 0; i < samples.length; i++) {
      if (Math.abs(samples[i]) < 0.05) this.quietFor += 1;
      else {
        if (this.quietFor > sampleRate / 5) this.port.postMessage(currentTime + i / sampleRate);
        this.quietFor = 0;
      }
    }
    return true;
  }
});`;

const onBeep = async (audio: MediaStreamTrack, told: (atMs: number) => void): Promise<AudioContext> => {
  const sound = new AudioContext();
  await sound.audioWorklet.addModule(URL.createObjectURL(new Blob([ONSETS], { type: 'text/javascript' })));
  const onsets = new AudioWorkletNode(sound, 'onsets');
  sound
    .createMediaStreamSource(new MediaStream([audio]))
    .connect(onsets)
    .connect(sound.destination);
  onsets.port.onmessage = ({ data }) => {
    const { contextTime = 0, performanceTime = 0 } = sound.getOutputTimestamp();
    told(performanceTime + (Number(data) - contextTime) * 1_000);
  };
  return sound;
};

const onFlash = async (track: MediaStreamTrack, told: (atMs: number) => void): Promise<void> => {
  const video = document.createElement('video');
  Object.assign(video, { muted: true, srcObject: new MediaStream([track]) });
  await video.play();
  const pixel = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  let wasOn = true;
  const look: VideoFrameRequestCallback = (_now, { expectedDisplayTime }) => {
    pixel?.drawImage(video, 0, 0, 1, 1);
    const isOn = (pixel?.getImageData(0, 0, 1, 1).data[0] ?? 0) > 128;
    if (isOn && !wasOn) told(expectedDisplayTime);
    wasOn = isOn;
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
};

/** By how much sound comes after the picture, in milliseconds, for each of the next `count` flashes. */
export const measureSkew = async ({ video, audio }: FlashAndBeep, count: number): Promise<number[]> => {
  const beepsMs: number[] = [];
  const flashesMs: number[] = [];
  const sound = await onBeep(audio, (atMs) => beepsMs.push(atMs));
  // The first may be half seen, and the last one's beep may still come.
  await new Promise<void>((enough) => {
    void onFlash(video, (atMs) => {
      if (flashesMs.push(atMs) > count + 1) enough();
    });
  });
  await sound.close();
  return flashesMs.slice(1, -1).map((flashMs) => nearest(beepsMs, flashMs) - flashMs);
};

const nearest = (momentsMs: readonly number[], toMs: number): number =>
  momentsMs.reduce((best, atMs) => (Math.abs(atMs - toMs) < Math.abs(best - toMs) ? atMs : best), Infinity);
