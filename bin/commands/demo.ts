import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Belfry } from '../../src/app/start.ts';
import { asId, type MeetingId } from '../../src/base/ids.ts';
import type { Settings } from '../../src/config/settings.ts';
import { type Command, EXIT, type ExitStatus, printFailure } from '../command-line.ts';
import { Directing } from '../demo/directing.ts';
import { originsOf, startHosting, untilAskedToEnd } from '../hosting.ts';
import { SETTINGS_HELP, settingsFlags, settingsOf } from '../settings-flags.ts';

/** Free ports, so that a demo never meets another; two workers show that rooms spread. */
const DEMO_DEFAULTS = { port: 0, metricsPort: 0, mediaPort: 0, workers: 2, logLevel: 'warn' } as const;

const servingOf = (belfry: Belfry, isOnce: boolean) => {
  const { own, page } = originsOf(belfry);
  return { origin: own, pageOrigin: page, ca: belfry.root?.path, once: isOnce };
};

/** Ends early with status 0 when asked to end while the check runs. */
const runDemo = async (belfry: Belfry, directing: Directing, isOnce: boolean): Promise<ExitStatus> => {
  const asked = untilAskedToEnd().then(() => 'asked' as const);
  const checked = directing.check(servingOf(belfry, isOnce), (meeting) =>
    belfry.witnessOf(asId<MeetingId>(meeting)),
  );
  // Who was asked to end waits for nothing: what the check comes to is nobody's business any more.
  checked.catch(() => {});
  const outcome = await Promise.race([asked, checked]);
  if (outcome === 'asked') return EXIT.done;
  const passed = outcome === 0;
  if (isOnce) return passed ? EXIT.done : EXIT.failed;
  console.log(
    passed ? 'Serving until Ctrl-C.' : 'The self-check failed; serving all the same, until Ctrl-C.',
  );
  await asked;
  return EXIT.done;
};

/** Of the authority and what it hands to the relay: gone with the demonstration. */
const foldersIn = (home: string) => ({
  folder: join(home, 'authority'),
  mailbox: join(home, 'mailbox'),
  publish: join(home, 'public'),
  store: join(home, 'store'),
});

type DemoFolders = ReturnType<typeof foldersIn>;

const inFolders = async (settings: Settings, folders: DemoFolders, isOnce: boolean): Promise<ExitStatus> => {
  const { folder, mailbox, publish } = folders;
  const directing = await Directing.begin({ folder, mailbox, publish });
  try {
    const served = { ...settings, people: publish, enrolment: mailbox };
    const belfry = await startHosting(served, { storeDir: folders.store });
    try {
      return await runDemo(belfry, directing, isOnce);
    } finally {
      await belfry.stop();
    }
  } finally {
    await directing.end();
  }
};

export const demo: Command = {
  name: 'demo',
  summary: 'host on this machine, and check the relay with a sealed meeting of three',
  description: `Starts the relay on loopback (with --lan: on the local network, by TLS) with free ports. An authority in a process of its own
enrols three people, one of whom opens a meeting by a charter; a link for each enrols one browser. Then the three, in a
process of their own, meet on the relay with real media, each frame sealed, and compare what they opened with what was sent. The
table says what each received, and whether the relay saw any frame in clear.

${SETTINGS_HELP}`,
  flags: {
    once: { help: 'end after the self-check: status 0 where it passed, 1 with a reason where not' },
    ...settingsFlags(DEMO_DEFAULTS),
  },
  async run(flags) {
    const settings = settingsOf(flags, DEMO_DEFAULTS);
    if (!settings.ok) {
      printFailure(settings.refusal);
      return EXIT.usage;
    }
    const home = await mkdtemp(join(tmpdir(), 'belfry-demo-'));
    try {
      return await inFolders(settings.value, foldersIn(home), flags.once === true);
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  },
};
