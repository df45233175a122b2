import { createInterface } from 'node:readline';
import { stateDirOf } from '../../src/config/state-dir.ts';
import {
  type Command,
  type CommandGroup,
  EXIT,
  type ExitStatus,
  type Flag,
  type FlagValues,
  textOf,
  UsageError,
} from '../command-line.ts';
import { runDevice } from '../participants.ts';

const FOLDER: Flag = {
  placeholder: 'FOLDER',
  help: "where this machine's device is kept; by default the folder of state with -device behind it",
};
const RELAY: Flag = {
  placeholder: 'URL',
  help: 'the relay, as in https://relay.example:8470; must be given',
};
const CA: Flag = {
  placeholder: 'FILE',
  help: "the relay's root (root.pem of belfry ca root), for relays that begin with https",
};

export const deviceOf = (flags: FlagValues): string =>
  textOf(flags, 'device') ?? `${stateDirOf(process.env)}-device`;

/** Scheme, host and port alone. */
export const relayOf = (flags: FlagValues, path: string): string => {
  const text = textOf(flags, 'relay');
  if (text === undefined) throw new UsageError(path, '--relay is missing');
  const url = URL.parse(text);
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    url.pathname !== '/' ||
    url.search !== '' ||
    url.hash !== ''
  )
    throw new UsageError(path, `--relay takes http(s)://HOST:PORT, not ${JSON.stringify(text)}`);
  return url.origin;
};

export const statusOf = (status: number): ExitStatus => (status === 0 ? EXIT.done : EXIT.failed);

const firstLine = async (): Promise<string> => {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    lines.close();
    return line.trim();
  }
  return '';
};

const enrol: Command = {
  name: 'enrol',
  summary: 'make a key, and ask the authority for a certificate with a one-time code',
  description: `Makes this machine's device: a key that stays here, and a certificate that the authority for people gives for the
code of belfry ca enroll. The code is read from the standard input, because every user of a machine sees arguments. The
relay only carries request and answer; the authority is known by --root, which comes from it by another way.`,
  flags: {
    relay: RELAY,
    root: {
      placeholder: 'FILE',
      help: "the authority's root (people-root.pem of belfry ca publish); must be given",
    },
    device: FOLDER,
    ca: CA,
  },
  async run(flags) {
    const relay = relayOf(flags, 'device enrol');
    const root = textOf(flags, 'root');
    if (root === undefined) throw new UsageError('device enrol', '--root is missing');
    if (process.stdin.isTTY) console.log('Type the code, then Enter:');
    const code = await firstLine();
    return statusOf(
      await runDevice({ kind: 'enrol', relay, root, code, device: deviceOf(flags) }, textOf(flags, 'ca')),
    );
  },
};

const renew: Command = {
  name: 'renew',
  summary: 'ask for a new certificate, without a code; each day is not too often',
  description: `Asks the authority for a new certificate for this machine's device, and for its person's newest clearance. Prints
what devices its person has got since it asked last: one that nobody knows of comes of a stolen code.`,
  flags: { relay: RELAY, device: FOLDER, ca: CA },
  async run(flags) {
    const relay = relayOf(flags, 'device renew');
    return statusOf(await runDevice({ kind: 'renew', relay, device: deviceOf(flags) }, textOf(flags, 'ca')));
  },
};

const show: Command = {
  name: 'show',
  summary: "print whose device this machine's is, and until when",
  description: `Prints person, device and the end of its certificate; with --relay also the devices that its person has got since it last
heard: one that nobody knows of comes of a stolen code.`,
  flags: {
    relay: { ...RELAY, help: 'the relay to ask, as in https://relay.example:8470' },
    device: FOLDER,
    ca: CA,
  },
  async run(flags) {
    const relay = flags.relay === undefined ? {} : { relay: relayOf(flags, 'device show') };
    return statusOf(
      await runDevice({ kind: 'show', ...relay, device: deviceOf(flags) }, textOf(flags, 'ca')),
    );
  },
};

export const device: CommandGroup = {
  name: 'device',
  summary: "this machine's device: enrol, renew, show",
  description: `A device has a key of its own and a certificate that says whose it is (docs/enrolment.md).`,
  commands: [enrol, renew, show],
};
