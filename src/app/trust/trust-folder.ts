import { watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toBase64Url, utf8 } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import { Emitter } from '../../base/emitter.ts';
import { BelfryError, messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import type { PeopleTrust, PublishedList, Store } from '../../signaling/ports.ts';
import { SCALE, type Scale } from '../../trust/markings/scale.ts';
import { judgeRevocation, REVOCATION } from '../../trust/revocation/list.ts';
import { openPeopleRoot, type PeopleRoot } from '../../trust/signing/people-certificate.ts';
import { openOfficeStatement } from '../../trust/signing/vouched.ts';
import { readJson } from '../../trust/statement/strict-json.ts';
import { type Vouched, vouchedSchema } from '../../trust/statement/vouched.ts';
import { PUBLIC_FILES } from '../public-files.ts';

/** Whoever is revoked is out within two seconds; folders on a network do not tell when something comes. */
const LOOK_EVERY_MS = 1_000;
/** A list of 30,000 entries in base64url, and a scale, fit. */
const MAX_FILE_BYTES = 2_097_152;
const REMEDY = 'belfry ca publish --out FOLDER, where the authority for people is, writes it';

interface TrustFolderOptions {
  readonly folder: string;
  readonly store: Pick<Store, 'lastSeenList' | 'seeList'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface OpenedTrust {
  readonly trust: PeopleTrust;
  close(): Promise<void>;
}

/**
 * What a relay judges people by, from the folder that `belfry ca publish` writes, and each newer list as it comes there. Throws
 * where root or scale cannot be used. Without a good list nobody enters, which is logged.
 */
export const openTrustFolder = async (options: TrustFolderOptions): Promise<OpenedTrust> => {
  const { folder, clock } = options;
  const root = await openPeopleRoot(await readPublic(folder, 'root'));
  if (!root.ok) throw unusable(folder, 'root', root.refusal);
  const scale = await openScale(folder, root.value, clock.unixMs());
  const list = new ListFile(options, root.value);
  await list.look();
  return {
    trust: {
      root: root.value,
      scale,
      list: () => list.current,
      onList: (listener) => list.onChange(listener),
    },
    close: () => list.close(),
  };
};

const openScale = async (folder: string, root: PeopleRoot, nowUnixMs: number): Promise<Scale> => {
  const vouched = readVouched(await readPublic(folder, 'scale'));
  if (!vouched.ok) throw unusable(folder, 'scale', vouched.refusal);
  const opened = await openOfficeStatement(SCALE, 'clearance', vouched.value, { root, nowUnixMs });
  if (!opened.ok) throw unusable(folder, 'scale', opened.refusal);
  return opened.value.value;
};

type FileName = keyof typeof PUBLIC_FILES;
const pathIn = (folder: string, name: FileName): string => join(folder, PUBLIC_FILES[name]);

const readPublic = async (folder: string, name: FileName): Promise<string> => {
  const path = pathIn(folder, name);
  try {
    return await readBounded(path);
  } catch (cause) {
    throw new BelfryError('people.files', `${path} cannot be read: ${messageOf(cause)}`, {
      remedy: REMEDY,
      cause,
    });
  }
};

const readBounded = async (path: string): Promise<string> => {
  const { size } = await stat(path);
  if (size > MAX_FILE_BYTES) throw new Error(`it has more than ${MAX_FILE_BYTES} bytes`);
  return readFile(path, 'utf8');
};

const unusable = (folder: string, name: FileName, { code, message }: Refusal): BelfryError =>
  new BelfryError('people.files', `${pathIn(folder, name)} cannot be used: ${message} [${code}]`, {
    remedy: REMEDY,
  });

const readVouched = (text: string): Result<Vouched, Refusal> =>
  readJson(utf8(text.trim()), MAX_FILE_BYTES, vouchedSchema);

/** The newest good list. A broken, expired or older one changes nothing, and is logged once. */
class ListFile {
  readonly #options: TrustFolderOptions;
  readonly #root: PeopleRoot;
  readonly #changes: Emitter<undefined>;
  readonly #stopWatching: () => void;
  #current: PublishedList | undefined;
  /** Of the file that was looked at last: size and time of change. */
  #seenFile = '';
  #turn: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: TrustFolderOptions, root: PeopleRoot) {
    this.#options = options;
    this.#root = root;
    const { folder, clock, logger } = options;
    this.#changes = new Emitter((error) => logger.error('list.failed', { message: messageOf(error) }));
    const watcher = watch(folder, () => void this.look());
    // A folder that cannot be watched any more is still looked at.
    watcher.on('error', () => watcher.close());
    const stopLooking = clock.every(LOOK_EVERY_MS, () => void this.look());
    this.#stopWatching = () => {
      watcher.close();
      stopLooking();
    };
  }

  get current(): PublishedList | undefined {
    return this.#current;
  }

  onChange(listener: () => void): () => void {
    return this.#changes.on(listener);
  }

  /** One look at a time, in order: of two lists the older must not come last. */
  look(): Promise<void> {
    this.#turn = this.#turn
      .then(() => (this.#isClosed ? undefined : this.#look()))
      .catch((error: unknown) => this.#options.logger.error('list.failed', { message: messageOf(error) }));
    return this.#turn;
  }

  /** Settles when the last look is over: the store may be closed then. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#stopWatching();
    return this.#turn;
  }

  async #look(): Promise<void> {
    const { folder, logger } = this.#options;
    const read = await this.#readIfChanged(pathIn(folder, 'list'));
    if (read === undefined) return;
    const taken = read.ok ? await this.#take(read.value) : read;
    if (!taken.ok) logger.warn('list.refused', { code: taken.refusal.code, remedy: REMEDY });
  }

  /** `undefined`: it is the file that was looked at before. */
  async #readIfChanged(path: string): Promise<Result<string, Refusal> | undefined> {
    try {
      const { size, mtimeMs, ino } = await stat(path);
      const seen = `${size} ${mtimeMs} ${ino}`;
      if (seen === this.#seenFile) return undefined;
      this.#seenFile = seen;
      return ok(await readBounded(path));
    } catch (error) {
      if (this.#seenFile === 'unreadable') return undefined;
      this.#seenFile = 'unreadable';
      return refuse('list.unreadable', messageOf(error));
    }
  }

  async #take(text: string): Promise<Result<undefined, Refusal>> {
    const { store, clock, logger } = this.#options;
    const vouched = readVouched(text);
    if (!vouched.ok) return vouched;
    const nowUnixMs = clock.unixMs();
    const judge = { root: this.#root, nowUnixMs };
    const opened = await openOfficeStatement(REVOCATION, 'revocation', vouched.value, judge);
    if (!opened.ok) return opened;
    const root = toBase64Url(this.#root.sha256);
    const seen = this.#current?.current.seen ?? store.lastSeenList(root);
    const judged = judgeRevocation(opened.value, seen, nowUnixMs);
    if (!judged.ok) return judged;
    // Whoever is on it goes also where it cannot be written down; after a restart an older one could then be taken.
    const kept = store.seeList({ root, ...judged.value.seen });
    if (!kept.ok) logger.error('list.not-kept', { code: kept.refusal.code });
    const isNew = judged.value.seen.digest !== this.#current?.current.seen.digest;
    this.#current = { vouched: vouched.value, current: judged.value };
    if (isNew) this.#changes.emit(undefined);
    return ok(undefined);
  }
}
