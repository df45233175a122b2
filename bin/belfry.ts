import { type Command, type CommandGroup, runCommandLine } from './command-line.ts';

type Load = () => Promise<Command | CommandGroup>;

/** Each is loaded where it is named: none needs what the others are made of. */
const COMMANDS = new Map<string, Load>([
  ['serve', async () => (await import('./commands/serve.ts')).serve],
  ['demo', async () => (await import('./commands/demo.ts')).demo],
  ['check', async () => (await import('./commands/check.ts')).check],
  ['convene', async () => (await import('./commands/convene.ts')).convene],
  ['device', async () => (await import('./commands/device.ts')).device],
  ['ca', async () => (await import('./commands/ca.ts')).ca],
  ['turn', async () => (await import('./commands/turn.ts')).turn],
  ['audit', async () => (await import('./commands/audit.ts')).audit],
  ['store', async () => (await import('./commands/store.ts')).store],
  ['load', async () => (await import('./commands/load.ts')).load],
  ['doctor', async () => (await import('./commands/doctor.ts')).doctor],
]);

const args = process.argv.slice(2);
const named = COMMANDS.get(args[0] ?? '');
// Whoever names none is told of all.
const loading = named === undefined ? [...COMMANDS.values()] : [named];
process.exitCode = await runCommandLine(await Promise.all(loading.map((load) => load())), args);
