import { createInterface } from 'node:readline';
import { type Command, EXIT, printFailure } from '../command-line.ts';
import { runSelfCheck } from '../participants.ts';

const firstLine = async (): Promise<string | undefined> => {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    lines.close();
    return line.trim();
  }
  return undefined;
};

export const check: Command = {
  name: 'check',
  summary: 'send three participants into a meeting whose link you have',
  description: `Reads a meeting's link from the standard input, has three participants with real media join it, and prints what
each opened of what the others sent. The link is no argument, because every user of a machine sees arguments.`,
  flags: {},
  async run() {
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
    const status = await runSelfCheck({ input: link });
    return status === EXIT.done || status === EXIT.usage ? status : EXIT.failed;
  },
};
