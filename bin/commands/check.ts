import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { messageOf } from '../../src/base/errors.ts';
import { type Command, EXIT, type Failure, printFailure } from '../command-line.ts';
import { runSelfCheck } from '../participants.ts';

const firstLine = async (): Promise<string | undefined> => {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    lines.close();
    return line.trim();
  }
  return undefined;
};

const HINT =
  "Was it the relay's certificate? This machine may not know its authority: belfry check --ca FILE";

/** Node itself would only warn, and then refuse the relay for a reason that names no file. */
const rootFault = (path: string): Failure | undefined => {
  try {
    new X509Certificate(readFileSync(path));
    return undefined;
  } catch (error) {
    const message = `${path} is no certificate: ${messageOf(error)}`;
    return {
      code: 'usage.ca',
      message,
      remedy: 'copy root.pem from the relay: belfry ca root says where it is',
    };
  }
};

export const check: Command = {
  name: 'check',
  summary: 'send three participants into a meeting whose link you have',
  description: `Reads a meeting's link from the standard input, has three participants with real media join it, and prints what
each opened of what the others sent. The link is no argument, because every user of a machine sees arguments.`,
  flags: {
    ca: {
      placeholder: 'FILE',
      help: "the relay's root (root.pem of belfry ca root), for links that begin with https",
    },
  },
  async run({ ca }) {
    const root = typeof ca === 'string' ? ca : undefined;
    const fault = root === undefined ? undefined : rootFault(root);
    if (fault !== undefined) {
      printFailure(fault);
      return EXIT.usage;
    }
    if (process.stdin.isTTY) console.log('Paste the link of the meeting, then Enter:');
    const link = await firstLine();
    if (link === undefined || link === '') {
      printFailure({
        code: 'usage.no-link',
        message: 'no link arrived on the standard input',
        remedy: "echo 'LINK' | belfry check, with the link that serve or demo printed",
      });
      return EXIT.usage;
    }
    const status = await runSelfCheck({ input: link, ca: root });
    if (status !== EXIT.done && root === undefined && link.startsWith('https:')) console.error(HINT);
    return status === EXIT.done || status === EXIT.usage ? status : EXIT.failed;
  },
};
