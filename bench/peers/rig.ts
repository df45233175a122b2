import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { BelfryError } from '../../src/base/errors.ts';
import type { Random } from '../random.ts';
import { payloadFile } from './payloads.ts';
import { ended } from './processes.ts';
import type { Publisher, Stage, Viewer } from './stage.ts';

const NATIVE = join(import.meta.dirname, 'native');
const FIRST_FD = 3;

export interface Programs {
  readonly rig: string;
  readonly floor: string;
  remove(): void;
}

/** Compiled for each run: nothing built before is measured by mistake. */
export const buildPrograms = (): Programs => {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-bench-peers-build-'));
  const build = (name: string): string => {
    const out = join(folder, name);
    execFileSync('gcc', ['-O2', '-Wall', '-o', out, join(NATIVE, `${name}.c`), '-lcrypto'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return out;
  };
  return {
    rig: build('rig'),
    floor: build('floor'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};

export interface Phase {
  readonly warmMs: number;
  readonly runMs: number;
  /** Packets that leave at once; 1 is evenly spaced. */
  readonly burst: number;
}

const counted = z.object({
  sent: z.number(),
  received: z.number(),
  probes: z.number(),
  refused: z.number(),
  sendErrors: z.number(),
  lateUs: z.number(),
  delays: z.number(),
  delayP50Us: z.number().optional(),
  delayP99Us: z.number().optional(),
  delayMaxUs: z.number().optional(),
});
export type Counted = z.infer<typeof counted>;

export interface Load {
  readonly phases: readonly Phase[];
  /** Packets a second, of each publisher. */
  readonly rate: number;
  readonly sealed: boolean;
  readonly random: Random;
}

/** Both are called at once; what they give is about the stretch between. */
export interface Watch<T> {
  begin(): void;
  end(): T;
}

const publishOrder = ({ ssrc, payloadType, twcc, key }: Publisher, fd: number, rate: number): string =>
  `publish ${fd} ${ssrc} ${payloadType} ${twcc} ${rate} ${key ?? '-'}`;

const viewOrder = ({ twcc, sendKey, readKey }: Viewer, fd: number, isFull: boolean): string =>
  `view ${fd} ${twcc} ${twcc === 0 ? 0 : 1} ${isFull ? 1 : 0} ${sendKey} ${readKey}`;

const ordersOf = (stage: Stage, { phases, rate, sealed, random }: Load, folder: string): string[] => {
  let fd = FIRST_FD;
  const publishers = stage.publishers.flatMap((one) => {
    const file = join(folder, `${one.number}.payloads`);
    writeFileSync(file, payloadFile({ number: sealed ? one.number : undefined }, random));
    return [`payloads ${file}`, publishOrder(one, fd++, rate)];
  });
  const viewers = stage.viewers.map((one, i) => viewOrder(one, fd++, i === 0));
  const runs = phases.map(({ warmMs, runMs, burst }) => `phase ${warmMs} ${runMs} ${burst}`);
  return [...publishers, ...viewers, ...runs, 'go'];
};

/** Runs all phases one after another, and gives for each what was counted and what was watched meanwhile. */
export const runLoad = async <T>(
  program: string,
  stage: Stage,
  load: Load,
  watch: Watch<T>,
): Promise<{ readonly counted: Counted; readonly watched: T }[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-bench-peers-load-'));
  const fds = [...stage.publishers, ...stage.viewers].map(({ fd }) => fd);
  const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit', ...fds] });
  try {
    child.stdin?.write(`${ordersOf(stage, load, folder).join('\n')}\n`);
    const found: { counted: Counted; watched: T }[] = [];
    let last: { readonly watched: T } | undefined;
    if (child.stdout === null) throw new BelfryError('bench.no-generator', 'the generator has no output');
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === 'begin') watch.begin();
      else if (line === 'end') last = { watched: watch.end() };
      else if (last !== undefined) found.push({ counted: counted.parse(JSON.parse(line)), ...last });
    }
    if (found.length !== load.phases.length)
      throw new BelfryError('bench.no-generator', 'the generator ended early');
    return found;
  } finally {
    child.kill('SIGTERM');
    await ended(child);
    rmSync(folder, { recursive: true, force: true });
  }
};
