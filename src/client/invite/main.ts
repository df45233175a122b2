/**
 * Reads an invitation from the standard input, makes the meeting's secret, and prints the link: a process of its own, so
 * that the relay's never holds a secret. Status 0, or 2 where the input is no invitation.
 */
import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { formatLink } from '../link.ts';
import { acceptInvitation } from './invitation.ts';

const accepted = acceptInvitation(await text(process.stdin), (size) => new Uint8Array(randomBytes(size)));
if (accepted.ok) {
  console.log(`Meeting:  ${formatLink(accepted.value)}`);
  const root = accepted.value.origin.startsWith('https:') ? ' --ca ROOT' : '';
  console.log(
    '          Open it in a browser. Whoever has this link can join: the part after # holds the secret, and',
  );
  console.log('          never reaches the relay.');
  console.log(
    `          Three headless participants join it from a terminal: npm run -s belfry -- check${root}`,
  );
} else {
  console.error(`belfry: ${accepted.refusal.message} [${accepted.refusal.code}]`);
  process.exitCode = 2;
}
