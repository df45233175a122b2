import { type ClientState, emptyPskIndex, joinGroupWithExtensions, type Welcome } from 'ts-mls';
import { encode } from 'ts-mls/codec/tlsEncoder.js';
import { decodeRatchetTree, ratchetTreeEncoder } from 'ts-mls/ratchetTree.js';
import { type Bytes, equalBytes } from '../../base/bytes.ts';
import { BelfryError } from '../../base/errors.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import { groupIdOf } from './context.ts';
import { handedOver } from './hall.ts';
import type { OwnKeyPackage } from './key-packages.ts';
import { attempt, CLIENT_CONFIG, MAX_MESSAGE_BYTES, type Tools } from './library.ts';
import type { HallKey, Judge, MeetingContext } from './port.ts';
import { unacceptable } from './staging.ts';

const encodeTree = encode(ratchetTreeEncoder);

const readTree = (bytes: Bytes) => {
  if (bytes.length > MAX_MESSAGE_BYTES)
    throw new BelfryError('mls.malformed', `a tree of ${bytes.length} bytes`);
  const [tree] = decodeRatchetTree(bytes, 0) ?? [];
  // The library reads some bytes that it would not write; one tree has one encoding.
  if (tree !== undefined && equalBytes(encodeTree(tree), bytes)) return tree;
  throw new BelfryError('mls.malformed', `${bytes.length} bytes are no ratchet tree`);
};

export interface Joined {
  readonly state: ClientState;
  readonly hall: readonly HallKey[];
}

/** The library's state after a Welcome that it verified: signatures, tree hash, parent hashes, confirmation tag. */
export const openWelcome = (
  welcome: Welcome,
  treeBytes: Bytes,
  { publicPackage, privatePackage }: OwnKeyPackage,
  tools: Tools,
): Promise<Result<Joined>> =>
  attempt('mls.invalid-welcome', async () => {
    const tree = readTree(treeBytes);
    const [state, extensions] = await joinGroupWithExtensions(
      welcome,
      publicPackage,
      privatePackage,
      emptyPskIndex,
      tools.crypto,
      tree,
      undefined,
      CLIENT_CONFIG,
    );
    return { state, hall: await handedOver(extensions, state, tools) };
  });

/** Whether the group that was opened is the one to be joined. */
export const checkJoined = (
  state: ClientState,
  context: MeetingContext,
  tools: Tools,
  judge: Judge,
): Result<ClientState> => {
  if (!equalBytes(state.groupContext.groupId, groupIdOf(context))) {
    return refuse('mls.context', 'the Welcome is for another meeting');
  }
  const refusal = unacceptable(undefined, state, context, tools, judge);
  return refusal === undefined ? ok(state) : { ok: false, refusal };
};
