/**
 * Convenes a meeting as somebody who is enrolled with a code, and prints a link for each who is invited, with a code for
 * one device each: reads its order as JSON from the standard input. A process of its own, so that the relay's never holds a code or
 * a secret. Status 0, or 1 where something was refused.
 */
import { text } from 'node:stream/consumers';
import { BelfryError } from '../../base/errors.ts';
import { secureRandomBytes, systemClock } from '../../base/platform.ts';
import { openWebSocket } from '../connection/web-socket.ts';
import { convene } from '../convene/convene.ts';
import { printRefusal } from '../device/print.ts';
import type { Fetch } from '../enrol/fetch-port.ts';
import { formatLink } from '../link.ts';
import { enrolHere } from './enrol-cast.ts';
import { inviting } from './order.ts';

const run = async (): Promise<number> => {
  const { code, plan, title, invited, pageOrigin, ...place } = inviting.parse(
    JSON.parse(await text(process.stdin)),
  );
  const tools = { fetch: fetch as Fetch, clock: systemClock };
  const device = await enrolHere(place, code, tools);
  const platform = { openSocket: openWebSocket, clock: systemClock, randomBytes: secureRandomBytes };
  const convened = await convene(
    { origin: place.origin, device, ...platform },
    { ...plan, chair: plan.chair },
  );
  if (!convened.ok) return printRefusal(convened.refusal);
  const level = device.scale.levels.find(({ id }) => id === plan.level);
  console.log(
    `Meeting:  ${level?.marking ?? plan.level}. One link for each, in a browser profile of its own:`,
  );
  for (const [i, { name, code: ownCode }] of invited.entries()) {
    const link = { ...convened.value, origin: pageOrigin, code: ownCode };
    console.log(
      `  ${name.padEnd(8)}${formatLink(i === 0 && title !== undefined ? { ...link, title } : link)}`,
    );
  }
  console.log(
    '          Each enrols one device, once; it says by signature whose device enters, and the part after #',
  );
  console.log('          never reaches the relay.');
  return 0;
};

try {
  process.exitCode = await run();
} catch (error) {
  if (!(error instanceof BelfryError)) throw error;
  process.exitCode = printRefusal(error.refusal);
}
