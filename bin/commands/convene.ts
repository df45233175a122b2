import type { Source } from '../../src/base/media.ts';
import { DEFAULT_GRANTS, DEFAULT_SUITE, SUITES } from '../../src/trust/charter/charter.ts';
import { titleText } from '../../src/trust/hall/title.ts';
import { type Command, type FlagValues, listOf, textOf, UsageError } from '../command-line.ts';
import { runConvene } from '../participants.ts';
import { idOf } from './ca/people-flags.ts';
import { deviceOf, relayOf, statusOf } from './device.ts';

const PATH = 'convene';

const suiteOf = (flags: FlagValues): { readonly suite?: string } => {
  const suite = textOf(flags, 'suite');
  if (suite === undefined) return {};
  if (!SUITES.some((known) => known === suite))
    throw new UsageError(PATH, `--suite takes ${SUITES.join(', ')}, not ${JSON.stringify(suite)}`);
  return { suite };
};

/** A screen is shown with its sound. */
const GRANTABLE: Readonly<Record<string, readonly Source[]>> = {
  microphone: ['microphone'],
  camera: ['camera'],
  screen: ['screen', 'screen-audio'],
};
const NOTHING = 'none';

/** Written into the charter, whether it was said or not: what is signed leaves nothing to a default. */
const grantsOf = (flags: FlagValues): readonly Source[] => {
  const text = textOf(flags, 'grant');
  if (text === undefined) return DEFAULT_GRANTS;
  if (text === NOTHING) return [];
  const grants = [...new Set(text.split(','))].map((name) =>
    Object.hasOwn(GRANTABLE, name) ? GRANTABLE[name] : undefined,
  );
  if (!grants.every((sources) => sources !== undefined))
    throw new UsageError(
      PATH,
      `--grant takes some of ${Object.keys(GRANTABLE).join(',')} with commas between, or ${NOTHING}, not ${JSON.stringify(text)}`,
    );
  return grants.flat();
};

export const convene: Command = {
  name: PATH,
  summary: 'open a meeting by a charter that this machine’s device signs, and print its link',
  description: `Signs who may enter a new meeting, at which marking and under whose chair, and has the relay open it. The relay can
check the charter and cannot change it. Whoever is named comes in; without --person everybody who is cleared for the marking waits
before the door until the chair lets them in.`,
  flags: {
    relay: { placeholder: 'URL', help: 'the relay, as in https://relay.example:8470; must be given' },
    level: { placeholder: 'LEVEL', help: 'the marking, by its id in the scale; must be given' },
    group: {
      placeholder: 'GROUP',
      help: 'a group that everybody must be in; may be given several times',
      repeats: true,
    },
    person: { placeholder: 'ID', help: 'somebody who may enter; may be given several times', repeats: true },
    chair: { placeholder: 'ID', help: 'who chairs; by default whose device this is' },
    deputy: {
      placeholder: 'ID',
      help: 'who follows in the chair, in this order; may be given several times',
      repeats: true,
    },
    suite: {
      placeholder: 'SUITE',
      help: `how its devices agree on keys: ${SUITES.join(', ')}; by default ${DEFAULT_SUITE}, which holds against quantum computers`,
    },
    'opens-with-chair': {
      help: 'nobody comes in before the chair or a deputy has; without it, whoever is named may come first',
    },
    grant: {
      placeholder: 'SOURCES',
      help: `what members may send from their coming on, until the chair says otherwise: some of ${Object.keys(GRANTABLE).join(',')}, or ${NOTHING}; by default ${DEFAULT_GRANTS.join(',')}`,
    },
    title: {
      placeholder: 'TEXT',
      help: 'what the meeting is called; the relay is not told it: it is in the link for the chair alone',
    },
    device: {
      placeholder: 'FOLDER',
      help: "where this machine's device is kept; by default the folder of state with -device behind it",
    },
    ca: {
      placeholder: 'FILE',
      help: "the relay's root (root.pem of belfry ca root), for relays that begin with https",
    },
  },
  async run(flags) {
    const relay = relayOf(flags, PATH);
    const level = textOf(flags, 'level');
    if (level === undefined) throw new UsageError(PATH, '--level is missing');
    const chair = textOf(flags, 'chair');
    const ids = (name: string) => listOf(flags, name).map((id) => idOf(id, PATH));
    const plan = {
      level,
      groups: listOf(flags, 'group'),
      persons: ids('person'),
      ...(chair === undefined ? {} : { chair: idOf(chair, PATH) }),
      deputies: ids('deputy'),
      ...suiteOf(flags),
      opensWithChair: flags['opens-with-chair'] === true,
      grants: grantsOf(flags),
    };
    const title = textOf(flags, 'title');
    if (title !== undefined && !titleText.safeParse(title).success)
      throw new UsageError(PATH, '--title takes a line of text, of at most 120 bytes');
    return statusOf(
      await runConvene(
        { relay, device: deviceOf(flags), plan, ...(title === undefined ? {} : { title }) },
        textOf(flags, 'ca'),
      ),
    );
  },
};
