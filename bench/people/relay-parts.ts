import { openRecord } from '../../src/app/record/record.ts';
import { openRelayStore } from '../../src/app/store/store.ts';
import { openTrustFolder } from '../../src/app/trust/trust-folder.ts';
import { toHex } from '../../src/base/bytes.ts';
import type { Clock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { secureRandomBytes, systemClock } from '../../src/base/platform.ts';
import { makeRedact } from '../../src/base/redact.ts';

const KEY_BYTES = 32;

/** The real one, but that it says `startUnixMs` now: for people whose certificates are of the time that tests have. */
export const clockFrom = (startUnixMs: number): Clock => {
  const beganMs = systemClock.nowMs();
  return { ...systemClock, unixMs: () => startUnixMs + Math.floor(systemClock.nowMs() - beganMs) };
};

interface Folders {
  readonly stateDir: string;
  /** Of the authority's public files. */
  readonly folder: string;
}

/** What signaling needs beside its media: by what people are judged, and the product's own store and record. */
export const relayParts = async ({ stateDir, folder }: Folders, clock: Clock = systemClock) => {
  const platform = { clock, randomBytes: secureRandomBytes, logger: silentLogger };
  const store = await openRelayStore(stateDir);
  const { trust } = await openTrustFolder({ ...platform, folder, store });
  const { audit } = await openRecord({ ...platform, stateDir });
  return {
    platform,
    audit,
    people: { trust, store },
    redact: makeRedact(toHex(secureRandomBytes(KEY_BYTES))),
  };
};
