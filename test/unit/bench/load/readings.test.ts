import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { parseSockets } from '../../../../bench/load/crew/socket-drops.ts';
import { machineTimes, shareBetween } from '../../../../bench/load/run/machine-time.ts';
import { parseExposition } from '../../../../bench/load/server/exposition.ts';
import { ServerReadings, secondOf } from '../../../../bench/load/server/readings.ts';

const page = (
  cpu: number,
  sent: number,
  relay: number,
): string => `# HELP belfry_worker_cpu_seconds_total CPU time.
# TYPE belfry_worker_cpu_seconds_total counter
belfry_worker_cpu_seconds_total{worker="w1"} ${cpu}
belfry_worker_sent_packets_total{worker="w1"} ${sent}
belfry_signaling_refusals_total{code="a \\"b\\", c"} 3
belfry_process_cpu_seconds_total ${relay}
`;

test('a page of metrics is read value by value, labels included', () => {
  assert.deepEqual(parseExposition(page(1.5, 10, 2)), [
    { name: 'belfry_worker_cpu_seconds_total', labels: { worker: 'w1' }, value: 1.5 },
    { name: 'belfry_worker_sent_packets_total', labels: { worker: 'w1' }, value: 10 },
    { name: 'belfry_signaling_refusals_total', labels: { code: 'a \\"b\\", c' }, value: 3 },
    { name: 'belfry_process_cpu_seconds_total', labels: {}, value: 2 },
  ]);
});

test('between two readings lies what was added; a worker that started anew began at nothing', () => {
  const [before, now] = [parseExposition(page(1, 100, 2)), parseExposition(page(1.25, 40, 2.5))];
  const { workers, relayCpuSeconds, lastedSeconds } = secondOf(before, now, 3, 1.01);
  assert.equal(workers.length, 1);
  assert.equal(workers[0]?.cpuSeconds, 0.25);
  assert.equal(workers[0]?.sentPackets, 40);
  assert.equal(relayCpuSeconds, 0.5);
  assert.equal(lastedSeconds, 1.01);
});

test('a server is read again and again; what does not come is counted and holds nobody up', async () => {
  let cpu = 0;
  const server = createServer((_, response) => response.end(page(cpu++, cpu * 10, 0)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const readings = new ServerReadings(`http://127.0.0.1:${port}/metrics`);
  for (const second of [0, 1, 2]) await readings.read(second);
  assert.deepEqual(
    readings.seconds.map(({ second, workers }) => [second, workers[0]?.cpuSeconds]),
    [
      [1, 1],
      [2, 1],
    ],
  );
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  await readings.read(3);
  assert.equal(readings.missed, 1);
  assert.equal(readings.seconds.length, 2);
});

test('sockets are read with their drops; other lines are skipped', () => {
  const text = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  123: 0100007F:D431 00000000:0000 07 00000000:00034000 00:00000000 00000000     0        0 987654 2 0000000000000000 4711
  124: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 5 2 0000000000000000 0
nonsense`;
  assert.deepEqual(parseSockets(text), [
    { port: 0xd431, inode: '987654', drops: 4_711 },
    { port: 53, inode: '5', drops: 0 },
  ]);
});

test('a machine is busy with all but idling and waiting, and what its host took was not its own', () => {
  const before = machineTimes('cpu  100 20 30 9999 8888 4 5 6 50 60\ncpu0 1 1 1 1\n');
  assert.deepEqual(before, { all: 190.52, busy: 1.59, stolen: 0.06 });
  const after = machineTimes('cpu  160 20 30 10007 8888 4 5 38 50 60\n');
  assert.deepEqual(shareBetween(before, before), { cpuSeconds: 0, stolenShare: 0 });
  const { cpuSeconds, stolenShare } = shareBetween(before, after);
  assert.deepEqual([cpuSeconds.toFixed(2), stolenShare.toFixed(2)], ['0.60', '0.32']);
});
