import type { Settings } from '../src/config/settings.ts';
import { EXIT, type ExitStatus, type FlagValues, printFailure } from './command-line.ts';
import { settingsFlags, settingsOf } from './settings-flags.ts';

const none = { help: '' };

/** For commands that work on what a relay keeps in its folder. */
export const STATE_DIR_FLAGS = {
  'state-dir': settingsFlags({})['state-dir'] ?? none,
  config: settingsFlags({}).config ?? none,
};

/** What a command does in the relay's folder, once it is known which that is. */
export const inStateDir = async (
  values: FlagValues,
  work: (settings: Settings) => Promise<ExitStatus> | ExitStatus,
): Promise<ExitStatus> => {
  const settings = settingsOf(values, {});
  if (settings.ok) return work(settings.value);
  printFailure(settings.refusal);
  return EXIT.usage;
};
