import type { Clock } from '../../base/clock.ts';
import { enrol, renew } from '../enrol/enrol.ts';
import type { Fetch } from '../enrol/fetch-port.ts';
import type { AskAuthority } from '../page/device-opening.ts';

/** Nothing goes along that could tell who asks, and nothing comes from a cache. */
export const browserFetch: Fetch = (url, options) =>
  fetch(url, {
    ...options,
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
    referrerPolicy: 'no-referrer',
  });

/** Asks the authority with this root, by the mailbox of the relay at `origin`. */
export const askAuthority =
  (origin: string, rootSha256: Uint8Array, clock: Clock): AskAuthority =>
  (keys, code, onWaiting, signal) => {
    const options = { origin, rootSha256, keys, fetch: browserFetch, clock, onWaiting, signal };
    return code === undefined ? renew(options) : enrol(options, code);
  };
