import { type Command, type CommandGroup, textOf } from '../command-line.ts';
import { runGenerator } from './load/program.ts';
import { ladder, run } from './load/run.ts';

const list: Command = {
  name: 'list',
  summary: 'the scenarios that are shipped',
  description: 'Names each scenario, what it is, and how large its forms are.',
  flags: {},
  run: () => runGenerator({ kind: 'list' }),
};

const report: Command = {
  name: 'report',
  summary: 'print the figures of a run again, and make its page anew',
  description: 'FOLDER is that of a run: report.html is made anew from its result.json.',
  operand: { placeholder: 'FOLDER' },
  flags: {},
  run: (_, folder) => runGenerator({ kind: 'report', folder }),
};

const compare: Command = {
  name: 'compare',
  summary: 'what changed between two runs, beyond noise',
  description: `A and B are folders of runs. A figure is called changed where chance alone would seldom bring such a difference; where the
runs differ in scenario, size or machine, that is said first. Status 3 where one of them is INVALID.`,
  operand: { placeholder: 'A' },
  secondOperand: { placeholder: 'B' },
  flags: {},
  run: (_, a, b) => runGenerator({ kind: 'compare', a, b }),
};

const CALIBRATE_SECONDS = 2;

const calibrate: Command = {
  name: 'calibrate',
  summary: 'what the generator itself can take on this machine, of a server that costs nothing',
  description: `The receiving side of participants, in one process for each weight, stands before a null reflector whose rate rises until they
do not keep up. Status 3 where something other than the receiver ended the climb: then it may take more than was found.`,
  flags: { out: { placeholder: 'FOLDER', help: 'where result.json goes (default load-results/calibrate)' } },
  run: (flags) => {
    const out = textOf(flags, 'out');
    return runGenerator({
      kind: 'calibrate',
      seconds: CALIBRATE_SECONDS,
      ...(out === undefined ? {} : { out }),
    });
  },
};

export const load: CommandGroup = {
  name: 'load',
  summary: 'run, ladder, list, report, compare, calibrate: test with many participants what a relay bears',
  description: `Participants with real media meet on a relay and measure what it does, from the moment at which each thing was planned.
Where the generator itself was the limit, the run is INVALID: never taken for a slow server (docs/load.md).`,
  commands: [run, ladder, list, report, compare, calibrate],
};
