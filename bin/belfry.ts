import { runCommandLine } from './command-line.ts';
import { audit } from './commands/audit.ts';
import { ca } from './commands/ca.ts';
import { check } from './commands/check.ts';
import { convene } from './commands/convene.ts';
import { demo } from './commands/demo.ts';
import { device } from './commands/device.ts';
import { doctor } from './commands/doctor.ts';
import { load } from './commands/load.ts';
import { serve } from './commands/serve.ts';
import { store } from './commands/store.ts';
import { turn } from './commands/turn.ts';

process.exitCode = await runCommandLine(
  [serve, demo, check, convene, device, ca, turn, audit, store, load, doctor],
  process.argv.slice(2),
);
