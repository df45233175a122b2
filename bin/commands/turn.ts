import { issueTurnCertificate, writeTurnCertificate } from '../../src/app/turn/certificate.ts';
import type { Settings } from '../../src/config/settings.ts';
import { type Command, type CommandGroup, EXIT, printFailure } from '../command-line.ts';
import { SETTINGS_HELP, settingsFlags, settingsOf } from '../settings-flags.ts';

const OUT = 'turn.pem';

const makeCertificate = async (settings: Settings, out: string): Promise<void> => {
  const { addresses, keyed } = await issueTurnCertificate(settings);
  await writeTurnCertificate(out, keyed);
  console.log(`Certificate and key for ${addresses.join(', ')}: ${out}`);
  console.log(`In coturn's configuration, readable by coturn's user alone: cert=${out} and pkey=${out}`);
};

const flags = settingsFlags({});
const none = { help: '' };

const certificate: Command = {
  name: 'certificate',
  summary: "for the deployment's own TURN server, from the relay's authority",
  description: `Makes a certificate for the addresses that --turn-servers reaches by TLS (turns:ADDRESS:443), which devices that
installed the root of belfry ca root trust. It lasts 397 days: make it anew before, and have coturn read it again.
docs/turn.md says how coturn is set up.

${SETTINGS_HELP}`,
  flags: {
    out: {
      placeholder: 'FILE',
      help: `where certificate and key are written, for the owner alone (default ${OUT})`,
    },
    'turn-servers': flags['turn-servers'] ?? none,
    'state-dir': flags['state-dir'] ?? none,
    config: flags.config ?? none,
  },
  async run(values) {
    const settings = settingsOf(values, {});
    if (!settings.ok) {
      printFailure(settings.refusal);
      return EXIT.usage;
    }
    await makeCertificate(settings.value, typeof values.out === 'string' ? values.out : OUT);
    return EXIT.done;
  },
};

export const turn: CommandGroup = {
  name: 'turn',
  summary: "certificate: for the deployment's own TURN server, from the relay's authority",
  description:
    'A TURN server of the deployment helps where a network lets nothing through to the relay itself (docs/turn.md).',
  commands: [certificate],
};
