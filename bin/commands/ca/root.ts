import { copyFile } from 'node:fs/promises';
import { findAuthority } from '../../../src/app/authority/authority.ts';
import { findPeopleRoot } from '../../../src/app/people/authority.ts';
import { BelfryError, messageOf } from '../../../src/base/errors.ts';
import type { Settings } from '../../../src/config/settings.ts';
import { FINGERPRINT_WORD_BITS, hexOf, wordsOf } from '../../../src/trust/hosts/fingerprint.ts';
import { type Command, EXIT, printFailure, textOf, UsageError } from '../../command-line.ts';
import { dayOf } from '../../dates.ts';
import { SETTINGS_HELP, settingsFlags, settingsOf } from '../../settings-flags.ts';
import { FOLDER_FLAG, folderOf } from './people-flags.ts';

/** By device: where a person puts the file. */
const INSTALL = {
  Windows:
    'certutil -addstore Root root.pem (as administrator), or double-click, "Trusted Root Certification Authorities"',
  macOS:
    'open it in Keychain Access, keychain System, then Trust: "When using this certificate: Always Trust"',
  iOS: 'send it by AirDrop or mail, Settings: Profile Downloaded, Install; then General, About, Certificate Trust Settings: on',
  Android: 'Settings, Security, More, Encryption & credentials, Install a certificate: CA certificate',
  Firefox: 'Settings, Privacy & Security, View Certificates, Authorities, Import: "identify websites"',
  Linux:
    'copy to /usr/local/share/ca-certificates/belfry.crt, update-ca-certificates; Chromium: settings, Authorities, Import',
  Node: 'belfry check --ca FILE, or NODE_EXTRA_CA_CERTS=FILE for programs',
} as const;

const printRoot = async ({ stateDir }: Settings, out: string | undefined): Promise<void> => {
  const authority = await findAuthority(stateDir, Date.now());
  if (authority === undefined)
    throw new BelfryError('trust.none', `there is no authority in ${stateDir} yet`, {
      remedy:
        'belfry serve --lan makes it at its first start; or name the folder with --state-dir. For people: --people',
    });
  const { facts, rootPath } = authority;
  if (out !== undefined) await copy(rootPath, out);
  console.log(`Root:     ${out ?? rootPath}`);
  console.log(`          ${facts.subject}, until ${dayOf(facts.validity.untilUnixMs)}`);
  printFingerprint(facts.sha256);
  console.log(
    'It vouches for hosts of this network only, never for people, mail or software. It may vouch for',
  );
  console.log(`          ${[...facts.permitted.domains, ...facts.permitted.ranges].join(', ')}`);
  console.log('Install that file, which holds no key, on each device:');
  for (const [device, how] of Object.entries(INSTALL)) console.log(`  ${device.padEnd(8)} ${how}`);
};

const printFingerprint = (sha256: Uint8Array): void => {
  console.log(`Words:    ${wordsOf(sha256)}`);
  console.log(
    `          (the first ${FINGERPRINT_WORD_BITS} bits of its SHA-256: compare them before you trust the file)`,
  );
  console.log(`SHA-256:  ${hexOf(sha256)}`);
};

const copy = async (from: string, to: string): Promise<void> => {
  try {
    await copyFile(from, to);
  } catch (cause) {
    throw new BelfryError('trust.out', `${to} cannot be written: ${messageOf(cause)}`, { cause });
  }
};

/** The root that devices judge people by. It is no root of the platform: only Belfry's clients take it. */
const printPeopleRoot = async (folder: string, out: string | undefined): Promise<void> => {
  const { path, root } = await findPeopleRoot(folder);
  if (out !== undefined) await copy(path, out);
  console.log(`Root:     ${out ?? path}`);
  console.log(`          valid until ${dayOf(root.validity.untilUnixMs)}`);
  printFingerprint(root.sha256);
  console.log(
    'It vouches for devices of people, never for hosts. Give it to clients and to the relay as a file;',
  );
  console.log('install it on no device as a root.');
};

export const root: Command = {
  name: 'root',
  summary:
    'what devices install to trust this relay, and its fingerprint as words; --people: what they judge people by',
  description: `Prints where the root certificate of this relay's authority is, its fingerprint in hexadecimal digits and as words to
compare by voice, and how it is installed on each kind of device. belfry serve --lan makes the authority.
With --people: the same of the authority for people, which belfry ca init makes and which has nothing to do with the
relay's.

${SETTINGS_HELP}`,
  flags: {
    people: { help: "the root of the authority for people, instead of this relay's" },
    out: { placeholder: 'FILE', help: 'copy the root certificate to FILE, for handing out' },
    'state-dir': settingsFlags({})['state-dir'] ?? { help: '' },
    config: settingsFlags({}).config ?? { help: '' },
    folder: { ...FOLDER_FLAG, help: `with --people: ${FOLDER_FLAG.help}` },
  },
  async run(flags) {
    const out = textOf(flags, 'out');
    if (flags.people === true) {
      await printPeopleRoot(folderOf(flags), out);
      return EXIT.done;
    }
    if (flags.folder !== undefined) throw new UsageError('ca root', '--folder goes with --people');
    const settings = settingsOf(flags, {});
    if (!settings.ok) {
      printFailure(settings.refusal);
      return EXIT.usage;
    }
    await printRoot(settings.value, out);
    return EXIT.done;
  },
};
