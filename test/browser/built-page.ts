import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_DIR } from '../support/source-tree.ts';

export interface BuiltPage {
  readonly folder: string;
  remove(): void;
}

const buildInto = async (name: string, outDir: string): Promise<void> => {
  // Loading it takes longer than most of what is done with it.
  const { build } = await import('vite');
  await build({
    configFile: false,
    logLevel: 'error',
    root: join(PROJECT_DIR, 'test/browser', name),
    worker: { format: 'es' },
    build: { outDir, emptyOutDir: true, target: 'esnext', minify: false },
  });
};

const buildAnew = async (name: string, below: string): Promise<string> => {
  const folder = mkdtempSync(join(below, `belfry-${name}-`));
  await buildInto(name, folder);
  return folder;
};

/** Two files may begin at the same time: what is there is whole, whoever made it. */
const buildOnce = async (name: string, below: string): Promise<string> => {
  const kept = join(below, name);
  if (existsSync(kept)) return kept;
  const made = await buildAnew(name, below);
  try {
    renameSync(made, kept);
  } catch (error) {
    if (!existsSync(kept)) throw error;
    rmSync(made, { recursive: true });
  }
  return kept;
};

/** The page in `test/browser/NAME`. A run of all tests names a folder where it is kept for the files that come after. */
export const builtPage = async (name: 'harness' | 'device'): Promise<BuiltPage> => {
  const kept = process.env.TEST_PAGES_DIR;
  if (kept !== undefined) return { folder: await buildOnce(name, kept), remove: () => {} };
  const folder = await buildAnew(name, tmpdir());
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
};
