import { runChecks } from '../../src/app/doctor/checks.ts';
import type { Finding } from '../../src/app/doctor/finding.ts';
import { type Command, EXIT, printFailure } from '../command-line.ts';
import { SETTINGS_HELP, settingsFlags, settingsOf } from '../settings-flags.ts';

const MARKS = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' } as const;

const print = (name: string, { verdict, detail, remedy }: Finding): void => {
  console.log(`${MARKS[verdict]}  ${name.padEnd(12)} ${detail}`);
  if (remedy !== undefined) console.log(`${' '.repeat(19)}What to do: ${remedy}`);
};

export const doctor: Command = {
  name: 'doctor',
  summary: 'check that this machine can host, before a meeting needs it',
  description: `Checks Node, the media worker, the ports, the limit of open files, the kernel's socket buffers and the clock, and
that starting the relay looks up no name. Takes the same settings as serve. Status 1 where a check fails; a warning
alone is status 0.

${SETTINGS_HELP}`,
  flags: settingsFlags({}),
  async run(flags) {
    const settings = settingsOf(flags, {});
    if (!settings.ok) {
      printFailure(settings.refusal);
      return EXIT.usage;
    }
    const findings = await runChecks(settings.value, print);
    return findings.some(({ verdict }) => verdict === 'fail') ? EXIT.failed : EXIT.done;
  },
};
