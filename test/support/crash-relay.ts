/**
 * Signaling with its real store, record and public files, over a media plane in memory: `crash-relay.ts STATE_DIR PUBLIC START PORT`.
 * Its clock says START (Unix ms) when it begins. It prints its port. On a line `end MEETING` it ends that meeting, and says so.
 */
import { flushCompileCache } from 'node:module';
import { createInterface } from 'node:readline';
import { openRecord } from '../../src/app/record/record.ts';
import { openRelayStore } from '../../src/app/store/store.ts';
import { openTrustFolder } from '../../src/app/trust/trust-folder.ts';
import { asId, type MeetingId } from '../../src/base/ids.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { secureRandomBytes, systemClock } from '../../src/base/platform.ts';
import { createSignaling } from '../../src/signaling/signaling.ts';
import { FakeMediaPlane } from './fake-media-plane.ts';

const [stateDir = '', folder = '', start = '', wanted = '0'] = process.argv.slice(2);
const beganMs = systemClock.nowMs();
const clock = { ...systemClock, unixMs: () => Number(start) + Math.floor(systemClock.nowMs() - beganMs) };
const platform = { clock, randomBytes: secureRandomBytes, logger: silentLogger };
const store = await openRelayStore(stateDir);
const { trust } = await openTrustFolder({ ...platform, folder, store });
const { audit } = await openRecord({ ...platform, stateDir });
const signaling = createSignaling({
  ...platform,
  media: new FakeMediaPlane(),
  audit,
  redact: String,
  people: { trust, store },
});
await signaling.reopenMeetings();
const { port } = await signaling.listen({ host: '127.0.0.1', port: Number(wanted) });
console.log(port);
// Else it would be written at an end in peace, and there is none.
flushCompileCache();

for await (const line of createInterface({ input: process.stdin })) {
  const [, meeting = ''] = line.split(' ');
  signaling.endMeeting(asId<MeetingId>(meeting));
  console.log(`ended ${meeting}`);
}
