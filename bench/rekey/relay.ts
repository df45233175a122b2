// A relay for the benchmark of changes of keys: `relay.ts STATE_DIR PUBLIC START`. People enter by certificate, record, store and
// limits are the product's; media is a stand-in, because none flows here. It prints one line of JSON: where it is. Its clock says
// START (Unix ms) when it begins.
import { BelfryError } from '../../src/base/errors.ts';
import { createSignaling } from '../../src/signaling/signaling.ts';
import { FakeMediaPlane } from '../../test/support/fake-media-plane.ts';
import { clockFrom, relayParts } from '../people/relay-parts.ts';

const [, , stateDir, folder, start] = process.argv;
if (stateDir === undefined || folder === undefined || start === undefined)
  throw new BelfryError('bench.usage', 'relay.ts STATE_DIR PUBLIC START');

const { platform, ...judging } = await relayParts({ stateDir, folder }, clockFrom(Number(start)));
const signaling = createSignaling({
  ...platform,
  ...judging,
  media: new FakeMediaPlane(),
});
const { host, port } = await signaling.listen({ host: '127.0.0.1', port: 0 });
console.log(JSON.stringify({ origin: `${host}:${port}` }));

// A benchmark that is killed takes its relay along.
process.stdin.resume().once('end', () => process.exit(1));
process.once('SIGTERM', async () => {
  await signaling.close();
  // The folder of public files is watched for as long as the process lives.
  process.exit(0);
});
