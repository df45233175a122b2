import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { ProtectionProfileAeadAes128Gcm, RtpHeader, RtpPacket, SrtcpSession, SrtpSession } from 'werift';
import { openFloor } from '../../../../bench/peers/houses/floor.ts';
import { handOver, openSocket } from '../../../../bench/peers/leg.ts';
import { payloadFile } from '../../../../bench/peers/payloads.ts';
import { buildPrograms, type Load, runLoad } from '../../../../bench/peers/rig.ts';
import type { Stage } from '../../../../bench/peers/stage.ts';
import { seededRandom } from '../../../../bench/random.ts';

const programs = buildPrograms();
const opened: Socket[] = [];
after(() => {
  programs.remove();
  for (const socket of opened) socket.close();
});

const kept = (socket: Socket): Socket => {
  opened.push(socket);
  return socket;
};

const TWCC = 5;
const STAMP = { at: 64, bytes: 8 };
const idle = { begin: () => {}, end: () => undefined };
const load = (runMs: number): Load => ({
  phases: [{ warmMs: 0, runMs, burst: 12 }],
  rate: 360,
  sealed: true,
  random: seededRandom(1),
});

const newMaster = () => randomBytes(28);
/** werift as the other side: what the generator seals with `theirs` it opens. */
const keysOf = (theirs: Buffer, own = newMaster()) => ({
  profile: ProtectionProfileAeadAes128Gcm,
  keys: {
    localMasterKey: own.subarray(0, 16),
    localMasterSalt: own.subarray(16),
    remoteMasterKey: theirs.subarray(0, 16),
    remoteMasterSalt: theirs.subarray(16),
  },
});

const listener = async (): Promise<Socket> => {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return kept(socket);
};

const nobody = { worker: 0, others: [], joinsMs: [], residentBytes: undefined, close: async () => {} };

test('what the generator publishes opens as the SRTP of another implementation', async () => {
  const sink = await listener();
  const source = kept(await openSocket(sink.address().port));
  const key = newMaster();
  const datagrams: Buffer[] = [];
  sink.on('message', (datagram) => datagrams.push(datagram));
  const stage: Stage = {
    ...nobody,
    publishers: [
      { fd: handOver(source), ssrc: 77, payloadType: 96, twcc: TWCC, key: key.toString('hex'), number: 3 },
    ],
    viewers: [],
  };
  const [found] = await runLoad(programs.rig, stage, load(100), idle);
  while (datagrams.length < (found?.counted.sent ?? 1)) await once(sink, 'message');
  const session = new SrtpSession(keysOf(key));
  const packets = datagrams.map((datagram) => RtpPacket.deSerialize(session.decrypt(datagram)));
  const [first] = packets;
  assert.deepEqual([first?.header.ssrc, first?.header.payloadType], [77, 96]);
  assert.deepEqual(
    packets.map(({ header }) => header.extensions.find(({ id }) => id === TWCC)?.payload.readUInt16BE()),
    packets.map((_, i) => i),
  );
  const wanted = payloadFile({ number: 3 }, seededRandom(1)).subarray(3, 3 + 1_100);
  assert.ok(first?.payload.subarray(0, STAMP.at).equals(wanted.subarray(0, STAMP.at)));
  const rest = STAMP.at + STAMP.bytes;
  assert.ok(first?.payload.subarray(rest).equals(wanted.subarray(rest)));
});

/** One packet with a transport-wide number, sealed by werift. */
const sealed = (session: SrtpSession, sequence: number): Buffer => {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(sequence);
  const header = new RtpHeader({
    ssrc: 9,
    payloadType: 96,
    sequenceNumber: sequence,
    extension: true,
    extensionProfile: 0xbede,
    extensions: [{ id: TWCC, payload }],
  });
  return session.encrypt(Buffer.alloc(600), header);
};

test('feedback tells which transport-wide numbers came, across their wrap, and which did not', async () => {
  const relay = await listener();
  const viewer = kept(await openSocket(relay.address().port));
  const [toViewer, fromViewer] = [newMaster(), newMaster()];
  const sender = new SrtpSession(keysOf(fromViewer, toViewer));
  const arrived = [65_533, 65_534, 1, 2];
  for (const sequence of arrived) relay.send(sealed(sender, sequence), viewer.address().port, '127.0.0.1');
  const reports: Buffer[] = [];
  relay.on('message', (datagram) => reports.push(datagram));
  const source = kept(await openSocket(relay.address().port));
  const stage: Stage = {
    ...nobody,
    publishers: [
      {
        fd: handOver(source),
        ssrc: 1,
        payloadType: 96,
        twcc: 0,
        key: newMaster().toString('hex'),
        number: 1,
      },
    ],
    viewers: [
      {
        fd: handOver(viewer),
        twcc: TWCC,
        sendKey: fromViewer.toString('hex'),
        readKey: toViewer.toString('hex'),
      },
    ],
  };
  await runLoad(programs.rig, stage, load(250), idle);
  const isFeedback = (datagram: Buffer) => datagram[1] === 205;
  while (!reports.some(isFeedback)) await once(relay, 'message');
  const report = new SrtcpSession(keysOf(fromViewer)).decrypt(reports.find(isFeedback) ?? Buffer.of());
  assert.equal(report.readUInt32BE(8), 9, 'the media that it is about');
  assert.equal(report.readUInt16BE(12), 65_533, 'the first number');
  assert.equal(report.readUInt16BE(14), 6, 'how many it is about');
  const symbols = [0, 1, 2, 3, 4, 5].map((i) => (report.readUInt16BE(20) >> (12 - 2 * i)) & 3);
  assert.deepEqual(
    symbols.map((symbol) => symbol !== 0),
    [true, true, false, false, true, true],
  );
});

test('the floor forwards what was published to each viewer, under the key of that viewer', async () => {
  const stage = await openFloor(programs.floor, { publishers: 1, viewers: 3, meets: false });
  const [found] = await runLoad(programs.rig, stage, load(200), idle).finally(() => stage.close());
  assert.ok(found !== undefined && found.counted.sent > 0);
  const { sent, received, delays, refused } = found.counted;
  // A busy machine may be late with the last of them.
  assert.ok(received > 0 && received <= 3 * sent, `${received} of ${sent}`);
  assert.ok(delays > 0 && delays <= sent, 'one viewer opens what it got');
  assert.equal(refused, 0);
});
