import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CATALOGUE, entryOf, type MetricName } from '../../../src/metrics/catalogue.ts';
import { type Observation, serveObservation } from '../../../src/metrics/http.ts';
import { createMetrics, type Reading } from '../../../src/metrics/registry.ts';

const open: Observation[] = [];
after(() => Promise.all(open.map((observation) => observation.close())));

const serve = async (readings: () => Reading[], reasons: () => string[] = () => []) => {
  const metrics = createMetrics(readings);
  const observation = await serveObservation({ host: '127.0.0.1', port: 0 }, metrics, reasons);
  open.push(observation);
  const get = async (path: string, method = 'GET') => {
    const response = await fetch(`http://127.0.0.1:${observation.port}${path}`, { method });
    return { status: response.status, body: await response.text() };
  };
  return { get, metrics };
};

test('totals are shown as they are now, never added up', async () => {
  let sent = 5;
  const { get } = await serve(() => [
    { name: 'belfry_worker_sent_packets_total', labels: { worker: '1' }, value: sent },
    { name: 'belfry_rooms', value: 2 },
  ]);
  await get('/metrics');
  sent = 7;
  const { body } = await get('/metrics');
  assert.match(body, /^belfry_worker_sent_packets_total\{worker="1"\} 7$/m);
  assert.match(body, /^belfry_rooms 2$/m);
});

test('a worker that is gone leaves no value behind', async () => {
  let readings: Reading[] = [{ name: 'belfry_worker_up', labels: { worker: '1' }, value: 1 }];
  const { get } = await serve(() => readings);
  assert.match((await get('/metrics')).body, /belfry_worker_up\{worker="1"\} 1/);
  readings = [];
  assert.doesNotMatch((await get('/metrics')).body, /belfry_worker_up\{/);
});

test('a histogram keeps what was observed', async () => {
  const { get, metrics } = await serve(() => []);
  metrics.observe('belfry_event_loop_delay_seconds', 0.003);
  await get('/metrics');
  const { body } = await get('/metrics');
  assert.match(body, /^belfry_event_loop_delay_seconds_bucket\{le="0.005"\} 1$/m);
  assert.match(body, /^belfry_event_loop_delay_seconds_count 1$/m);
});

test('readyz says by name what is missing, healthz only that the process answers', async () => {
  const reasons: string[] = [];
  const { get } = await serve(
    () => [],
    () => reasons,
  );
  assert.deepEqual(await get('/readyz'), { status: 200, body: 'ready\n' });
  reasons.push('media worker 1 does not answer');
  assert.deepEqual(await get('/readyz'), { status: 503, body: 'media worker 1 does not answer\n' });
  assert.equal((await get('/healthz')).status, 200);
});

test('other paths and methods get a short answer', async () => {
  const { get } = await serve(() => []);
  assert.equal((await get('/secret')).status, 404);
  assert.equal((await get('/__proto__')).status, 404);
  assert.equal((await get('/metrics', 'POST')).status, 405);
});

test('a port in use is said with the way out', async () => {
  const { get: _get } = await serve(() => []);
  const taken = open.at(-1)?.port ?? 0;
  await assert.rejects(
    serveObservation(
      { host: '127.0.0.1', port: taken },
      createMetrics(() => []),
      () => [],
    ),
    { code: 'metrics.address', message: new RegExp(`port ${taken}`) },
  );
});

test('every name says its unit or kind, every label is one that may be seen', () => {
  const allowedLabels = ['worker', 'code', 'why', 'seen'];
  for (const name of Object.keys(CATALOGUE) as MetricName[]) {
    const entry = entryOf(name);
    assert.match(name, /^belfry_[a-z_]+$/);
    assert.equal(name.endsWith('_total'), entry.kind === 'counter', name);
    assert.ok(entry.help.endsWith('.'), name);
    for (const label of entry.labels ?? []) assert.ok(allowedLabels.includes(label), `${name} ${label}`);
  }
});
