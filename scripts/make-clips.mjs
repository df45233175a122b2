/**
 * Makes the media that headless participants send, into src/client/clips/media. For developers only: the clips are
 * committed, nothing at run time calls this. Needs `apt-get install ffmpeg espeak-ng`. The same versions of both make
 * the same bytes: one thread, bit-exact flags, nothing random.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const OUT = new URL('../src/client/clips/media/', import.meta.url).pathname;
/** Short enough for a repository, long enough for a sentence and several key frames. */
const SECONDS = 8;
const FRAMES_PER_SECOND = 30;
/** A key frame a second: the longest wait of a viewer that never asks for one. */
const KEY_FRAME_EVERY = 30;
const SIZES = [
  { width: 160, height: 90, rate: '40k' },
  { width: 320, height: 180, rate: '100k' },
  { width: 640, height: 360, rate: '250k' },
];
const OPUS_RATE = '24k';
const FRAME_SAMPLES = 960;
const TEXT =
  'This is the bell tower. The relay carries every word of this sentence, and cannot hear one of them. ' +
  'Each frame was sealed before it left, and is opened only where the meeting has its keys.';

const bitExact = ['-fflags', '+bitexact', '-flags', '+bitexact', '-map_metadata', '-1'];

/** @param {string[]} args */
const ffmpeg = (args) =>
  execFileSync('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-y', ...args], { maxBuffer: 64 << 20 });

/** @param {{ width: number, height: number, rate: string }} size */
const makeVideo = ({ width, height, rate }) => {
  const pattern = `testsrc2=size=640x360:rate=${FRAMES_PER_SECOND}:duration=${SECONDS}`;
  const scale = `scale=${width}:${height}:flags=bicubic+bitexact`;
  const key = ['-g', `${KEY_FRAME_EVERY}`, '-keyint_min', `${KEY_FRAME_EVERY}`];
  const plain = ['-auto-alt-ref', '0', '-lag-in-frames', '0', '-deadline', 'good', '-cpu-used', '2'];
  const vp8 = ['-c:v', 'libvpx', '-threads', '1', '-b:v', rate, '-maxrate', rate, '-bufsize', rate];
  const out = join(OUT, `motion-${height}.ivf`);
  ffmpeg(['-f', 'lavfi', '-i', pattern, '-vf', scale, ...vp8, ...key, ...plain, ...bitExact, out]);
};

/** RFC 6464 levels, one byte a frame: -dBov of its root mean square, 127 for silence. @param {Buffer} pcm */
const levelsOf = (pcm) => {
  const samples = new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length >> 1);
  const levels = [];
  for (let at = 0; at < samples.length; at += FRAME_SAMPLES) {
    let power = 0;
    for (const sample of samples.subarray(at, at + FRAME_SAMPLES)) power += (sample / 32768) ** 2;
    const decibels = 10 * Math.log10(power / FRAME_SAMPLES + 1e-13);
    levels.push(Math.min(127, Math.max(0, Math.round(-decibels))));
  }
  return Uint8Array.from(levels);
};

/** @param {string} work */
const makeSpeech = (work) => {
  const wav = join(work, 'speech.wav');
  execFileSync('espeak-ng', ['-v', 'en-gb', '-s', '150', '-w', wav, TEXT]);
  const shape = ['-af', 'apad', '-t', `${SECONDS}`, '-ar', '48000', '-ac', '1'];
  const opus = ['-c:a', 'libopus', '-b:a', OPUS_RATE, '-vbr', 'off', '-frame_duration', '20'];
  const out = join(OUT, 'speech.opus');
  ffmpeg(['-i', wav, ...shape, ...opus, '-application', 'voip', ...bitExact, '-f', 'ogg', out]);
  const pcm = ffmpeg(['-i', out, '-f', 's16le', '-ac', '1', '-ar', '48000', '-']);
  writeFileSync(join(OUT, 'speech.levels'), levelsOf(pcm));
};

mkdirSync(OUT, { recursive: true });
const work = mkdtempSync(join(tmpdir(), 'belfry-clips-'));
try {
  for (const size of SIZES) makeVideo(size);
  makeSpeech(work);
} finally {
  rmSync(work, { recursive: true });
}
