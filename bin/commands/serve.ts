import { type Command, EXIT, printFailure } from '../command-line.ts';
import { openMeeting, startHosting, untilAskedToEnd } from '../hosting.ts';
import { SETTINGS_HELP, settingsFlags, settingsOf } from '../settings-flags.ts';

export const serve: Command = {
  name: 'serve',
  summary: 'host: start the relay, make a meeting and print its link',
  description: `Starts the relay, makes one meeting, prints its link, and serves until it is asked to end (Ctrl-C, SIGTERM).
The link holds the meeting's secret: hand it to those who are invited, over a way that you trust. The relay
does not hold it. Whoever has the link can join; who may join by name is not decided by this version.

Without --lan only this machine reaches it, by plain HTTP. With --lan (or a --host that is not loopback) it serves the
local network by TLS, with a certificate of an authority of its own that the first start makes: belfry ca root says
what each device must install.

${SETTINGS_HELP}`,
  flags: settingsFlags({}),
  async run(flags) {
    const settings = settingsOf(flags, {});
    if (!settings.ok) {
      printFailure(settings.refusal);
      return EXIT.usage;
    }
    const belfry = await startHosting(settings.value);
    const asked = untilAskedToEnd();
    await openMeeting(belfry);
    console.log('Serving until Ctrl-C.');
    await asked;
    await belfry.stop();
    return EXIT.done;
  },
};
