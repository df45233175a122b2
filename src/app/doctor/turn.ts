import { BelfryError, messageOf } from '../../base/errors.ts';
import { secureRandomBytes, systemClock } from '../../base/platform.ts';
import { parseTurnUrl } from '../../base/turn-url.ts';
import type { Settings } from '../../config/settings.ts';
import { findAuthority } from '../authority/authority.ts';
import type { Reach } from '../reach/reach.ts';
import { turnOf } from '../turn/turn.ts';
import { bad, type Finding, good, weak } from './finding.ts';
import { probeTurn } from './turn-probe.ts';

/** A server of the same network answers in milliseconds. */
const ANSWER_WITHIN_MS = 3_000;

/** Whether clients can be told of the TURN server that the settings name, and whether it answers in each way. */
export const checkTurn = async (settings: Settings, reach: Pick<Reach, 'announced'>): Promise<Finding> => {
  try {
    const turn = await turnOf(settings, reach);
    return turn === undefined ? good('no TURN server is named') : await probed(turn.urls, settings.stateDir);
  } catch (error) {
    if (error instanceof BelfryError) return bad(error.message, error.remedy ?? 'see above');
    throw error;
  }
};

/** A warning at most: a network may let the participants through, and not this machine. */
const probed = async (urls: readonly string[], stateDir: string): Promise<Finding> => {
  const root = (await findAuthority(stateDir, systemClock.unixMs()))?.keyed.certificate;
  const problems = (await Promise.all(urls.map((url) => problemOf(url, root)))).flat();
  if (problems.length === 0) return good(`${urls.join(', ')} answer`);
  return weak(
    problems.join('; '),
    'see that it runs, with a certificate of belfry turn certificate: docs/turn.md',
  );
};

const problemOf = async (url: string, root: string | undefined): Promise<readonly string[]> => {
  const server = parseTurnUrl(url);
  if (server === undefined) return [];
  try {
    await probeTurn(server, { randomBytes: secureRandomBytes, root, withinMs: ANSWER_WITHIN_MS });
    return [];
  } catch (error) {
    return [`${url}: ${messageOf(error)}`];
  }
};
