/**
 * Participants of a load run as a process: it is told whom to be over the channel of its parent, and tells second by second
 * what it measures. It ends when it is told to, or when its parent is gone.
 */
import { Crew } from './crew.ts';
import { openDevices } from './devices.ts';
import { Groups } from './groups.ts';
import type { Means } from './means.ts';
import type { CrewOrder, DevicesOrder, FromCrew, ToCrew } from './messages.ts';
import { rehearse } from './rehearse.ts';
import { warmUp } from './warm-up.ts';

const tell = (message: FromCrew): void => {
  process.send?.(message);
};

let crew: Promise<Crew> | undefined;
const means = Promise.withResolvers<Means>();

const prepare = async (order: DevicesOrder): Promise<void> => {
  await warmUp();
  const opened = { devices: await openDevices(order.devices), groups: new Groups() };
  if (order.rehearsal !== undefined) await rehearse(order.rehearsal, opened);
  means.resolve(opened);
  tell({ kind: 'ready' });
};

const start = async (order: CrewOrder): Promise<Crew> => Crew.start(order, await means.promise, tell);

/** Settles when the parent has all that was told before. */
const told = (): Promise<void> =>
  new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else process.send({ kind: 'ended' } satisfies FromCrew, undefined, undefined, () => resolve());
  });

const end = async (): Promise<void> => {
  await (await crew)?.end();
  await told();
  process.exit(0);
};

process.on('message', (message: ToCrew) => {
  if (message.kind === 'devices') void prepare(message);
  else if (message.kind === 'start') crew = start(message);
  else void end();
});
// Ctrl-C reaches the whole group: the parent says when it is time.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
// Sockets of the media stack may linger: what had to be said has been said.
process.once('disconnect', () => process.exit(0));
