import { type ClientState, createCommit, encodeMlsMessage, type Proposal, type Welcome } from 'ts-mls';
import { encode } from 'ts-mls/codec/tlsEncoder.js';
import { ratchetTreeEncoder } from 'ts-mls/ratchetTree.js';
import type { Bytes } from '../../base/bytes.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import { hallExtension } from './hall.ts';
import { readKeyPackage } from './key-packages.ts';
import { attempt, type Tools } from './library.ts';
import type { Change, HallKey, OwnCommit } from './port.ts';
import type { Transition } from './staging.ts';

/** Above what a meeting holds; bounds the work that one commit makes for everybody. */
const MAX_PROPOSALS = 1024;

export interface MadeCommit {
  readonly transition: Transition;
  readonly wire: Pick<OwnCommit, 'message' | 'welcomes' | 'tree' | 'treeBlobHash'>;
}

const proposalsOf = ({ add = [], remove = [] }: Change, tools: Tools): Result<Proposal[]> => {
  if (add.length + remove.length > MAX_PROPOSALS) {
    return refuse(
      'mls.too-many-proposals',
      `${add.length + remove.length} changes in one commit`,
      'split them',
    );
  }
  const proposals: Proposal[] = remove.map((removed) => ({ proposalType: 'remove', remove: { removed } }));
  for (const bytes of add) {
    const keyPackage = readKeyPackage(bytes, tools);
    if (!keyPackage.ok) return keyPackage;
    proposals.push({ proposalType: 'add', add: { keyPackage: keyPackage.value } });
  }
  return ok(proposals);
};

/** One Welcome per joiner, so that nobody fetches the others' part. */
const splitWelcome = (welcome: Welcome | undefined): Bytes[] =>
  (welcome?.secrets ?? []).map((secret) =>
    encodeMlsMessage({
      version: 'mls10',
      wireformat: 'mls_welcome',
      welcome: { ...(welcome as Welcome), secrets: [secret] },
    }),
  );

const createdFrom = async (
  state: ClientState,
  tools: Tools,
  hall: readonly HallKey[],
  extraProposals: Proposal[],
): Promise<MadeCommit> => {
  const isRemoval = extraProposals.some(({ proposalType }) => proposalType === 'remove');
  const groupInfoExtensions = [hallExtension({ keys: hall, turns: isRemoval })];
  const context = { state, cipherSuite: tools.crypto };
  const made = await createCommit(context, { extraProposals, groupInfoExtensions });
  const tree = encode(ratchetTreeEncoder)(made.newState.ratchetTree);
  return {
    transition: {
      before: state,
      after: made.newState,
      committer: state.privatePath.leafIndex,
      isRemoval,
      consumed: made.consumed,
    },
    wire: {
      message: encodeMlsMessage(made.commit),
      welcomes: splitWelcome(made.welcome),
      tree,
      treeBlobHash: await tools.crypto.hash.digest(tree),
    },
  };
};

export const makeCommit = async (
  state: ClientState,
  change: Change,
  tools: Tools,
  hall: readonly HallKey[],
): Promise<Result<MadeCommit>> => {
  const proposals = proposalsOf(change, tools);
  if (!proposals.ok) return proposals;
  return attempt('mls.impossible-commit', () => createdFrom(state, tools, hall, proposals.value));
};
