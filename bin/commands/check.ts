import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { messageOf } from '../../src/base/errors.ts';
import { type Command, EXIT, type Failure, printFailure } from '../command-line.ts';
import { runSelfCheck } from '../participants.ts';

/** Until the input ends, or as many as meet. */
const linesOf = async (count: number): Promise<string[]> => {
  const lines: string[] = [];
  const input = createInterface({ input: process.stdin });
  for await (const line of input) {
    if (line.trim() !== '') lines.push(line.trim());
    if (lines.length === count) break;
  }
  input.close();
  return lines;
};

/** A sender, and two who hear it. */
const PARTICIPANTS = 3;

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
  summary: 'send three participants into a meeting that you have links to',
  description: `Reads three links into one meeting from the standard input, one to a line and each with a code for one device
(docs/enrolment.md), has a participant with real media enter by each, and prints what each opened of what the others sent. Their
devices end with the command. Links are no arguments, because every user of a machine sees arguments.`,
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
    if (process.stdin.isTTY)
      console.log('Paste three links into the meeting, each with a code, one to a line:');
    const links = await linesOf(PARTICIPANTS);
    if (links.length === 0) {
      printFailure({
        code: 'usage.no-link',
        message: 'no link arrived on the standard input',
        remedy:
          'belfry check < FILE, with the links that demo printed, or the one of convene with a code behind each',
      });
      return EXIT.usage;
    }
    const status = await runSelfCheck({ input: links.join('\n'), ca: root });
    const isTls = links.some((link) => link.startsWith('https:'));
    if (status !== EXIT.done && root === undefined && isTls) console.error(HINT);
    return status === EXIT.done || status === EXIT.usage ? status : EXIT.failed;
  },
};
