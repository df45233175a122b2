/**
 * Opens a meeting by a charter and prints its link: reads `{relay, device, plan}` as JSON from the standard input. A process of
 * its own, so that the relay's never holds a secret. Status 0, 1 where it was refused, 2 where the input means nothing.
 */
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { SOURCES } from '../../base/media.ts';
import { secureRandomBytes, systemClock } from '../../base/platform.ts';
import { SUITES } from '../../trust/charter/charter.ts';
import type { PersonId } from '../../trust/devices/ids.ts';
import { titleText } from '../../trust/hall/title.ts';
import { idText } from '../../trust/statement/schemas.ts';
import { openWebSocket } from '../connection/web-socket.ts';
import { hearAndPrint } from '../device/new-devices.ts';
import { openOwnDevice } from '../device/open.ts';
import { printRefusal } from '../device/print.ts';
import { formatLink } from '../link.ts';
import { deviceFolder } from '../node/device-store.ts';
import { convene } from './convene.ts';

const person = idText<PersonId>();
const order = z.strictObject({
  relay: z.string(),
  device: z.string(),
  title: titleText.optional(),
  plan: z.strictObject({
    level: z.string(),
    groups: z.array(z.string()),
    persons: z.array(person),
    chair: person.optional(),
    deputies: z.array(person),
    suite: z.enum(SUITES).optional(),
    opensWithChair: z.boolean().optional(),
    grants: z.array(z.enum(SOURCES)).optional(),
  }),
});

const run = async (): Promise<number> => {
  const { relay, device: folder, title, plan } = order.parse(JSON.parse(await text(process.stdin)));
  const device = await openOwnDevice(folder, secureRandomBytes);
  if (!device.ok) return printRefusal(device.refusal);
  await hearAndPrint(deviceFolder(folder, secureRandomBytes), relay, systemClock);
  const options = {
    origin: relay,
    device: device.value,
    openSocket: openWebSocket,
    clock: systemClock,
    randomBytes: secureRandomBytes,
  };
  const convened = await convene(options, { ...plan, chair: plan.chair });
  if (!convened.ok) return printRefusal(convened.refusal);
  const { meeting, charter } = convened.value;
  console.log(`Meeting:  ${meeting}`);
  console.log(`Charter:  ${charter}`);
  console.log(`Link:     ${formatLink(convened.value)}`);
  if (title !== undefined) console.log(`Chair:    ${formatLink({ ...convened.value, title })}`);
  console.log('          It holds no secret: who enters shows a certificate that the charter admits.');
  return 0;
};

process.exitCode = await run();
