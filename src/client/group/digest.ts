import { toBase64Url, utf8 } from '../../base/bytes.ts';
import type { EpochCode } from '../../e2ee/mls/port.ts';
import type { Hash } from './blobs.ts';

/** Shows whether two devices are in one epoch, and does not show the relay the code that people read to each other. */
export const epochDigest = async ({ digits, words }: EpochCode, hash: Hash): Promise<string> =>
  toBase64Url(await hash(utf8(`belfry.v1 epoch digest\0${digits}\0${words.join(' ')}`)));
