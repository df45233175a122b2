import { watch } from 'node:fs';
import { join } from 'node:path';
import { BelfryError } from '../../base/errors.ts';
import { type DeskNote, workOff } from './desk.ts';
import { publicSources, publishTo } from './publish.ts';
import { hereAndNow } from './surroundings.ts';

/** Folders on a network do not tell when something comes. */
const LOOK_EVERY_MS = 1_000;

export interface DeskPlaces {
  /** Of the authority. */
  readonly folder: string;
  readonly mailbox: string;
  /** Where public files go; absent: nowhere. */
  readonly publish: string | undefined;
}

export interface DeskListener {
  onNote(note: DeskNote): void;
  /** The public files were written. */
  onPublished(names: readonly string[]): void;
  /** What waited at the beginning is answered. */
  onWaiting?(): void;
  /** A full disk, or another command at work in the folder, passes: what waits is answered at the next look. */
  onTrouble(error: BelfryError): void;
}

/** One look: publishes what changed, and answers what waits. Throws where it cannot. */
export const makeDesk = (
  { folder, mailbox: path, publish }: DeskPlaces,
  listener: DeskListener,
): (() => Promise<void>) => {
  let last: string | undefined;
  const publishChanges = async (out: string): Promise<void> => {
    const sources = await publicSources(folder);
    if (sources === last) return;
    listener.onPublished(await publishTo(hereAndNow(folder), out));
    last = sources;
  };
  return async () => {
    if (publish !== undefined) await publishChanges(publish);
    const at = hereAndNow(folder);
    for (const note of await workOff(at, { path, randomBytes: at.randomBytes })) listener.onNote(note);
  };
};

/** Looks again whenever something comes, until it is told to end. */
export const keepDesk = async (
  places: DeskPlaces,
  listener: DeskListener,
  ending: AbortSignal,
): Promise<void> => {
  const look = makeDesk(places, listener);
  const untroubled = async (): Promise<void> => {
    try {
      await look();
    } catch (error) {
      if (!(error instanceof BelfryError)) throw error;
      listener.onTrouble(error);
    }
  };
  await untroubled();
  listener.onWaiting?.();
  while (!ending.aborted) {
    await nextLook(join(places.mailbox, 'requests'), ending);
    await untroubled();
  }
};

/** Settles with the next request that comes, or after a while. */
const nextLook = (requests: string, ending: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const watcher = watch(requests);
    const done = () => {
      ending.removeEventListener('abort', done);
      watcher.close();
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, LOOK_EVERY_MS);
    watcher.once('change', done);
    watcher.once('error', done);
    ending.addEventListener('abort', done, { once: true });
  });
