// A relay that gives out the benchmark's page: `relay.ts PAGE_FOLDER STATE_DIR PUBLIC [--unwitnessed]`. People enter by
// certificate, record and store are the product's. It prints where it is.
import { parseArgs } from 'node:util';
import { createBridge } from '../../src/app/bridge.ts';
import { BelfryError } from '../../src/base/errors.ts';
import { ok } from '../../src/base/result.ts';
import { createMediasoupEngine } from '../../src/sfu/engine/mediasoup/engine.ts';
import type { Engine } from '../../src/sfu/engine/port.ts';
import { createRooms } from '../../src/sfu/room/rooms.ts';
import { createSignaling } from '../../src/signaling/signaling.ts';
import { relayParts } from '../people/relay-parts.ts';

const LOOPBACK = '127.0.0.1';

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
const [root, stateDir, publicFolder] = positionals;
const { BELFRY_WORKER_BIN: workerBin } = process.env;
if (root === undefined || stateDir === undefined || publicFolder === undefined || workerBin === undefined)
  throw new BelfryError(
    'bench.usage',
    'relay.ts PAGE_FOLDER STATE_DIR PUBLIC, with BELFRY_WORKER_BIN in the environment',
  );

const { platform, ...judging } = await relayParts({ stateDir, folder: publicFolder });
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
  ...judging,
  media: createBridge(rooms),
  pages: { root },
});
const { host, port } = await signaling.listen({ host: LOOPBACK, port: 0 });
console.log(`http://${host}:${port}`);

// A benchmark that is killed takes its relay along.
process.stdin.resume().once('end', () => process.exit(1));
process.once('SIGTERM', async () => {
  await signaling.close();
  rooms.close();
  await real.close();
  // The folder of public files is watched for as long as the process lives.
  process.exit(0);
});
