import { rename, rm, writeFile } from 'node:fs/promises';
import type { RandomBytes } from '../../base/clock.ts';
import { BelfryError, messageOf } from '../../base/errors.ts';
import { parseTurnUrl } from '../../base/turn-url.ts';
import { outside } from '../../trust/hosts/permitted.ts';
import { issueHostCertificate, type KeyedCertificate } from '../../trust/signing/authority.ts';
import type { Authority } from '../authority/authority.ts';

/** For the owner alone: the key is in it. */
const PRIVATE_MODE = 0o600;

/** The addresses of the servers that are reached by TLS. */
export const tlsAddresses = (urls: readonly string[]): readonly string[] => {
  const servers = urls.flatMap((url) => parseTurnUrl(url) ?? []);
  return [...new Set(servers.filter(({ transport }) => transport === 'tls').map(({ address }) => address))];
};

/** Throws `turn.no-tls` where there is no address, `trust.not-permitted` where the authority may not vouch for one. */
export const issueTurnCertificate = async (
  { keyed, facts }: Authority,
  addresses: readonly string[],
  at: { readonly nowUnixMs: number; readonly randomBytes: RandomBytes },
): Promise<KeyedCertificate> => {
  if (addresses.length === 0)
    throw new BelfryError('turn.no-tls', 'no TURN server by TLS is named', {
      remedy: 'name it: --turn-servers turns:ADDRESS:443',
    });
  const strangers = outside(facts.permitted, { addresses, names: [] }).addresses;
  if (strangers.length > 0)
    throw new BelfryError('trust.not-permitted', `the authority may not vouch for ${strangers.join(', ')}`, {
      remedy: 'belfry ca root lists what it may vouch for: give the TURN server an address of that',
    });
  return issueHostCertificate(keyed, { addresses, names: [] }, at);
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
