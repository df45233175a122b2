import { existsSync } from 'node:fs';

/** Debian's packages put it under either name; where there is none, the first is what an error names. */
const [FIRST_PATH, ...OTHER_PATHS] = ['/usr/bin/chromium', '/usr/bin/chromium-browser'] as const;
export const CHROMIUM: string =
  OTHER_PATHS.find((path) => existsSync(path) && !existsSync(FIRST_PATH)) ?? FIRST_PATH;
export const hasChromium = (): boolean => existsSync(CHROMIUM);

/** Headless and as root; nothing is fetched, and nobody hears it. */
export const QUIET_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--mute-audio',
] as const;
