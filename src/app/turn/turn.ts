import { readFile, stat } from 'node:fs/promises';
import { BelfryError, messageOf } from '../../base/errors.ts';
import { parseTurnUrl } from '../../base/turn-url.ts';
import type { Settings } from '../../config/settings.ts';
import type { TurnServers } from '../../signaling/turn.ts';
import { outside, permittedFor } from '../../trust/hosts/permitted.ts';
import type { Reach } from '../reach/reach.ts';

type TurnSettings = Pick<Settings, 'turnServers' | 'turnSecretFile' | 'turnOutside'>;

/** RFC 2104 section 3: a key shorter than the hash's output weakens it. */
const MIN_SECRET_CHARS = 20;
const MAX_SECRET_BYTES = 1_024;
/** Printable and without blanks: coturn's configuration ends a value there. */
const SECRET = new RegExp(`^[!-~]{${MIN_SECRET_CHARS},}$`);
const OTHERS_READ_OR_WRITE = 0o077;
const NEW_SECRET = 'openssl rand -hex 32 makes one';

/**
 * The deployment's own TURN server as the settings name it, `undefined` where they name none. Throws `turn.outside`,
 * `turn.no-secret`, `turn.secret`; no message repeats the secret.
 */
export const turnOf = async (
  settings: TurnSettings,
  reach: Pick<Reach, 'announced'>,
): Promise<TurnServers | undefined> => {
  const { turnServers: urls, turnSecretFile } = settings;
  if (urls.length === 0) return undefined;
  if (!settings.turnOutside) refuseOutside(urls, reach);
  if (turnSecretFile === undefined)
    throw new BelfryError('turn.no-secret', '--turn-servers is given without --turn-secret-file', {
      remedy: `write the TURN server's static-auth-secret into a file; ${NEW_SECRET}`,
    });
  return { urls, secret: await readSecret(turnSecretFile) };
};

/** A public server would see who meets whom: what is outside of private networks and of the relay's own is a mistake. */
const refuseOutside = (urls: readonly string[], { announced }: Pick<Reach, 'announced'>): void => {
  const addresses = [...new Set(urls.flatMap((url) => parseTurnUrl(url)?.address ?? []))];
  const own = permittedFor({ addresses: announced, names: [] });
  const { addresses: strangers } = outside(own, { addresses, names: [] });
  if (strangers.length === 0) return;
  throw new BelfryError(
    'turn.outside',
    `the TURN server ${strangers.join(', ')} is on no network of this relay`,
    {
      remedy: "name the deployment's own; if it is that, --turn-outside says so",
    },
  );
};

const readSecret = async (path: string): Promise<string> => {
  const secret = (await readPrivate(path)).trim();
  if (SECRET.test(secret)) return secret;
  throw new BelfryError(
    'turn.secret',
    `${path} holds no secret of at least ${MIN_SECRET_CHARS} printable characters in one line`,
    { remedy: NEW_SECRET },
  );
};

const readPrivate = async (path: string): Promise<string> => {
  const fault = (why: string, remedy: string) => new BelfryError('turn.secret', `${path} ${why}`, { remedy });
  try {
    const { mode, size } = await stat(path);
    if ((mode & OTHERS_READ_OR_WRITE) !== 0) throw fault('can be read by others', `chmod go= '${path}'`);
    if (size > MAX_SECRET_BYTES) throw fault('is far longer than a secret', NEW_SECRET);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof BelfryError) throw error;
    throw fault(`cannot be read: ${messageOf(error)}`, 'name a file that the relay may read');
  }
};
