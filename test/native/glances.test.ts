import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { PROJECT_DIR } from '../../scripts/lib/paths.mjs';

/** What native/include/belfry/Glances.hpp sets. */
const FIRST_MS = 3_000;
const REST_MS = 1_000;
const PAUSE_MS = { min: 1_000, max: 2_000 };
const PATIENCE_MS = 500;

const FRAME_MS = 40;
const FRAME_TICKS = 3_600;

interface Packet {
  readonly atMs: number;
  readonly ssrc: number;
  readonly layer: number;
  readonly timestamp: number;
}

interface Sending {
  readonly ssrc?: number;
  readonly layer?: number;
  readonly fromMs?: number;
  readonly untilMs: number;
  readonly timestamp?: number;
}

/** A frame each 40 ms of three packets, over the timestamps' end. */
const frames = ({ ssrc = 1, layer = 0, fromMs = 0, untilMs, timestamp = 0xffff_0000 }: Sending): Packet[] =>
  Array.from({ length: Math.ceil((untilMs - fromMs) / FRAME_MS) }, (_, i) =>
    [0, 1, 2].map(() => ({
      atMs: fromMs + i * FRAME_MS,
      ssrc,
      layer,
      timestamp: (timestamp + i * FRAME_TICKS) >>> 0,
    })),
  ).flat();

const line = ({ atMs, ssrc, layer, timestamp }: Packet): string => `${atMs} ${ssrc} ${layer} ${timestamp}`;

describe('what the worker shows the witness', () => {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-glances-'));
  const program = join(folder, 'glances');

  before(() => {
    const [source, include] = [join(import.meta.dirname, 'glances.cpp'), join(PROJECT_DIR, 'native/include')];
    const flags = [
      '-std=c++20',
      '-Wall',
      '-Wextra',
      '-Werror',
      '-fsanitize=undefined',
      '-fno-sanitize-recover',
    ];
    execFileSync('g++', [...flags, '-I', include, '-o', program, source]);
  });
  after(() => rmSync(folder, { recursive: true }));

  const answersTo = (lines: readonly string[], draw: 'min' | 'max' = 'max'): boolean[] => {
    const answers = execFileSync(program, [draw], { input: lines.map((one) => `${one}\n`).join('') });
    return [...answers.toString().matchAll(/[01]/g)].map(([answer]) => answer === '1');
  };
  const shown = (packets: readonly Packet[], draw?: 'min' | 'max'): Packet[] => {
    const answers = answersTo(packets.map(line), draw);
    assert.equal(answers.length, packets.length);
    return packets.filter((_, i) => answers[i]);
  };
  const timesOf = (packets: readonly Packet[]): number[] => packets.map(({ atMs }) => atMs);

  it('is each frame of the first seconds, once, by its first packet', () => {
    const packets = frames({ untilMs: FIRST_MS });
    const firsts = packets.filter((_, i) => i % 3 === 0);
    assert.deepEqual(
      shown(packets).map((one) => packets.indexOf(one)),
      firsts.map((one) => packets.indexOf(one)),
    );
  });

  for (const draw of ['min', 'max'] as const) {
    it(`is one frame after each pause from then on, when it is drawn as short or long as can be: ${draw}`, () => {
      const seen = timesOf(shown(frames({ untilMs: 20_000 }), draw)).filter((atMs) => atMs >= FIRST_MS);
      const pauses = seen.slice(1).map((atMs, i) => atMs - (seen[i] ?? 0));
      assert.ok(pauses.length >= 7);
      for (const pause of pauses) {
        assert.ok(pause >= PAUSE_MS[draw], `${pause} ms`);
        assert.ok(pause < PAUSE_MS[draw] + FRAME_MS, `${pause} ms`);
      }
    });
  }

  it('is each layer by itself, whether it has an SSRC of its own or not', () => {
    const packets = [
      ...frames({ untilMs: 10_000 }),
      ...frames({ layer: 1, untilMs: 10_000 }),
      ...frames({ ssrc: 2, fromMs: 5_000, untilMs: 10_000 }),
    ].sort((a, b) => a.atMs - b.atMs);
    const seen = shown(packets);
    const alone = timesOf(shown(frames({ untilMs: 10_000 })));
    assert.deepEqual(timesOf(seen.filter(({ ssrc, layer }) => ssrc === 1 && layer === 0)), alone);
    assert.deepEqual(timesOf(seen.filter(({ layer }) => layer === 1)), alone);
    const late = timesOf(seen.filter(({ ssrc }) => ssrc === 2));
    assert.deepEqual(late.slice(0, 3), [5_000, 5_040, 5_080]);
    assert.ok(late.filter((atMs) => atMs < 5_000 + FIRST_MS).length === FIRST_MS / FRAME_MS);
  });

  it('begins again with the first seconds after a rest, wherever the timestamps go on', () => {
    const fromMs = 6_000 + REST_MS;
    const seen = timesOf(
      shown([
        ...frames({ untilMs: 6_000 }),
        ...frames({ fromMs, untilMs: fromMs + FIRST_MS, timestamp: 0xfff0_0000 }),
      ]),
    );
    assert.equal(seen.filter((atMs) => atMs >= fromMs).length, FIRST_MS / FRAME_MS);
  });

  it('is no packet that comes again of a frame before, while frames begin', () => {
    const packets = frames({ untilMs: 6_000 });
    const again = packets.flatMap((one, i) => [
      one,
      { ...(packets[Math.max(0, i - 4)] ?? one), atMs: one.atMs },
    ]);
    const newest = (before: readonly Packet[]) =>
      Math.max(...before.map(({ timestamp }) => (timestamp - 0xffff_0000) >>> 0));
    for (const one of shown(again)) {
      const before = again.slice(0, again.indexOf(one));
      assert.ok(before.length === 0 || (one.timestamp - 0xffff_0000) >>> 0 > newest(before));
    }
  });

  it('is any packet where no frame has begun for a while: timestamps jumped back, or stand still', () => {
    const jumped = frames({ fromMs: 6_000, untilMs: 16_000, timestamp: 0xfff0_0000 });
    const seen = timesOf(shown([...frames({ untilMs: 6_000 }), ...jumped])).filter((atMs) => atMs >= 6_000);
    assert.ok((seen[0] ?? Infinity) <= 6_000 + PAUSE_MS.max + PATIENCE_MS);
    for (const [i, atMs] of seen.slice(1).entries())
      assert.ok(atMs - (seen[i] ?? 0) < PAUSE_MS.max + FRAME_MS);
    const still = frames({ untilMs: 30_000 }).map((one) => ({ ...one, timestamp: 7 }));
    const glances = timesOf(shown(still));
    for (const [i, atMs] of [...glances.slice(1), 30_000].entries())
      assert.ok(atMs - (glances[i] ?? 0) <= PAUSE_MS.max + PATIENCE_MS + FRAME_MS);
  });

  it('keeps nothing of a consumer that ended', () => {
    const packet = { atMs: 6_000, ssrc: 1, layer: 1, timestamp: 5 };
    const packets = frames({ layer: 1, untilMs: 6_000 }).map(line);
    const other = { ...packet, ssrc: 2 };
    assert.equal(answersTo([...packets, line(other), line(packet)]).at(-1), false);
    assert.equal(answersTo([...packets, line(other), 'forget 1', line(packet)]).at(-1), true);
    assert.equal(answersTo([...packets, line(other), 'forget 2', line(packet)]).at(-1), false);
  });
});
