// The relay as it is served, for a load run: `relay.ts WORKERS STATE_DIR PUBLIC`. It prints where it is.
import { createLogger } from '../../src/app/logging.ts';
import { startBelfry } from '../../src/app/start.ts';
import { BelfryError } from '../../src/base/errors.ts';
import { loadSettings } from '../../src/config/load.ts';

const [, , workers, stateDir, people] = process.argv;
if (workers === undefined || stateDir === undefined || people === undefined)
  throw new BelfryError('bench.usage', 'relay.ts WORKERS STATE_DIR PUBLIC');

// Whoever started it is gone: nothing is written to it.
process.stdin.resume().once('end', () => process.exit(1));

const settings = loadSettings({
  flags: { workers, stateDir, people, port: '0', metricsPort: '0', mediaPort: '0', logLevel: 'error' },
  environment: process.env,
});
if (!settings.ok) throw BelfryError.from(settings.refusal);

const belfry = await startBelfry(settings.value, createLogger('error'));
const { signaling, observation } = belfry;
const urlOf = ({ host, port }: { readonly host: string; readonly port: number }) => `http://${host}:${port}`;
console.log(JSON.stringify({ origin: urlOf(signaling), metrics: `${urlOf(observation)}/metrics` }));

// Ctrl-C reaches the whole group: the load run says when it is time.
process.on('SIGINT', () => {});
process.once('SIGTERM', async () => {
  await belfry.stop();
  process.exit(0);
});
