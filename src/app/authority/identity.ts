import type { Clock, RandomBytes } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { HostNames } from '../../trust/hosts/permitted.ts';
import { DAY_MS, daysLeft, type Validity } from '../../trust/hosts/validity.ts';
import { type Authority, type HostCertificate, openAuthority, openHostCertificate } from './authority.ts';

/** PEM texts, as a TLS server takes them. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

/** Who the relay is to its clients: its certificate, and the root that they judge it by. */
export interface Identity {
  readonly authority: Authority;
  readonly certificate: ServerCertificate;
  /** Tells of each renewal until the returned function is called. */
  keepFresh(renewed: (certificate: ServerCertificate) => void): () => void;
}

export interface IdentityOptions {
  readonly folder: string;
  readonly hosts: HostNames;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly logger: Logger;
}

/** A renewal has 30 days: looking twice a day costs nothing and survives a fortnight of failures. */
export const RENEWAL_CHECK_MS = DAY_MS / 2;

/** Takes the kept authority and certificate, or makes them. Throws the codes of `authority.ts`. */
export const openIdentity = async (options: IdentityOptions): Promise<Identity> => {
  const authority = await openAuthority(options.hosts, at(options));
  const first = await openHostCertificate(authority, options.hosts, at(options));
  tell(options, first);
  return {
    authority,
    certificate: forServer(first),
    keepFresh: (renewed) =>
      options.clock.every(RENEWAL_CHECK_MS, () => void renew(authority, options, renewed)),
  };
};

const at = ({ folder, clock, randomBytes }: IdentityOptions) => ({
  folder,
  nowUnixMs: clock.unixMs(),
  randomBytes,
});

const forServer = ({ keyed }: HostCertificate): ServerCertificate => ({
  cert: keyed.certificate,
  key: keyed.key,
});

/** A failure is told and tried again at the next look: the old certificate goes on as long as it lasts. */
const renew = async (
  authority: Authority,
  options: IdentityOptions,
  renewed: (certificate: ServerCertificate) => void,
): Promise<void> => {
  try {
    const next = await openHostCertificate(authority, options.hosts, at(options));
    if (!next.renewed) return;
    renewed(forServer(next));
    tell(options, next);
  } catch (error) {
    options.logger.error('certificate-renewal-failed', { message: messageOf(error) });
  }
};

const tell = (
  { logger, clock }: IdentityOptions,
  { renewed, validity }: { renewed: boolean; validity: Validity },
) => {
  const fields = { renewed, daysLeft: daysLeft(validity, clock.unixMs()) };
  logger.info('certificate', fields);
};
