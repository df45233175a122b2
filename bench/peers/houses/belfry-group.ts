import { BelfryError } from '../../../src/base/errors.ts';
import { senderNumber } from '../../../src/signaling/group/senders.ts';
import type { WireGroupHeard, WireGroupSaid } from '../../../src/signaling/protocol/group-schemas.ts';
import { type Kept, LightBlobs } from '../../rekey/light-blobs.ts';
import type { Entrant } from '../../rekey/people.ts';

type HeardOf<Kind extends WireGroupHeard['kind']> = Extract<WireGroupHeard, { kind: Kind }>;
type Epoch = Pick<HeardOf<'ask-commit'>, 'generation' | 'epoch'>;

/** The relay keeps bytes of a group and never reads them: these serve for all of its kinds. */
const PLACEHOLDER = new TextEncoder().encode('a placeholder');

const say = ({ member }: Entrant, said: WireGroupSaid) => member.ask('group', { said });

const heard = async <Kind extends WireGroupHeard['kind']>(
  { member }: Entrant,
  kind: Kind,
): Promise<HeardOf<Kind>> => {
  const text = await member.answer((one) => one.includes(`"heard":{"kind":"${kind}"`));
  return (JSON.parse(text) as { readonly event: { readonly heard: HeardOf<Kind> } }).event.heard;
};

/**
 * A group of so many in the relay's eyes: its witness takes the frames of members alone, by leaf and epoch. Answers by what numbers.
 * What members would compute takes part in nothing that is measured here, so they compute nothing.
 */
export const gather = async (people: readonly Entrant[]): Promise<readonly number[]> => {
  const [founder, ...others] = people;
  if (founder === undefined) throw new BelfryError('bug.no-founder', 'a group of nobody');
  const bytes = await new LightBlobs(founder.place).put(PLACEHOLDER);
  const enter = (one: Entrant) => say(one, { kind: 'enter', keyPackage: bytes });
  const asked = heard(founder, 'ask-create');
  await enter(founder);
  const founded = { generation: (await asked).generation, epoch: 0 };
  // All wait before there is a group, so that one commit adds them.
  await Promise.all(others.map(enter));
  const now = others.length === 0 ? founded : add(founder, others, bytes);
  await say(founder, { kind: 'created', ...founded });
  return beReady(people, await now, bytes);
};

const add = async (founder: Entrant, others: readonly Entrant[], bytes: Kept): Promise<Epoch> => {
  const welcomes = Promise.all(others.map((one) => heard(one, 'welcome')));
  const { generation, epoch, add: added } = await heard(founder, 'ask-commit');
  await say(founder, {
    kind: 'commit',
    generation,
    epoch,
    commit: bytes,
    welcomes: added.map(({ participant }) => ({ participant, blob: bytes })),
    removed: [],
    tree: bytes,
  });
  await welcomes;
  return { generation, epoch: epoch + 1 };
};

const beReady = (people: readonly Entrant[], { generation, epoch }: Epoch, { hash }: Kept) =>
  Promise.all(
    people.map(async (one, leaf) => {
      await say(one, { kind: 'ready', generation, epoch, digest: hash, leaf });
      return senderNumber(leaf, epoch);
    }),
  );
