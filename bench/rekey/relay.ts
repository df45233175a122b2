// A relay for the benchmark of changes of keys: `relay.ts STATE_DIR PUBLIC START`. People enter by certificate, record, store and
// limits are the product's; media is a stand-in, because none flows here. It prints one line of JSON: where it is. Its clock says
// START (Unix ms) when it begins.
import { openRecord } from '../../src/app/record/record.ts';
import { openRelayStore } from '../../src/app/store/store.ts';
import { openTrustFolder } from '../../src/app/trust/trust-folder.ts';
import { toHex } from '../../src/base/bytes.ts';
import { BelfryError } from '../../src/base/errors.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { secureRandomBytes, systemClock } from '../../src/base/platform.ts';
import { makeRedact } from '../../src/base/redact.ts';
import { createSignaling } from '../../src/signaling/signaling.ts';
import { FakeMediaPlane } from '../../test/support/fake-media-plane.ts';

const KEY_BYTES = 32;

const [, , stateDir, folder, start] = process.argv;
if (stateDir === undefined || folder === undefined || start === undefined)
  throw new BelfryError('bench.usage', 'relay.ts STATE_DIR PUBLIC START');

const beganMs = systemClock.nowMs();
const clock = {
  ...systemClock,
  unixMs: () => Number(start) + Math.floor(systemClock.nowMs() - beganMs),
};
const platform = { clock, randomBytes: secureRandomBytes, logger: silentLogger };
const store = await openRelayStore(stateDir);
const { trust } = await openTrustFolder({ ...platform, folder, store });
const { audit } = await openRecord({ ...platform, stateDir });
const signaling = createSignaling({
  ...platform,
  media: new FakeMediaPlane(),
  audit,
  people: { trust, store },
  redact: makeRedact(toHex(secureRandomBytes(KEY_BYTES))),
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
