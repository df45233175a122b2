import { findPeopleRoot } from '../../../src/app/people/authority.ts';
import type { DeskNote } from '../../../src/app/people/desk.ts';
import { type DeskListener, keepDesk, makeDesk } from '../../../src/app/people/keep-desk.ts';
import { publishTo } from '../../../src/app/people/publish.ts';
import { hereAndNow } from '../../../src/app/people/surroundings.ts';
import { type Command, EXIT, type FlagValues, printFailure, textOf, UsageError } from '../../command-line.ts';
import { minuteOf } from '../../dates.ts';
import { FOLDER_FLAG, folderOf } from './people-flags.ts';

const needed = (flags: FlagValues, name: string, path: string): string => {
  const value = textOf(flags, name);
  if (value === undefined) throw new UsageError(path, `--${name} is missing`);
  return value;
};

const LINES: { readonly [Kind in DeskNote['kind']]: (note: Extract<DeskNote, { kind: Kind }>) => string } = {
  issued: ({ issued: { person, device, isRenewed, untilUnixMs } }) =>
    `${isRenewed ? 'Renewed: ' : 'Enrolled:'} ${device} of ${person}, until ${minuteOf(untilUnixMs)}`,
  refused: ({ keyId, why }) => `Refused:  key ${keyId}: ${why}`,
  dropped: ({ keyId, why }) => `Dropped:  ${keyId}: ${why}`,
};
const lineOf = (note: DeskNote): string => (LINES[note.kind] as (note: DeskNote) => string)(note);

const listenerFor = (out: string | undefined): DeskListener => ({
  onNote: (note) => console.log(lineOf(note)),
  onPublished: (names) => console.log(`Written:  ${names.join(', ')} in ${out}`),
  onWaiting: () => console.log('Answering until Ctrl-C.'),
  onTrouble: printFailure,
});

export const desk: Command = {
  name: 'desk',
  summary: 'answer the requests of devices that wait in a mailbox',
  description: `Answers what devices asked through the relay of belfry serve --enrolment FOLDER: each that has a code of belfry ca
enroll, or a certificate already, is given a certificate, its person's clearance and the scale of markings. Carry the
mailbox to this host and back, or let both share it; nothing in it is secret, and nothing in it can be changed unseen.
A device hears only that it was refused; why is printed here.`,
  flags: {
    folder: FOLDER_FLAG,
    mailbox: { placeholder: 'FOLDER', help: 'the folder of --enrolment; must be given' },
    once: { help: 'answer what waits now, and end' },
    publish: {
      placeholder: 'FOLDER',
      help: 'write the public files there, as belfry ca publish does, at each change',
    },
  },
  async run(flags) {
    const path = needed(flags, 'mailbox', 'ca desk');
    const folder = folderOf(flags);
    // A wrong folder is said now, not when the first device asks.
    await findPeopleRoot(folder);
    const ending = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => ending.abort());
    const out = textOf(flags, 'publish');
    const places = { folder, mailbox: path, publish: out };
    if (flags.once === true) {
      await makeDesk(places, listenerFor(out))();
      return EXIT.done;
    }
    await keepDesk(places, listenerFor(out), ending.signal);
    return EXIT.done;
  },
};

export const publish: Command = {
  name: 'publish',
  summary: 'write what a relay and everybody may have: root, scale and list of revocations',
  description: `Writes the public files of the authority for people into a folder: its root, its scale of markings, signed, and its
newest list of revocations. Run it again after each belfry ca revoke.`,
  flags: { folder: FOLDER_FLAG, out: { placeholder: 'FOLDER', help: 'where they go; must be given' } },
  async run(flags) {
    const out = needed(flags, 'out', 'ca publish');
    const names = await publishTo(hereAndNow(folderOf(flags)), out);
    console.log(`Written:  ${names.join(', ')} in ${out}`);
    return EXIT.done;
  },
};
