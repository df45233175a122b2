import { DAY_MS, type Validity } from '../hosts/validity.ts';

/** Below 2.25 every UUID is a number of its own maker's, without a register (ITU-T X.667). */
const ARC = '2.25.204928538695114077693562297605955861866';

interface Role {
  /** Its extended key usage: known to nobody else, so that no other software takes such a certificate for anything. */
  readonly usage: string;
  readonly maxDays: number;
}

/**
 * What the authority for people certifies. A device's days are few, because losing one is noticed late. An office's
 * must reach beyond the longest clearance that it signs, and end with the year: its key lies on a disk.
 */
export const ROLES = {
  device: { usage: `${ARC}.1`, maxDays: 30 },
  revocation: { usage: `${ARC}.2`, maxDays: 397 },
  clearance: { usage: `${ARC}.3`, maxDays: 397 },
} as const satisfies Record<string, Role>;
export type RoleName = keyof typeof ROLES;
/** The keys with which the authority speaks, one for each sort of statement. */
export type OfficeName = Exclude<RoleName, 'device'>;

/** Clocks that are behind must accept what was made a moment ago. */
const BACKDATED_MS = DAY_MS;
const SECOND_MS = 1_000;
/** Certificates count seconds. */
const wholeSeconds = (unixMs: number): number => Math.floor(unixMs / SECOND_MS) * SECOND_MS;

/** As long as the role allows, the backdating included, and never beyond the root's. */
export const roleValidity = (role: RoleName, nowUnixMs: number, root: Validity): Validity => {
  const fromUnixMs = wholeSeconds(Math.max(nowUnixMs - BACKDATED_MS, root.fromUnixMs));
  const untilUnixMs = fromUnixMs + ROLES[role].maxDays * DAY_MS;
  return { fromUnixMs, untilUnixMs: Math.min(untilUnixMs, root.untilUnixMs) };
};
