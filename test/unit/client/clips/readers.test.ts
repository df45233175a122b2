import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { loadShippedClips } from '../../../../src/client/clips/files.ts';
import { readIvf } from '../../../../src/client/clips/ivf.ts';
import { asLayers } from '../../../../src/client/clips/layers.ts';
import { readOpus } from '../../../../src/client/clips/opus.ts';

const shipped = (name: string) =>
  readFileSync(new URL(`../../../../src/client/clips/media/${name}`, import.meta.url));
const ivf = shipped('motion-90.ivf');
const ogg = shipped('speech.opus');
const noLevels = new Uint8Array(0);

const codeOf = (result: ReturnType<typeof readIvf>): string => (result.ok ? 'ok' : result.refusal.code);
const changed = (file: Buffer, at: number, ...bytes: number[]): Buffer => {
  const copy = Buffer.from(file);
  copy.set(bytes, at);
  return copy;
};

describe('the shipped clips', () => {
  it('are three aligned sizes at 30 frames a second with a key frame each second', async () => {
    const { camera } = await loadShippedClips();
    assert.equal(camera.length, 3);
    for (const { clockRate, frameTicks, frames } of camera) {
      assert.equal(clockRate / frameTicks, 30);
      const keys = frames.flatMap(({ keyFrame }, at) => (keyFrame ? at : []));
      assert.deepEqual(keys, [0, 30, 60, 90, 120, 150, 180, 210]);
    }
  });

  it('are sound of constant size with real levels', async () => {
    const { microphone } = await loadShippedClips();
    const frames = microphone[0]?.frames ?? [];
    assert.equal(frames.length, 401);
    assert.deepEqual([...new Set(frames.map(({ bytes }) => bytes.length))], [60]);
    assert(new Set(frames.map(({ level }) => level)).size > 20);
  });
});

describe('the IVF reader', () => {
  it('refuses what is no VP8 clip, each with its code', () => {
    assert.equal(codeOf(readIvf(new Uint8Array(0))), 'clip.truncated');
    assert.equal(codeOf(readIvf(changed(ivf, 0, 0))), 'clip.malformed');
    assert.equal(codeOf(readIvf(changed(ivf, 11, 0x39))), 'clip.unsupported');
    assert.equal(codeOf(readIvf(changed(ivf, 16, 0, 0, 0, 0))), 'clip.unsupported');
    assert.equal(codeOf(readIvf(changed(ivf, 6, 8, 0))), 'clip.malformed');
    assert.equal(codeOf(readIvf(changed(ivf, 32, 0xff, 0xff, 0xff, 0x7f))), 'clip.truncated');
    assert.equal(codeOf(readIvf(changed(ivf, 44, 1))), 'clip.malformed', 'a clip starts with a key frame');
    assert.equal(codeOf(readIvf(ivf.subarray(0, 32))), 'clip.malformed', 'a clip has frames');
    assert.equal(codeOf(readIvf(ivf.subarray(0, ivf.length - 1))), 'clip.truncated');
    assert.equal(codeOf(readIvf(new Uint8Array(17 * 1024 * 1024))), 'clip.too-large');
  });

  it('answers for any bytes', () => {
    const damaged = fc.tuple(fc.nat(ivf.length - 1), fc.nat(255)).map(([at, byte]) => changed(ivf, at, byte));
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array()), (file) => typeof readIvf(file).ok === 'boolean'),
    );
  });
});

describe('the Ogg Opus reader', () => {
  it('refuses broken files, each with its code', () => {
    assert.equal(codeOf(readOpus(changed(ogg, 0, 0), noLevels)), 'clip.malformed');
    assert.equal(
      codeOf(readOpus(changed(ogg, 60, 0xaa), noLevels)),
      'clip.malformed',
      'checksums are checked',
    );
    assert.equal(codeOf(readOpus(ogg.subarray(0, ogg.length - 1), noLevels)), 'clip.truncated');
    assert.equal(codeOf(readOpus(ogg.subarray(0, 20), noLevels)), 'clip.truncated');
    assert.equal(codeOf(readOpus(new Uint8Array(0), noLevels)), 'clip.malformed');
    assert.equal(
      codeOf(readOpus(Buffer.concat([ogg, ogg]), noLevels)),
      'clip.unsupported',
      'headers are no sound',
    );
  });

  it('answers for any bytes, and takes no damaged page for a whole one', () => {
    fc.assert(
      fc.property(fc.nat(ogg.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const file = changed(ogg, at, (ogg[at] ?? 0) ^ flip);
        return !readOpus(file, noLevels).ok;
      }),
      { numRuns: 40 },
    );
  });

  it('counts frames beyond the levels as silence', () => {
    const clip = readOpus(ogg, Uint8Array.of(7));
    assert(clip.ok);
    assert.deepEqual(
      clip.value.frames.slice(0, 2).map(({ level }) => level),
      [7, 127],
    );
  });
});

describe('layers', () => {
  it('must fit together', () => {
    const clip = readIvf(ivf);
    assert(clip.ok);
    const { value } = clip;
    const shorter = { ...value, frames: value.frames.slice(1) };
    const unaligned = {
      ...value,
      frames: value.frames.map(({ bytes }, at) => ({ bytes, keyFrame: at === 0 })),
    };
    assert(asLayers([value, value]).ok);
    for (const other of [shorter, unaligned, { ...value, frameTicks: 1500 }]) {
      const layers = asLayers([value, other]);
      assert.equal(layers.ok ? 'ok' : layers.refusal.code, 'clip.mismatched');
    }
    assert(!asLayers([]).ok);
  });
});
