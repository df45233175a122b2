import {
  type ClientState,
  emptyPskIndex,
  type MlsPrivateMessage,
  type ProcessMessageResult,
  processPrivateMessage,
} from 'ts-mls';
import { type Bytes, equalBytes } from '../../base/bytes.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import { attempt, decodeAs, type Tools } from './library.ts';
import { type Verdict, verdictOn } from './proposals.ts';
import type { Transition } from './staging.ts';

type PrivateMessage = MlsPrivateMessage['privateMessage'];

/** Commits travel encrypted; what an outsider can send is a PublicMessage: external commits end here. */
const readCommit = (bytes: Bytes, { groupContext }: ClientState): Result<PrivateMessage> => {
  const message = decodeAs('mls_private_message', bytes);
  if (!message.ok) return message;
  const { groupId, epoch, contentType } = message.value.privateMessage;
  if (!equalBytes(groupId, groupContext.groupId)) return refuse('mls.other-group', 'of another meeting');
  if (contentType !== 'commit') return refuse('mls.wrong-kind', `wanted a commit, got ${contentType}`);
  if (epoch < groupContext.epoch) {
    return refuse(
      'mls.old-epoch',
      `a commit of epoch ${epoch} in epoch ${groupContext.epoch}: replayed or beaten`,
    );
  }
  if (epoch > groupContext.epoch) {
    return refuse(
      'mls.missed-epoch',
      `a commit of epoch ${epoch} in epoch ${groupContext.epoch}`,
      'join again',
    );
  }
  return ok(message.value.privateMessage);
};

/**
 * The library takes somebody for removed whose leaf is empty afterwards, and so misses it where the same commit adds
 * another there: it is told to stop, and the removal is taken from the proposals, which it has verified by then.
 */
const removal = (state: ClientState, committer: number): Transition => ({
  before: state,
  after: { ...state, groupActiveState: { kind: 'removedFromGroup' } },
  committer,
  isRemoval: true,
  consumed: [],
});

export const receiveCommit = async (
  state: ClientState,
  bytes: Bytes,
  { crypto }: Tools,
): Promise<Result<Transition>> => {
  const read = readCommit(bytes, state);
  if (!read.ok) return read;
  const verdicts: Verdict[] = [];
  const processed = await attempt('mls.invalid-commit', () =>
    processPrivateMessage(state, read.value, emptyPskIndex, crypto, (incoming) => {
      const verdict = verdictOn(incoming, state.privatePath.leafIndex);
      verdicts.push(verdict);
      return verdict.kind === 'member-commit' ? 'accept' : 'reject';
    }),
  );
  if (!processed.ok) return processed;
  return transitionOf(state, verdicts[0], processed.value);
};

const transitionOf = (
  before: ClientState,
  verdict: Verdict | undefined,
  { newState, consumed }: Pick<ProcessMessageResult, 'newState' | 'consumed'>,
): Result<Transition> => {
  if (verdict === undefined || verdict.kind === 'forbidden') {
    return refuse('mls.forbidden-proposal', 'a commit may add, remove and renew, and nothing else');
  }
  const { kind, committer, isRemoval } = verdict;
  if (kind === 'self-removed') return ok(removal(before, committer));
  return ok({ before, after: newState, committer, isRemoval, consumed });
};
