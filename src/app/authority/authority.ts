import type { RandomBytes } from '../../base/clock.ts';
import { BelfryError, messageOf } from '../../base/errors.ts';
import { type HostNames, outside, type Permitted, permittedFor } from '../../trust/hosts/permitted.ts';
import { isValidAt, needsRenewal, type Validity } from '../../trust/hosts/validity.ts';
import { createAuthority, issueHostCertificate } from '../../trust/signing/authority.ts';
import { type RootFacts, readHostCertificate, readRoot } from '../../trust/signing/certificate.ts';
import type { KeyedCertificate } from '../../trust/signing/issuing.ts';
import { joinKeyed, partKeyed } from '../keyed-pem.ts';
import { createState, openFolder, pathIn, readState, replaceState } from './files.ts';

interface Surroundings {
  readonly folder: string;
  readonly nowUnixMs: number;
  readonly randomBytes: RandomBytes;
}

/** The deployment's authority, read and found usable. */
export interface Authority {
  readonly keyed: KeyedCertificate;
  readonly facts: RootFacts & { readonly permitted: Permitted };
  /** The file that devices install. */
  readonly rootPath: string;
}

/** A server's certificate, in both its forms. */
export interface HostCertificate {
  readonly keyed: KeyedCertificate;
  readonly validity: Validity;
  /** It was made by this call. */
  readonly renewed: boolean;
}

const NEW_AUTHORITY = 'move the folder away to make a new authority, and install its root on every device';

/** The authority that is kept in `folder`, or `undefined`. Throws `trust.permissions`, `trust.damaged`, `trust.root-expired`. */
export const findAuthority = async (folder: string, nowUnixMs: number): Promise<Authority | undefined> => {
  const text = await readState(folder, 'authority');
  if (text === undefined) return undefined;
  const path = pathIn(folder, 'authority');
  const keyed = partKeyed(text);
  const facts = keyed && (await readOrThrow(path, () => readRoot(keyed.certificate)));
  if (keyed === undefined || facts?.permitted === undefined) throw damaged(path);
  if (!isValidAt(facts.validity, nowUnixMs))
    throw new BelfryError('trust.root-expired', `the authority in ${path} is not valid today`, {
      remedy: `set the clock if it is wrong, else ${NEW_AUTHORITY}`,
    });
  return { keyed, facts: { ...facts, permitted: facts.permitted }, rootPath: pathIn(folder, 'root') };
};

/** As `findAuthority`, and makes one for `hosts` where there is none. Any number of processes may do so at once. */
export const openAuthority = async (hosts: HostNames, at: Surroundings): Promise<Authority> => {
  const { folder, nowUnixMs, randomBytes } = at;
  await openFolder(folder);
  if ((await readState(folder, 'authority')) === undefined) {
    const made = await createAuthority(permittedFor(hosts), at);
    await createState(folder, 'authority', joinKeyed(made), randomBytes);
  }
  const authority = await findAuthority(folder, nowUnixMs);
  if (authority === undefined) throw damaged(pathIn(folder, 'authority'));
  const { certificate } = authority.keyed;
  if ((await readState(folder, 'root')) !== certificate)
    await replaceState(folder, 'root', certificate, randomBytes);
  return authority;
};

/** The kept certificate if it is for `hosts`, of this authority and good for a while, else a new one, which is kept. */
export const openHostCertificate = async (
  authority: Authority,
  hosts: HostNames,
  at: Surroundings,
): Promise<HostCertificate> => {
  refuseOutside(authority.facts.permitted, hosts);
  const kept = await findHostCertificate(authority, at.folder);
  if (kept !== undefined && sameHosts(kept.hosts, hosts) && !needsRenewal(kept.validity, at.nowUnixMs))
    return { keyed: kept.keyed, validity: kept.validity, renewed: false };
  const keyed = await issueHostCertificate(authority.keyed, hosts, at);
  const { validity, isOfRoot } = await readHostCertificate(keyed.certificate, authority.keyed.certificate);
  if (!isOfRoot) throw damaged(pathIn(at.folder, 'authority'), 'its key is not that of its certificate');
  await replaceState(at.folder, 'host', joinKeyed(keyed), at.randomBytes);
  return { keyed, validity, renewed: true };
};

/** The kept certificate, where it is of this authority. Never throws for what a new one puts right. */
export const findHostCertificate = async (
  { keyed: root }: Authority,
  folder: string,
): Promise<{ keyed: KeyedCertificate; hosts: HostNames; validity: Validity } | undefined> => {
  const text = await readState(folder, 'host');
  const keyed = text === undefined ? undefined : partKeyed(text);
  if (keyed === undefined) return undefined;
  try {
    const { isOfRoot, ...facts } = await readHostCertificate(keyed.certificate, root.certificate);
    return isOfRoot ? { keyed, ...facts } : undefined;
  } catch {
    return undefined;
  }
};

const refuseOutside = (permitted: Permitted, hosts: HostNames): void => {
  const { addresses, names } = outside(permitted, hosts);
  const strangers = [...names, ...addresses];
  if (strangers.length === 0) return;
  throw new BelfryError('trust.not-permitted', `the authority may not vouch for ${strangers.join(', ')}`, {
    remedy: `use a name or address that it was made for (belfry ca root lists them), or ${NEW_AUTHORITY}`,
  });
};

export const sameHosts = (a: HostNames, b: HostNames): boolean =>
  sameSet(a.addresses, b.addresses) && sameSet(a.names, b.names);

const sameSet = (a: readonly string[], b: readonly string[]): boolean => {
  const [left, right] = [new Set(a), new Set(b)];
  return left.size === right.size && [...left].every((one) => right.has(one));
};

const readOrThrow = async <T>(path: string, read: () => Promise<T>): Promise<T> => {
  try {
    return await read();
  } catch (cause) {
    throw damaged(path, messageOf(cause));
  }
};

const damaged = (path: string, why = 'it holds no authority of Belfry'): BelfryError =>
  new BelfryError('trust.damaged', `${path} cannot be used: ${why}`, {
    remedy: `restore it from a copy, or ${NEW_AUTHORITY}`,
  });
