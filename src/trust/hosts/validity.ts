/** Milliseconds since the Unix epoch, both included. */
export interface Validity {
  readonly fromUnixMs: number;
  readonly untilUnixMs: number;
}

export const DAY_MS = 86_400_000;
/** A root must be installed by hand on every device: seldom. Longer would outlive its curve's reputation. */
const ROOT_DAYS = 3_652;
/** Browsers refuse more than 398 for a server; less would only renew more often, which costs nobody anything. */
const HOST_DAYS = 397;
/** Enough for a device that was off for a holiday to see the new certificate before the old one ends. */
export const RENEW_BELOW_DAYS = 30;
/** Devices whose clock is behind must accept what was made a moment ago. */
const BACKDATED_MS = DAY_MS;

export const rootValidity = (nowUnixMs: number): Validity => ({
  fromUnixMs: nowUnixMs - BACKDATED_MS,
  untilUnixMs: nowUnixMs + ROOT_DAYS * DAY_MS,
});

/** Never beyond its root's. */
export const hostValidity = (nowUnixMs: number, root: Validity): Validity => {
  const fromUnixMs = Math.max(nowUnixMs - BACKDATED_MS, root.fromUnixMs);
  return { fromUnixMs, untilUnixMs: Math.min(fromUnixMs + HOST_DAYS * DAY_MS, root.untilUnixMs) };
};

/** Rounded down; negative when it is over. */
export const daysLeft = ({ untilUnixMs }: Validity, nowUnixMs: number): number =>
  Math.floor((untilUnixMs - nowUnixMs) / DAY_MS);

export const isValidAt = ({ fromUnixMs, untilUnixMs }: Validity, nowUnixMs: number): boolean =>
  nowUnixMs >= fromUnixMs && nowUnixMs <= untilUnixMs;

export const needsRenewal = (validity: Validity, nowUnixMs: number): boolean =>
  !isValidAt(validity, nowUnixMs) || daysLeft(validity, nowUnixMs) < RENEW_BELOW_DAYS;
