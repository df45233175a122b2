import type { MeetingId } from '../../base/ids.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { Announcement, RosterEntry } from '../../signaling/protocol/messages.ts';
import type { DeviceIdentity } from '../../trust/devices/certificate.ts';
import { PRESENCE, type Presence } from '../../trust/devices/presence.ts';
import { CLEARANCE, type Clearance } from '../../trust/markings/clearance.ts';
import { judgeDeviceCertificate } from '../../trust/signing/people-certificate.ts';
import { openStatement } from '../../trust/signing/statement.ts';
import { type Judge, openOfficeStatement } from '../../trust/signing/vouched.ts';
import type { Opened } from '../../trust/statement/statement.ts';

/** What somebody showed, every signature found good. Whether it suffices is asked again whenever something changes. */
export interface Shown {
  readonly certificate: DeviceIdentity;
  readonly clearance: Opened<Clearance>;
}

export type EntryShown = Pick<RosterEntry, 'announcement' | 'credentials'>;

/** Refusals: `entry.no-certificate`, `presence.other-…`, and those of certificates and statements. */
export const openCredentials = async (
  { announcement, credentials }: EntryShown,
  meeting: MeetingId,
  judge: Judge,
): Promise<Result<Shown>> => {
  if (credentials === undefined)
    return refuse('entry.no-certificate', 'no certificate of a device was shown');
  const device = await judgeDeviceCertificate(credentials.certificate, judge.root, judge.nowUnixMs);
  if (!device.ok) return device;
  const presence = await openStatement(
    PRESENCE,
    credentials.presence,
    device.value.publicKey,
    judge.root.statements,
  );
  if (!presence.ok) return presence;
  const other = otherThan(presence.value.value, meeting, announcement);
  if (other !== undefined) return refuse(`presence.other-${other}`, `the device signed for another ${other}`);
  const clearance = await openOfficeStatement(CLEARANCE, 'clearance', credentials.clearance, judge);
  return clearance.ok ? ok({ certificate: device.value, clearance: clearance.value }) : clearance;
};

/** In what the presence differs from what it is shown for. */
const otherThan = (
  presence: Presence,
  meeting: MeetingId,
  { salt, number }: Announcement,
): keyof Presence | undefined => {
  const shownFor: Presence = { meeting, salt, number };
  return (['meeting', 'salt', 'number'] as const).find((field) => presence[field] !== shownFor[field]);
};
