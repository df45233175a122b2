import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PACKETS_PER_FRAME, payloadFile } from '../../../../bench/peers/payloads.ts';
import { seededRandom } from '../../../../bench/random.ts';
import { judge } from '../../../../src/sfu/room/witness.ts';

const NUMBER = 48_213;
const RTP_HEADER = Buffer.from([0x80, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

interface PayloadRecord {
  readonly marker: boolean;
  readonly packet: Buffer;
}

const recordsOf = (file: Buffer): PayloadRecord[] => {
  const records: PayloadRecord[] = [];
  for (let at = 0; at < file.length; ) {
    const end = at + 3 + file.readUInt16BE(at);
    records.push({
      marker: file[at + 2] === 1,
      packet: Buffer.concat([RTP_HEADER, file.subarray(at + 3, end)]),
    });
    at = end;
  }
  return records;
};

test('the relay takes every frame for sealed by its sender', () => {
  const records = recordsOf(payloadFile({ number: NUMBER }, seededRandom(1)));
  const verdicts = records.map(({ packet }) => judge(packet, 'vp8', [NUMBER]));
  const starts = verdicts.filter((_, i) => i % PACKETS_PER_FRAME === 0);
  assert.ok(starts.length > 1);
  assert.deepEqual(new Set(starts), new Set(['sealed']));
  const others = verdicts.filter((_, i) => i % PACKETS_PER_FRAME !== 0);
  assert.deepEqual(new Set(others), new Set(['no-frame']));
  assert.equal(judge(records[0]?.packet ?? Buffer.of(), 'vp8', [NUMBER + 1]), 'wrong-sender');
});

test('frames begin with a key frame and end with the marker', () => {
  const records = recordsOf(payloadFile({ number: undefined }, seededRandom(1)));
  const firstByte = records[0]?.packet[RTP_HEADER.length + 4] ?? 1;
  assert.equal(firstByte & 1, 0);
  const marked = records.flatMap(({ marker }, i) => (marker ? [i % PACKETS_PER_FRAME] : []));
  assert.equal(marked.length, records.length / PACKETS_PER_FRAME);
  assert.deepEqual(new Set(marked), new Set([PACKETS_PER_FRAME - 1]));
});
