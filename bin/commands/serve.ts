import { type Command, EXIT, type Failure, printFailure } from '../command-line.ts';
import { startHosting, untilAskedToEnd } from '../hosting.ts';
import { SETTINGS_HELP, settingsFlags, settingsOf } from '../settings-flags.ts';

const NO_PEOPLE: Failure = {
  code: 'usage.people',
  message: 'no folder with the public files of an authority for people is named',
  remedy:
    'belfry ca init makes the authority, belfry ca publish --out FOLDER its public files (docs/enrolment.md): then serve --people FOLDER',
};

export const serve: Command = {
  name: 'serve',
  summary: 'host: start the relay, whose people enter by certificate',
  description: `Starts the relay and serves until it is asked to end (Ctrl-C, SIGTERM). Devices open meetings by a charter, and
enter them by certificate. The relay judges both by the public files of the authority for people, in the folder that --people
names: docs/enrolment.md says how they come to be. There is no other way in.

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
    const { people } = settings.value;
    if (people === undefined) {
      printFailure(NO_PEOPLE);
      return EXIT.usage;
    }
    const belfry = await startHosting(settings.value);
    const asked = untilAskedToEnd();
    console.log(`People:   enter by certificate and charter alone, judged by the files in ${people}`);
    console.log('Serving until Ctrl-C.');
    await asked;
    await belfry.stop();
    return EXIT.done;
  },
};
