// A relay for the benchmark of signaling: `relay.ts STATE_DIR PUBLIC START`. People enter by certificate, record and store are the
// product's. It prints one line of JSON: where it is. Its clock says START (Unix ms) when it begins.
import { createBridge } from '../../src/app/bridge.ts';
import { BelfryError } from '../../src/base/errors.ts';
import { createMediasoupEngine } from '../../src/sfu/engine/mediasoup/engine.ts';
import { createRooms } from '../../src/sfu/room/rooms.ts';
import { createSignaling } from '../../src/signaling/signaling.ts';
import { clockFrom, relayParts } from '../people/relay-parts.ts';

const LOOPBACK = '127.0.0.1';
/** Above what the ladder of rates reaches: the product's own bounds would end a step early, and say nothing of speed. */
const LIMITS = {
  maxSockets: 16_384,
  maxSessions: 16_384,
  maxPendingConnections: 4_096,
  maxMeetings: 1_024,
  maxParticipants: 2_000,
  refusedEntries: { burst: 16_384, perSecond: 256 },
} as const;

const { BELFRY_WORKER_BIN: workerBin } = process.env;
const [, , stateDir, folder, start] = process.argv;
if (stateDir === undefined || folder === undefined || start === undefined || workerBin === undefined)
  throw new BelfryError(
    'bench.usage',
    'relay.ts STATE_DIR PUBLIC START, with BELFRY_WORKER_BIN in the environment',
  );

const { platform, ...judging } = await relayParts({ stateDir, folder }, clockFrom(Number(start)));
const engine = await createMediasoupEngine({
  ...platform,
  workerBin,
  workers: 1,
  listen: [{ address: LOOPBACK }],
  dscp: 0,
});
const rooms = createRooms({ ...platform, engine });
const signaling = createSignaling({
  ...platform,
  ...judging,
  media: createBridge(rooms),
  limits: LIMITS,
});
const { host, port } = await signaling.listen({ host: LOOPBACK, port: 0 });
console.log(JSON.stringify({ url: `ws://${host}:${port}/v1/meet` }));

// A benchmark that is killed takes its relay along.
process.stdin.resume().once('end', () => process.exit(1));
process.once('SIGTERM', async () => {
  await signaling.close();
  rooms.close();
  await engine.close();
  // The folder of public files is watched for as long as the process lives.
  process.exit(0);
});
