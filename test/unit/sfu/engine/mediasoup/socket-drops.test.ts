import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dropsAt, parseUdpDrops } from '../../../../../src/sfu/engine/mediasoup/socket-drops.ts';

const HEADER =
  '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops';
const line = (address: string, port: string, drops: number) =>
  ` 1034: ${address}:${port} 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 19837 2 0000000000000000 ${drops}        `;

const udp = parseUdpDrops([HEADER, line('0100007F', '9C40', 12), line('0100007F', '9C41', 0), ''].join('\n'));
const udp6 = parseUdpDrops([HEADER, line('00000000000000000000000001000000', '9C40', 5)].join('\n'));

describe('drops of UDP sockets', () => {
  it('are read by port, the header and foreign lines skipped', () => {
    assert.deepEqual(
      [...udp],
      [
        [40_000, 12],
        [40_001, 0],
      ],
    );
    assert.deepEqual([...udp6], [[40_000, 5]]);
    assert.deepEqual([...parseUdpDrops('')], []);
    assert.deepEqual([...parseUdpDrops(`${HEADER}\n 1: 0100007F:9C40 x y\nnonsense`)], []);
  });

  it('of two sockets on one port are added', () => {
    const text = [line('0100007F', '9C40', 12), line('020200C0', '9C40', 3)].join('\n');
    assert.deepEqual([...parseUdpDrops(text)], [[40_000, 15]]);
  });

  it('of a worker are those of its ports, each port once, each family in its own table', () => {
    const tables = { udp, udp6 };
    assert.equal(dropsAt([{ family: 4, port: 40_000 }], tables), 12);
    assert.equal(dropsAt([{ family: 6, port: 40_000 }], tables), 5);
    assert.equal(
      dropsAt(
        [
          { family: 4, port: 40_000 },
          { family: 6, port: 40_000 },
        ],
        tables,
      ),
      17,
    );
    assert.equal(
      dropsAt(
        [
          { family: 4, port: 40_000 },
          { family: 4, port: 40_000 },
        ],
        tables,
      ),
      12,
    );
    assert.equal(dropsAt([{ family: 4, port: 1 }], tables), 0);
  });
});
