// A relay that gives out the benchmark's page: `relay.ts PAGE_FOLDER [--unwitnessed]`. It prints the
// links of its two meetings, which know nothing of each other.
import { parseArgs } from 'node:util';
import { createBridge } from '../../src/app/bridge.ts';
import { toBase64Url, toHex } from '../../src/base/bytes.ts';
import { BelfryError } from '../../src/base/errors.ts';
import { asId, type MeetingId } from '../../src/base/ids.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { secureRandomBytes, systemClock } from '../../src/base/platform.ts';
import { makeRedact } from '../../src/base/redact.ts';
import { ok } from '../../src/base/result.ts';
import { formatLink } from '../../src/client/link.ts';
import { newMeetingSecret } from '../../src/e2ee/psk/secret.ts';
import { createMediasoupEngine } from '../../src/sfu/engine/mediasoup/engine.ts';
import type { Engine } from '../../src/sfu/engine/port.ts';
import { createRooms } from '../../src/sfu/room/rooms.ts';
import { createSignaling } from '../../src/signaling/signaling.ts';

const LOOPBACK = '127.0.0.1';
const INVITATION_MS = 3_600_000;
const KEY_BYTES = 32;

/**
 * The engine, but that nobody looks at what passes: the relay as it is stops every stream that it can read, and what is
 * compared with sealed media here is media in clear. The product has no such switch; this program alone does it.
 */
const unwitnessed = (engine: Engine): Engine => ({
  run: async (verb) => (verb.kind === 'watch' ? ok({ kind: 'done' }) : engine.run(verb)),
  onEvent: (listener) => engine.onEvent(listener),
  stats: () => engine.stats(),
  close: () => engine.close(),
});

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { unwitnessed: { type: 'boolean', default: false } },
});
const [root] = positionals;
const { BELFRY_WORKER_BIN: workerBin } = process.env;
if (root === undefined || workerBin === undefined)
  throw new BelfryError('bench.usage', 'relay.ts PAGE_FOLDER, with BELFRY_WORKER_BIN in the environment');

const platform = { clock: systemClock, randomBytes: secureRandomBytes, logger: silentLogger };
const real = await createMediasoupEngine({
  ...platform,
  workerBin,
  workers: 1,
  listen: [{ address: LOOPBACK }],
  dscp: 0,
});
const rooms = createRooms({ ...platform, engine: values.unwitnessed ? unwitnessed(real) : real });
const signaling = createSignaling({
  ...platform,
  media: createBridge(rooms),
  audit: { write: () => ok(undefined) },
  redact: makeRedact(toHex(secureRandomBytes(KEY_BYTES))),
  tokenKey: secureRandomBytes(KEY_BYTES),
  pages: { root },
});
const { host, port } = await signaling.listen({ host: LOOPBACK, port: 0 });

const openMeeting = (): string => {
  const meeting = asId<MeetingId>(toBase64Url(secureRandomBytes(16)));
  signaling.createMeeting(meeting);
  return formatLink({
    origin: `http://${host}:${port}`,
    meeting,
    token: signaling.mintToken(meeting, INVITATION_MS),
    secret: newMeetingSecret(secureRandomBytes),
  });
};
console.log(`${openMeeting()} ${openMeeting()}`);

process.once('SIGTERM', async () => {
  await signaling.close();
  rooms.close();
  await real.close();
});
