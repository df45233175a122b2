import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../base/logger.ts';
import type { Settings } from '../../config/settings.ts';
import { belgianScalePath, readInput } from '../people/handing-out.ts';
import { initPeople } from '../people/init.ts';
import { publishTo } from '../people/publish.ts';
import { hereAndNow } from '../people/surroundings.ts';
import { startBelfry } from '../start.ts';

/** In folders of its own: looking must not make the deployment's authority. */
export const startAndStop = async (settings: Settings): Promise<void> => {
  const stateDir = await mkdtemp(join(tmpdir(), 'belfry-doctor-'));
  try {
    const people = settings.people ?? (await trialPeople(stateDir));
    const freePorts = { ...settings, people, stateDir, port: 0, metricsPort: 0, mediaPort: 0, workers: 1 };
    const belfry = await startBelfry(freePorts, silentLogger);
    await belfry.stop();
  } finally {
    await rm(stateDir, { recursive: true, force: true });
  }
};

/** Public files of an authority that ends with the trial: a relay starts by such files alone, and a machine may be looked at before there are any. */
const trialPeople = async (home: string): Promise<string> => {
  const [folder, out] = [join(home, 'people'), join(home, 'public')];
  const path = belgianScalePath();
  await initPeople(hereAndNow(folder), { path, text: await readInput(path) });
  await publishTo(hereAndNow(folder), out);
  return out;
};
