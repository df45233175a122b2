import { createLogger } from '../src/app/logging.ts';
import { type Belfry, type Endpoint, startBelfry } from '../src/app/start.ts';
import type { MeetingId } from '../src/base/ids.ts';
import type { Settings } from '../src/config/settings.ts';
import { runInvite } from './participants.ts';

/** A day of meetings; the relay's signing key, and with it every invitation, ends with its process anyway. */
export const INVITATION_VALID_MS = 24 * 3_600_000;

export const urlOf = (scheme: 'http' | 'ws', { host, port }: Endpoint): string =>
  `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Starts the relay and says where it is and how long it took. */
export const startHosting = async (settings: Settings): Promise<Belfry> => {
  const startedAtMs = performance.now();
  const belfry = await startBelfry(settings, createLogger(settings.logLevel));
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  console.log(`Relay:    ${urlOf('ws', belfry.signaling)}, serving after ${seconds} s`);
  console.log(`Watch:    ${urlOf('http', belfry.observation)}/metrics (and /readyz, /healthz)`);
  return belfry;
};

/** What a process of its own needs to join: everything but the secret, which the relay's process never holds. */
export const invitationOf = (belfry: Belfry, meeting: MeetingId) => ({
  origin: urlOf('http', belfry.signaling),
  meeting,
  token: belfry.invite(meeting, INVITATION_VALID_MS),
});

/** Makes a meeting and has a process of its own make its secret and print the link. */
export const openMeeting = async (belfry: Belfry): Promise<void> => {
  const meeting = belfry.createMeeting();
  await runInvite(invitationOf(belfry, meeting));
};

/** Settles when the process is asked to end; a second request ends it at once. */
export const untilAskedToEnd = (): Promise<void> =>
  new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        if (asked) process.exit(130);
        asked = true;
        resolve();
      });
  });
