import { BelfryError } from '../../base/errors.ts';
import type { Settings } from '../../config/settings.ts';
import { type HostNames, outside } from '../../trust/hosts/permitted.ts';
import { daysLeft, isValidAt, RENEW_BELOW_DAYS } from '../../trust/hosts/validity.ts';
import { type Authority, findAuthority, findHostCertificate, sameHosts } from '../authority/authority.ts';
import type { OwnAddress } from '../reach/interfaces.ts';
import { type Reach, reachOf } from '../reach/reach.ts';
import { bad, type Finding, good, weak } from './finding.ts';

/** A year: time to bring a new root to every device. */
const ROOT_WARNING_DAYS = 365;

/** Whether the kept authority and certificate can be used, are valid, and cover what clients will be told. Makes nothing. */
export const checkCertificate = async (
  settings: Settings,
  own: readonly OwnAddress[],
  nowUnixMs: number,
): Promise<Finding> => {
  const reach = reachOf(settings, own);
  if (!reach.secure) return good('none is needed on loopback');
  try {
    const authority = await findAuthority(settings.stateDir, nowUnixMs);
    if (authority === undefined)
      return good(`the first start will make an authority and a certificate in ${settings.stateDir}`);
    return await judge(authority, settings.stateDir, reach, nowUnixMs);
  } catch (error) {
    if (error instanceof BelfryError) return bad(error.message, error.remedy ?? 'see above');
    throw error;
  }
};

const judge = async (
  authority: Authority,
  folder: string,
  { hosts }: Reach,
  nowUnixMs: number,
): Promise<Finding> => {
  const strangers = namesOf(outside(authority.facts.permitted, hosts));
  if (strangers.length > 0)
    return bad(
      `the authority may not vouch for ${strangers.join(', ')}`,
      'see belfry ca root for what it may',
    );
  const rootDays = daysLeft(authority.facts.validity, nowUnixMs);
  if (rootDays < ROOT_WARNING_DAYS)
    return weak(`the root ends in ${rootDays} days`, 'plan a new authority: every device must install it');
  const kept = await findHostCertificate(authority, folder);
  const days = kept && isValidAt(kept.validity, nowUnixMs) ? daysLeft(kept.validity, nowUnixMs) : 0;
  if (days < RENEW_BELOW_DAYS || !kept || !sameHosts(kept.hosts, hosts))
    return good('the next start will make a new certificate');
  return good(`valid for ${days} days, the root for ${rootDays}, for ${namesOf(hosts).join(', ')}`);
};

const namesOf = ({ names, addresses }: HostNames): string[] => [...names, ...addresses];
