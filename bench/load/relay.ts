// The relay as it is served, for a load run: `relay.ts MEETINGS WORKERS FOLDER`. It prints where it is, and
// an invitation to each meeting; the meetings' secrets are made by whoever reads them.
import { createLogger } from '../../src/app/logging.ts';
import { startBelfry } from '../../src/app/start.ts';
import { BelfryError } from '../../src/base/errors.ts';
import { loadSettings } from '../../src/config/load.ts';

const INVITATION_MS = 24 * 3_600_000;

const [, , meetings, workers, stateDir] = process.argv;
if (meetings === undefined || workers === undefined || stateDir === undefined)
  throw new BelfryError('bench.usage', 'relay.ts MEETINGS WORKERS FOLDER');

const settings = loadSettings({
  flags: { workers, stateDir, port: '0', metricsPort: '0', mediaPort: '0', logLevel: 'error' },
  environment: process.env,
});
if (!settings.ok) throw BelfryError.from(settings.refusal);

const belfry = await startBelfry(settings.value, createLogger('error'));
const { signaling, observation } = belfry;
const origin = `http://${signaling.host}:${signaling.port}`;
const invitations = Array.from({ length: Number(meetings) }, () => {
  const meeting = belfry.createMeeting();
  return { origin, meeting, token: belfry.invite(meeting, INVITATION_MS) };
});
console.log(
  JSON.stringify({ metrics: `http://${observation.host}:${observation.port}/metrics`, invitations }),
);

// Ctrl-C reaches the whole group: the load run says when it is time.
process.on('SIGINT', () => {});
process.once('SIGTERM', async () => {
  await belfry.stop();
  process.exit(0);
});
