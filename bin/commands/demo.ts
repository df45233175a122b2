import type { Belfry } from '../../src/app/start.ts';
import { type Command, EXIT, type ExitStatus, printFailure } from '../command-line.ts';
import { openMeeting, ownInvitationOf, startHosting, untilAskedToEnd } from '../hosting.ts';
import { runSelfCheck } from '../participants.ts';
import { SETTINGS_HELP, settingsFlags, settingsOf } from '../settings-flags.ts';

/** Free ports, so that a demo never meets another; two workers show that rooms spread. */
const DEMO_DEFAULTS = { port: 0, metricsPort: 0, mediaPort: 0, workers: 2, logLevel: 'warn' } as const;

const selfCheck = async (belfry: Belfry, signal: AbortSignal): Promise<boolean> => {
  const meeting = belfry.createMeeting();
  const status = await runSelfCheck({
    input: ownInvitationOf(belfry, meeting),
    ca: belfry.root?.path,
    witness: () => belfry.witnessOf(meeting),
    signal,
  });
  return status === 0;
};

/** Ends early with status 0 when asked to end while the check runs. */
const runDemo = async (belfry: Belfry, once: boolean): Promise<ExitStatus> => {
  const asked = untilAskedToEnd().then(() => 'asked' as const);
  if (!once) await openMeeting(belfry);
  const ending = new AbortController();
  const outcome = await Promise.race([asked, selfCheck(belfry, ending.signal)]);
  ending.abort();
  if (outcome === 'asked') return EXIT.done;
  if (once) return outcome ? EXIT.done : EXIT.failed;
  console.log(
    outcome ? 'Serving until Ctrl-C.' : 'The self-check failed; serving all the same, until Ctrl-C.',
  );
  await asked;
  return EXIT.done;
};

export const demo: Command = {
  name: 'demo',
  summary: 'host on this machine, and check the relay with a sealed meeting of three',
  description: `Starts the relay on loopback (with --lan: on the local network, by TLS) with free ports, makes a meeting and prints
its link. Then three participants in a process of their own meet on the relay with real media, each frame sealed, and
compare what they opened with what was sent. The table says what each received, and whether the relay saw any frame
in clear.

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
    const belfry = await startHosting(settings.value);
    try {
      return await runDemo(belfry, flags.once === true);
    } finally {
      await belfry.stop();
    }
  },
};
