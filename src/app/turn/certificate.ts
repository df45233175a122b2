import { rename, rm, writeFile } from 'node:fs/promises';
import { BelfryError, messageOf } from '../../base/errors.ts';
import { secureRandomBytes, systemClock } from '../../base/platform.ts';
import { parseTurnUrl } from '../../base/turn-url.ts';
import type { Settings } from '../../config/settings.ts';
import { outside } from '../../trust/hosts/permitted.ts';
import { issueHostCertificate } from '../../trust/signing/authority.ts';
import type { KeyedCertificate } from '../../trust/signing/issuing.ts';
import { type Authority, findAuthority } from '../authority/authority.ts';

/** For the owner alone: the key is in it. */
const PRIVATE_MODE = 0o600;

export interface TurnCertificate {
  readonly addresses: readonly string[];
  readonly keyed: KeyedCertificate;
}

type Named = Pick<Settings, 'stateDir' | 'turnServers'>;

/**
 * By the deployment's authority, for the servers that are reached by TLS. Throws `trust.none` where there is no authority
 * yet, `turn.no-tls` where no such server is named, `trust.not-permitted` where the authority may not vouch for one.
 */
export const issueTurnCertificate = async ({ stateDir, turnServers }: Named): Promise<TurnCertificate> => {
  const at = { nowUnixMs: systemClock.unixMs(), randomBytes: secureRandomBytes };
  const authority = await findAuthority(stateDir, at.nowUnixMs);
  if (authority === undefined)
    throw new BelfryError('trust.none', `there is no authority in ${stateDir} yet`, {
      remedy: 'belfry serve --lan makes it at its first start; or name the folder with --state-dir',
    });
  const addresses = tlsAddresses(turnServers);
  if (addresses.length === 0)
    throw new BelfryError('turn.no-tls', 'no TURN server by TLS is named', {
      remedy: 'name it: --turn-servers turns:ADDRESS:443',
    });
  refuseOutside(authority, addresses);
  return { addresses, keyed: await issueHostCertificate(authority.keyed, { addresses, names: [] }, at) };
};

const tlsAddresses = (urls: readonly string[]): readonly string[] => {
  const servers = urls.flatMap((url) => parseTurnUrl(url) ?? []);
  return [...new Set(servers.filter(({ transport }) => transport === 'tls').map(({ address }) => address))];
};

const refuseOutside = ({ facts }: Authority, addresses: readonly string[]): void => {
  const strangers = outside(facts.permitted, { addresses, names: [] }).addresses;
  if (strangers.length === 0) return;
  throw new BelfryError('trust.not-permitted', `the authority may not vouch for ${strangers.join(', ')}`, {
    remedy: 'give the TURN server an address that it may vouch for: belfry ca root lists them',
  });
};

/** Certificate and key in one file, as coturn takes them: whoever reads it sees the old text or the new one, whole. */
export const writeTurnCertificate = async (path: string, keyed: KeyedCertificate): Promise<void> => {
  const aside = `${path}.new`;
  try {
    await rm(aside, { force: true });
    await writeFile(aside, `${keyed.certificate}${keyed.key}`, { flag: 'wx', mode: PRIVATE_MODE });
    await rename(aside, path);
  } catch (cause) {
    throw new BelfryError('turn.out', `${path} cannot be written: ${messageOf(cause)}`, { cause });
  }
};
