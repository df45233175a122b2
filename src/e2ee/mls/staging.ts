import type { ClientState } from 'ts-mls';
import type { Bytes } from '../../base/bytes.ts';
import { type Refusal, refuse } from '../../base/result.ts';
import { hasContext } from './context.ts';
import type { Tools } from './library.ts';
import { expiredLeaf } from './lifetime.ts';
import { membersOf, missingFrom, uncertified } from './members.ts';
import type { Judge, MeetingContext, StagedEpoch } from './port.ts';

/** A transition of the library's state, and what becomes useless by it. */
export interface Transition {
  readonly before: ClientState;
  readonly after: ClientState;
  readonly committer: number;
  /** By its proposals: of a device that is removed and added at once the trees show nothing. */
  readonly isRemoval: boolean;
  readonly consumed: readonly Bytes[];
}

/**
 * Everything that a new epoch has to be, whoever made it. Not asked of the one who is removed: it is none of theirs. `before`:
 * `undefined` for whoever joins by it.
 */
export const unacceptable = (
  before: ClientState | undefined,
  state: ClientState,
  context: MeetingContext,
  { crypto, clock }: Tools,
  judge: Judge,
): Refusal | undefined => {
  const { cipherSuite, extensions } = state.groupContext;
  if (cipherSuite !== crypto.name) return refuse('mls.suite', 'the group has another suite').refusal;
  if (!hasContext(extensions, context)) {
    return refuse('mls.context', 'the group is bound to another meeting, marking, suite, chair or charter')
      .refusal;
  }
  const members = membersOf(state);
  return uncertified(members) ?? expiredLeaf(before, state, clock.unixMs()) ?? judge(members);
};

/** What a removed member can tell: whom it leaves behind, but not who is new among them. */
const farewell = ({ before, committer }: Transition): StagedEpoch => {
  const own = before.privatePath.leafIndex;
  const all = membersOf(before);
  return {
    epoch: before.groupContext.epoch + 1n,
    committer,
    added: [],
    removed: all.filter(({ leaf }) => leaf === own),
    members: all.filter(({ leaf }) => leaf !== own),
    selfRemoved: true,
  };
};

export const describe = (transition: Transition): StagedEpoch => {
  const { before, after, committer } = transition;
  if (after.groupActiveState.kind === 'removedFromGroup') return farewell(transition);
  const [old, members] = [membersOf(before), membersOf(after)];
  return {
    epoch: before.groupContext.epoch + 1n,
    committer,
    added: missingFrom(old, members),
    removed: missingFrom(members, old),
    members,
    selfRemoved: false,
  };
};
