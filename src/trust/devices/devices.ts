import { z } from 'zod';
import { distinct, idText, unixMs } from '../statement/schemas.ts';
import type { StatementKind } from '../statement/statement.ts';
import type { DeviceId, PersonId } from './ids.ts';

/** More than anybody carries; a person who reaches it has had devices for years. */
export const MAX_DEVICES_OF_ONE = 64;

const schema = z.strictObject({
  person: idText<PersonId>(),
  /** Those whose certificate has not expired, revoked ones as well. */
  devices: z
    .array(z.strictObject({ device: idText<DeviceId>(), sinceUnixMs: unixMs }))
    .max(MAX_DEVICES_OF_ONE)
    .refine((devices) => distinct(devices.map(({ device }) => device)), 'holds a device twice'),
  issuedUnixMs: unixMs,
});
export type OwnDevices = z.infer<typeof schema>;

/** The clearance office tells a device which devices its person has: one that nobody knows of shows itself here. */
export const OWN_DEVICES: StatementKind<OwnDevices> = { kind: 'devices', schema, maxBytes: 16_384 };

/** Devices that were not there when this device last heard; `undefined`: it hears for the first time. */
export const newDevices = (before: OwnDevices | undefined, now: OwnDevices): readonly DeviceId[] => {
  const known = new Set(before?.devices.map(({ device }) => device));
  return before === undefined
    ? []
    : now.devices.map(({ device }) => device).filter((device) => !known.has(device));
};
