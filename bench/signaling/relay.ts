// A relay for the benchmark of signaling: `relay.ts MEETINGS [STATE_DIR PUBLIC START]`. It prints one line of JSON: where it is,
// and its meetings by link. With a folder of public files people enter by certificate as well, and record and store are real;
// its clock then says START (Unix ms) when it begins.
import { createBridge } from '../../src/app/bridge.ts';
import { openRecord } from '../../src/app/record/record.ts';
import { openRelayStore } from '../../src/app/store/store.ts';
import { openTrustFolder } from '../../src/app/trust/trust-folder.ts';
import { toBase64Url, toHex } from '../../src/base/bytes.ts';
import { BelfryError } from '../../src/base/errors.ts';
import { asId, type MeetingId } from '../../src/base/ids.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { secureRandomBytes, systemClock } from '../../src/base/platform.ts';
import { makeRedact } from '../../src/base/redact.ts';
import { ok } from '../../src/base/result.ts';
import { createMediasoupEngine } from '../../src/sfu/engine/mediasoup/engine.ts';
import { createRooms } from '../../src/sfu/room/rooms.ts';
import { createSignaling } from '../../src/signaling/signaling.ts';

const LOOPBACK = '127.0.0.1';
const INVITATION_MS = 3_600_000;
const KEY_BYTES = 32;
/** Above what the ladder of rates reaches: the product's own bounds would end a step early, and say nothing of speed. */
const LIMITS = {
  maxSockets: 16_384,
  maxSessions: 16_384,
  maxPendingConnections: 4_096,
  maxMeetings: 1_024,
  maxParticipants: 2_000,
} as const;

const count = Number(process.argv[2]);
const { BELFRY_WORKER_BIN: workerBin } = process.env;
if (!Number.isInteger(count) || workerBin === undefined)
  throw new BelfryError('bench.usage', 'relay.ts MEETINGS, with BELFRY_WORKER_BIN in the environment');

const [, , , stateDir, publicFolder, start] = process.argv;
const beganMs = systemClock.nowMs();
const clock =
  start === undefined
    ? systemClock
    : { ...systemClock, unixMs: () => Number(start) + Math.floor(systemClock.nowMs() - beganMs) };
const platform = { clock, randomBytes: secureRandomBytes, logger: silentLogger };

const openPeople = async (folder: string, dir: string) => {
  const store = await openRelayStore(dir);
  const { trust } = await openTrustFolder({ ...platform, folder, store });
  const { audit } = await openRecord({ ...platform, stateDir: dir });
  return { people: { trust, store }, audit };
};
const { people, audit } =
  stateDir === undefined || publicFolder === undefined
    ? { people: undefined, audit: { write: () => ok(undefined) } }
    : await openPeople(publicFolder, stateDir);

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
  media: createBridge(rooms),
  audit,
  people,
  redact: makeRedact(toHex(secureRandomBytes(KEY_BYTES))),
  tokenKey: secureRandomBytes(KEY_BYTES),
  limits: LIMITS,
});
const { host, port } = await signaling.listen({ host: LOOPBACK, port: 0 });

const openMeeting = () => {
  const meeting = asId<MeetingId>(toBase64Url(secureRandomBytes(16)));
  signaling.createMeeting(meeting);
  return { meeting, token: signaling.mintToken(meeting, INVITATION_MS) };
};
const meetings = Array.from({ length: count }, openMeeting);
console.log(JSON.stringify({ url: `ws://${host}:${port}/v1/meet`, meetings }));

// A benchmark that is killed takes its relay along.
process.stdin.resume().once('end', () => process.exit(1));
process.once('SIGTERM', async () => {
  await signaling.close();
  rooms.close();
  await engine.close();
  // The folder of public files is watched for as long as the process lives.
  process.exit(0);
});
