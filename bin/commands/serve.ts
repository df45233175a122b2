import { type Command, EXIT, printFailure } from '../command-line.ts';
import { openMeeting, startHosting, untilAskedToEnd } from '../hosting.ts';
import { SETTINGS_HELP, settingsFlags, settingsOf } from '../settings-flags.ts';

export const serve: Command = {
  name: 'serve',
  summary: 'host: start the relay, make a meeting and print its link',
  description: `Starts the relay, makes one meeting, prints its link, and serves until it is asked to end (Ctrl-C, SIGTERM).
The link holds the meeting's secret: hand it to those who are invited, over a way that you trust. The relay
does not hold it. Whoever has the link can join.

With --people it makes no meeting and takes no link: devices open meetings by a charter, and enter them by certificate
(docs/enrolment.md).

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
    const { people } = settings.value;
    if (people === undefined) await openMeeting(belfry);
    else console.log(`People:   enter by certificate and charter alone, judged by the files in ${people}`);
    console.log('Serving until Ctrl-C.');
    await asked;
    await belfry.stop();
    return EXIT.done;
  },
};
