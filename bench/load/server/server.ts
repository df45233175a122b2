import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { keepDevices } from '../../people/devices.ts';
import { publicMinistry } from '../../people/ministry.ts';
import { end, startProgram } from '../../program.ts';
import { type Plan, peopleIn } from '../scenario/plan.ts';
import { conveneAll, conveneRehearsal } from './convening.ts';
import { childrenOf, holdTo } from './duty-cycle.ts';

/** What is put under load. */
export interface Server {
  /** One for each meeting. */
  readonly links: readonly string[];
  /** A meeting beside them that everybody may enter; absent: its meetings are convened by others. */
  readonly rehearsal?: string;
  /** Folders, one for each person. */
  readonly devices: readonly string[];
  /** Where its metrics are; `undefined`: nothing is known of it but what participants see. */
  readonly metrics: string | undefined;
  readonly isOwn: boolean;
  /** Kills one of its media workers; absent: they are another's. */
  readonly killWorker?: () => void;
  close(): Promise<void>;
}

const told = z.object({ origin: z.url(), metrics: z.url() });

export interface OwnServer {
  /** Its people are enrolled, and its meetings convened. */
  readonly plan: Plan;
  readonly workers: number;
  /** Of a core, for each media worker; 1: all that there is. */
  readonly share: number;
}

/** Starts a relay of this checkout as a process of its own, with an authority whose people are there for this run alone. */
export const startServer = async ({ plan, workers, share }: OwnServer): Promise<Server> => {
  const home = mkdtempSync(join(tmpdir(), 'belfry-load-'));
  const ends = [async () => rmSync(home, { recursive: true, force: true })];
  const close = async () => {
    for (const one of ends.splice(0).reverse()) await one();
  };
  try {
    const folder = (name: string) => join(home, name);
    const ministry = await publicMinistry(folder('public'), Date.now());
    const devices = await keepDevices(ministry, folder('devices'), peopleIn(plan));
    const args = [String(workers), folder('relay'), folder('public')];
    const program = await startProgram('bench/load/relay.ts', args, /(\{.*\})\n/);
    ends.push(() => end(program));
    const { origin, metrics } = told.parse(JSON.parse(program.found));
    const links = await conveneAll(origin, plan, devices);
    const rehearsal = await conveneRehearsal(origin, devices);
    ends.push(async () => release());
    const workersOf = () => childrenOf(program.child.pid ?? 0);
    const release = holdTo(workersOf(), share);
    const killWorker = () => kill(workersOf());
    return { links, rehearsal, devices, metrics, isOwn: true, killWorker, close };
  } catch (error) {
    await close();
    throw error;
  }
};

/** The first of them; the relay has no other children. */
const kill = ([pid]: readonly number[]): void => {
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
};
