import {
  type CiphersuiteImpl,
  type ClientConfig,
  decodeMlsMessage,
  defaultKeyPackageEqualityConfig,
  type MLSMessage,
} from 'ts-mls';
import type { Bytes } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { Signer } from './signer.ts';
import type { MlsSuite } from './suites.ts';

/** What every group of a device works with. */
export interface Tools {
  readonly suite: MlsSuite;
  readonly crypto: CiphersuiteImpl;
  readonly signer: Signer;
  readonly clock: Pick<Clock, 'unixMs'>;
}

/** A tree of 1024 leaves with X-Wing is 3 MB: above that a message is not read. */
export const MAX_MESSAGE_BYTES = 4 << 20;

/**
 * Nothing is left at the library's defaults. Credentials are judged on the staged tree, whole, before anything is adopted:
 * what the library asks one by one is answered yes. It reads lifetimes by a clock of its own: see lifetime.ts.
 */
export const CLIENT_CONFIG: ClientConfig = {
  // One epoch back, for what was on its way; we send no application messages, so one generation is enough.
  keyRetentionConfig: { retainKeysForEpochs: 1, retainKeysForGenerations: 1, maximumForwardRatchetSteps: 8 },
  lifetimeConfig: { maximumTotalLifetime: 90_000n, validateLifetimeOnReceive: false },
  keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
  paddingConfig: { kind: 'padUntilLength', padUntilLength: 256 },
  authService: { validateCredential: async () => true },
};

/** The library throws for hostile bytes and for bugs alike, errors of every class: here each becomes a refusal. */
export const attempt = async <T>(code: string, run: () => Promise<T>): Promise<Result<T>> => {
  try {
    return ok(await run());
  } catch (error) {
    return refuse(code, messageOf(error));
  }
};

/** The whole of `bytes` as one message of the wanted kind; `mls.malformed` where it is not. */
export const decodeAs = <Kind extends MLSMessage['wireformat']>(
  kind: Kind,
  bytes: Bytes,
): Result<Extract<MLSMessage, { wireformat: Kind }>> => {
  const message = bytes.length > MAX_MESSAGE_BYTES ? undefined : decoded(bytes);
  if (message === undefined) return refuse('mls.malformed', `${bytes.length} bytes are no MLS message`);
  if (message.wireformat === kind) return ok(message as Extract<MLSMessage, { wireformat: Kind }>);
  return refuse('mls.wrong-kind', `wanted ${kind}, got ${message.wireformat}`);
};

const decoded = (bytes: Bytes): MLSMessage | undefined => {
  try {
    const [message, size] = decodeMlsMessage(bytes.slice(), 0) ?? [];
    return size === bytes.length ? message : undefined;
  } catch {
    return undefined;
  }
};
