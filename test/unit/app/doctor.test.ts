import assert from 'node:assert/strict';
import dns from 'node:dns';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { judgeBuffers, judgeClock, judgeDescriptors, judgeNode } from '../../../src/app/doctor/machine.ts';
import { checkNames, namesLookedUp } from '../../../src/app/doctor/names.ts';
import { checkPorts } from '../../../src/app/doctor/ports.ts';
import { loadSettings } from '../../../src/config/load.ts';

test('an old Node is a failure', () => {
  assert.equal(judgeNode('v24.0.0').verdict, 'ok');
  assert.equal(judgeNode('v20.19.1').verdict, 'fail');
});

test('few descriptors are a warning that says how to get more', () => {
  const limits = (soft: string) =>
    `Limit Soft Hard Units\nMax open files            ${soft}   1048576   files\n`;
  assert.equal(judgeDescriptors(limits('1048576')).verdict, 'ok');
  assert.equal(judgeDescriptors(limits('unlimited')).verdict, 'ok');
  const finding = judgeDescriptors(limits('1024'));
  assert.equal(finding.verdict, 'warn');
  assert.match(finding.remedy ?? '', /ulimit -n/);
  assert.equal(judgeDescriptors('').verdict, 'warn');
});

test('a small kernel limit is named with the command that lifts it', () => {
  const limit = { name: 'net.core.rmem_max', wantedBytes: 4_194_304, allowedBytes: 212_992 };
  const finding = judgeBuffers([limit]);
  assert.equal(finding.verdict, 'warn');
  assert.equal(finding.remedy, 'sysctl -w net.core.rmem_max=4194304');
  assert.equal(judgeBuffers([{ ...limit, allowedBytes: 4_194_304 }]).verdict, 'ok');
});

test('a clock before the installation is wrong', () => {
  assert.equal(judgeClock(2_000, 1_000).verdict, 'ok');
  assert.equal(judgeClock(1_000, 2_000).verdict, 'fail');
});

test('a port in use is named', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const loaded = loadSettings({
    flags: {},
    environment: {},
    defaults: { port, metricsPort: 0, mediaPort: 0 },
  });
  assert.ok(loaded.ok);
  const onLoopback = { host: '127.0.0.1', mediaAddresses: ['127.0.0.1'] };
  const finding = await checkPorts(loaded.value, onLoopback, 2);
  assert.equal(finding.verdict, 'fail');
  assert.match(finding.detail, new RegExp(`tcp ${port} of 127.0.0.1`));
  const free = { ...loaded.value, port: 0 };
  assert.equal((await checkPorts(free, onLoopback, 2)).verdict, 'ok');
  server.close();
});

test('a lookup of a name is seen, one of an address is none, and the trap is taken away', async () => {
  const before = dns.lookup;
  const look = (name: string) => new Promise<void>((resolve) => dns.lookup(name, () => resolve()));
  assert.deepEqual(await namesLookedUp(() => look('127.0.0.1')), []);
  assert.deepEqual(await namesLookedUp(() => look('localhost')), ['localhost']);
  assert.equal((await checkNames(() => look('localhost'))).verdict, 'fail');
  await assert.rejects(namesLookedUp(() => Promise.reject(new Error('stop'))));
  assert.equal(dns.lookup, before);
});
