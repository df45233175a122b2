import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fromBase64Url, toBase64Url, toHex } from '../../base/bytes.ts';
import type { RandomBytes } from '../../base/clock.ts';
import { BelfryError } from '../../base/errors.ts';
import { asId } from '../../base/ids.ts';
import { OWN_DEVICES } from '../../trust/devices/devices.ts';
import type { DeviceId } from '../../trust/devices/ids.ts';
import { readScale } from '../../trust/markings/scale.ts';
import { checkpointSchema, type SignedCheckpoint } from '../../trust/record/checkpoint.ts';
import type { SeenList } from '../../trust/revocation/list.ts';
import { ALGORITHMS, algOfCurve } from '../../trust/statement/algorithms.ts';
import { idText } from '../../trust/statement/schemas.ts';
import { digestText, type StatementDigest } from '../../trust/statement/statement.ts';
import { vouchedSchema } from '../../trust/statement/vouched.ts';
import { type DeviceStore, type KeptDevice, MAX_RECORDS, newerOf } from '../people/device-store.ts';

const DEVICE = 'device.json';
const SEEN = 'seen-list.json';
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const OTHERS = 0o077;

const bytesText = z.string().transform((text) => fromBase64Url(text) ?? new Uint8Array());
const deviceSchema = z.strictObject({
  root: z.string(),
  /** As a scale's own file has it. */
  scale: z.string(),
  certificate: z.string(),
  clearance: vouchedSchema.optional(),
  devices: OWN_DEVICES.schema.optional(),
  unseen: z.array(idText<DeviceId>()).optional(),
  curve: z.string(),
  /** PKCS #8 and SubjectPublicKeyInfo, base64url. */
  privateKey: bytesText,
  publicKey: bytesText,
});
const seenSchema = z.strictObject({
  number: z.int().min(1),
  digest: digestText.transform((text) => asId<StatementDigest>(text)),
});

/** One device in a folder of its own, in files for its owner alone. Throws `device.damaged`, `device.permissions`. */
export const deviceFolder = (folder: string, randomBytes: RandomBytes): DeviceStore => {
  const files = new PrivateFiles(folder, randomBytes);
  let turn: Promise<void> = Promise.resolve();
  return {
    async load() {
      const text = await files.read(DEVICE);
      if (text === undefined) return undefined;
      return { ...(await parseDevice(text)), seen: parseSeen(await files.read(SEEN)) };
    },
    keep: async (device) => files.replace(DEVICE, await formatDevice(device)),
    records: {
      newestOf: async (record) => parseCheckpoint(await files.read(checkpointName(record))),
      async keep(checkpoint) {
        await files.replace(checkpointName(checkpoint.record), JSON.stringify(checkpoint));
        await files.keepNewest(isCheckpointName, MAX_RECORDS);
      },
    },
    seeList(seen) {
      const next = turn.then(() => seeList(files, seen));
      turn = next.catch(() => {});
      return next;
    },
  };
};

/** A file for each record, as `belfry audit verify --checkpoint` reads it. */
const checkpointName = (record: string): string => `checkpoint-${record}.json`;
const isCheckpointName = (name: string): boolean => /^checkpoint-[A-Za-z0-9_-]{22}\.json$/.test(name);

const parseCheckpoint = (text: string | undefined): SignedCheckpoint | undefined => {
  if (text === undefined) return undefined;
  const parsed = checkpointSchema.safeParse(parseJson(text));
  if (!parsed.success) throw damaged('a checkpoint');
  return parsed.data;
};

const seeList = async (files: PrivateFiles, seen: SeenList): Promise<void> => {
  const kept = parseSeen(await files.read(SEEN));
  if (newerOf(kept, seen) === seen) await files.replace(SEEN, JSON.stringify(seen));
};

const damaged = (name: string, cause?: unknown): BelfryError =>
  new BelfryError('device.damaged', `${name} of this device is not as it was written`, {
    remedy: 'enrol the device anew',
    ...(cause === undefined ? {} : { cause }),
  });

const parseSeen = (text: string | undefined): SeenList | undefined => {
  if (text === undefined) return undefined;
  const parsed = seenSchema.safeParse(parseJson(text));
  if (!parsed.success) throw damaged(SEEN);
  return parsed.data;
};

const parseDevice = async (text: string): Promise<KeptDevice> => {
  const parsed = deviceSchema.safeParse(parseJson(text));
  const scale = parsed.success ? readScale(parsed.data.scale) : undefined;
  if (!parsed.success || scale?.ok !== true) throw damaged(DEVICE);
  const { root, certificate, clearance, devices, unseen } = parsed.data;
  const pair = await importPair(parsed.data);
  return { root, scale: scale.value, certificate, clearance, devices, unseen, pair };
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const importPair = async (kept: z.infer<typeof deviceSchema>): Promise<CryptoKeyPair> => {
  const alg = algOfCurve(kept.curve);
  if (alg === undefined) throw damaged(DEVICE);
  const algorithm = ALGORITHMS[alg];
  try {
    const [privateKey, publicKey] = await Promise.all([
      crypto.subtle.importKey('pkcs8', kept.privateKey, algorithm, true, ['sign']),
      crypto.subtle.importKey('spki', kept.publicKey, algorithm, true, ['verify']),
    ]);
    return { privateKey, publicKey };
  } catch (cause) {
    throw damaged(DEVICE, cause);
  }
};

const formatDevice = async (device: KeptDevice): Promise<string> => {
  const { root, scale, certificate, clearance, devices, unseen, pair } = device;
  if (!pair.privateKey.extractable)
    throw new BelfryError('device.key-bound', 'a key that cannot be taken out cannot be written to a file');
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.exportKey('pkcs8', pair.privateKey),
    crypto.subtle.exportKey('spki', pair.publicKey),
  ]);
  return JSON.stringify({
    root,
    scale: JSON.stringify(scale),
    certificate,
    clearance,
    devices,
    unseen,
    curve: (pair.publicKey.algorithm as EcKeyAlgorithm).namedCurve,
    privateKey: toBase64Url(new Uint8Array(privateKey)),
    publicKey: toBase64Url(new Uint8Array(publicKey)),
  });
};

/** Files that are there whole or not at all, and that nobody else may read. */
class PrivateFiles {
  readonly #folder: string;
  readonly #randomBytes: RandomBytes;

  constructor(folder: string, randomBytes: RandomBytes) {
    this.#folder = folder;
    this.#randomBytes = randomBytes;
  }

  async read(name: string): Promise<string | undefined> {
    const path = join(this.#folder, name);
    try {
      const { mode } = await stat(path);
      if ((mode & OTHERS) !== 0) throw othersMayReach(path);
      return await readFile(path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** The oldest of those that `isOne` names go. */
  async keepNewest(isOne: (name: string) => boolean, max: number): Promise<void> {
    const names = (await readdir(this.#folder)).filter(isOne);
    if (names.length <= max) return;
    const aged = await Promise.all(
      names.map(async (name) => ({ name, atMs: (await stat(join(this.#folder, name))).mtimeMs })),
    );
    const old = aged.sort((a, b) => b.atMs - a.atMs).slice(max);
    await Promise.all(old.map(({ name }) => rm(join(this.#folder, name), { force: true })));
  }

  async replace(name: string, text: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: FOLDER_MODE });
    const path = join(this.#folder, name);
    const aside = `${path}.${toHex(this.#randomBytes(8))}`;
    const file = await open(aside, 'wx', FILE_MODE);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  }
}

const othersMayReach = (path: string): BelfryError =>
  new BelfryError('device.permissions', `others may reach ${path}`, {
    remedy: `chmod go= '${path}'; if others were here, revoke the device and enrol it anew`,
  });
