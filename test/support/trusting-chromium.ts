import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { CHROMIUM, hasChromium, QUIET_FLAGS } from './chromium-flags.ts';

const POLICIES = '/etc/chromium';

const FLAGS = [...QUIET_FLAGS, '--use-fake-device-for-media-stream=fps=10', '--use-fake-ui-for-media-stream'];

/** Why such a browser cannot be had here, or `false`. */
export const NO_TRUSTING_CHROMIUM =
  !hasChromium() || !existsSync(POLICIES)
    ? 'Chromium is not installed: as root, `npm run setup` does it'
    : spawnSync('unshare', ['--mount', 'true']).status !== 0 && 'needs root and unshare';

interface Options {
  /** PEM, as a device's owner would install it: by Chromium's own policy, in a mount namespace of this browser alone. */
  readonly root?: string | undefined;
  /** Put before the browser, as `ip netns exec NAME`. */
  readonly wrapper?: readonly string[];
}

const policyOf = (root: string | undefined): string =>
  JSON.stringify(root === undefined ? {} : { CACertificates: [root.replace(/-----[^-]+-----|\s/g, '')] });

/** A browser that trusts `root` beside its own roots, if one is given. */
export const launchTrusting = ({ root, wrapper = [] }: Options): Promise<Browser> => {
  const home = mkdtempSync(join(tmpdir(), 'belfry-trusting-'));
  const [policy, program] = [join(home, 'policy.json'), join(home, 'chromium')];
  writeFileSync(policy, policyOf(root));
  const managed = `${POLICIES}/policies/managed`;
  const inside = `mount -t tmpfs none ${POLICIES} && mkdir -p ${managed} && cp ${policy} ${managed} && exec ${CHROMIUM} "$@"`;
  const script = `#!/bin/sh\nexec ${wrapper.join(' ')} unshare --mount sh -c '${inside}' sh "$@"\n`;
  writeFileSync(program, script, { mode: 0o700 });
  return chromium.launch({ executablePath: program, args: FLAGS, env: { ...process.env, HOME: home } });
};
