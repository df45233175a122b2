import {
  backUpStore,
  restoreRelayStore,
  type StoreFigures,
  storePathIn,
  verifyStore,
} from '../../src/app/store/store.ts';
import { type Command, type CommandGroup, EXIT } from '../command-line.ts';
import { SETTINGS_HELP } from '../settings-flags.ts';
import { STATE_DIR_FLAGS as flags, inStateDir } from '../state-dir.ts';

const printFigures = (path: string, figures: StoreFigures): void => {
  console.log(`Store:    ${path}, of version ${figures.version}`);
  console.log(`Meetings: ${figures.openMeetings} open, ${figures.endedMeetings} ended`);
  console.log(`Used:     ${figures.oneTimes} codes and nonces that have not expired`);
  console.log(`Entries:  ${figures.entries} of what happened in open meetings`);
  console.log(`List:     ${figures.newestList === 0 ? 'none seen' : `number ${figures.newestList}`}`);
};

const backup: Command = {
  name: 'backup',
  summary: 'copy the store into a file, also while the relay runs',
  description: `Writes what the relay keeps into FILE, as it was at one moment, and looks the copy through. FILE must not be there yet.
It holds the charters of open meetings: who is invited, under pseudonyms. Keep it where only its owner reads it.

${SETTINGS_HELP}`,
  operand: { placeholder: 'FILE' },
  flags,
  run: (values, file = '') =>
    inStateDir(values, ({ stateDir }) => {
      printFigures(file, backUpStore(stateDir, file));
      console.log('Whole: it was read from end to end, and is on the disk.');
      return EXIT.done;
    }),
};

const restore: Command = {
  name: 'restore',
  summary: 'put a backup in the place of the store, while no relay runs',
  description: `Looks the backup FILE through, puts a copy of it in the place of the store, and that aside. Stop the relay first.
What was decided after the backup is not in it: meetings that ended are open again, what was ordered in open ones
is undone, removals for good as well, and codes and nonces that have not expired count as unused. End those meetings, and hand
the relay the newest list of revocations.

${SETTINGS_HELP}`,
  operand: { placeholder: 'FILE' },
  flags,
  run: (values, file = '') =>
    inStateDir(values, async ({ stateDir }) => {
      const { figures, aside } = await restoreRelayStore(stateDir, file, Date.now());
      printFigures(storePathIn(stateDir), figures);
      if (aside !== undefined) console.log(`Aside:    ${aside}`);
      console.log(
        'What was decided after this backup was made is not in it: see belfry store restore --help',
      );
      return EXIT.done;
    }),
};

const verify: Command = {
  name: 'verify',
  summary: 'whether a store or a backup is whole',
  description: `Reads the store, or the backup FILE, from end to end, and says what it holds. The relay may run. Status 1 where it is
damaged, and then a backup helps: belfry store restore.

${SETTINGS_HELP}`,
  operand: { placeholder: 'FILE', isOptional: true },
  flags,
  run: (values, file) =>
    inStateDir(values, ({ stateDir }) => {
      const path = file ?? storePathIn(stateDir);
      printFigures(path, verifyStore(path));
      console.log('Whole: it was read from end to end.');
      return EXIT.done;
    }),
};

export const store: CommandGroup = {
  name: 'store',
  summary: 'what a relay keeps over a restart: back up, restore, verify',
  description: `Holds open meetings with their charters and the entries of what happened in them, the ids of meetings that ended, used
codes and nonces, and the number of the newest list of revocations, in relay.sqlite of the folder of state; no key and no title. A
relay that starts again goes on with these meetings, and whoever was in one enters anew.`,
  commands: [backup, restore, verify],
};
