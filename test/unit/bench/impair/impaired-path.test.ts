import assert from 'node:assert/strict';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { randomLoss } from '../../../../bench/load/impair/burst-loss.ts';
import {
  type ImpairedPath,
  MAX_HELD_PACKETS,
  openImpairedPath,
} from '../../../../bench/load/impair/impaired-path.ts';

const LIMIT = { timeout: 20_000 };

const openSocket = async (t: TestContext): Promise<Socket> => {
  const socket = createSocket('udp4');
  t.after(() => socket.close());
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
};

/** A server that answers everything with the same bytes, and a path to it. */
const openEcho = async (t: TestContext): Promise<ImpairedPath> => {
  const server = await openSocket(t);
  server.on('message', (bytes, { port, address }: RemoteInfo) => server.send(bytes, port, address));
  const path = await openImpairedPath(server.address().port);
  t.after(() => path.close());
  return path;
};

const answer = async (client: Socket, path: ImpairedPath, text: string): Promise<string> => {
  const answered = once(client, 'message');
  client.send(text, path.port, '127.0.0.1');
  return String((await answered)[0]);
};

test('each client hears the answers to its own packets', LIMIT, async (t) => {
  const path = await openEcho(t);
  const clients = [await openSocket(t), await openSocket(t)];
  const heard = await Promise.all(clients.map((client, i) => answer(client, path, `client ${i}`)));
  assert.deepEqual(heard, ['client 0', 'client 1']);
  assert.deepEqual([path.counts('up').packets, path.counts('down').packets], [2, 2]);
});

test('a delay comes on each way, and loss takes what it must and is counted', LIMIT, async (t) => {
  const path = await openEcho(t);
  const client = await openSocket(t);
  path.impair({ up: { delayMs: 20 }, down: { delayMs: 20 } }, 1);
  const sinceMs = performance.now();
  assert.equal(await answer(client, path, 'slow'), 'slow');
  assert.ok(performance.now() - sinceMs >= 40);

  path.impair({ up: { loss: randomLoss(1) } }, 1);
  assert.equal(path.counts('up').packets, 0);
  client.send('gone', path.port, '127.0.0.1');
  client.send('gone', path.port, '127.0.0.1');
  // The same socket takes them in order: once the third was answered, the first two were judged.
  while (path.counts('up').packets < 2) await new Promise((done) => setImmediate(done));
  assert.deepEqual(path.counts('up'), { packets: 2, lost: 2, overflowed: 0, unheld: 0 });
  path.impair({}, 1);
  assert.equal(await answer(client, path, 'back'), 'back');
});

test('packets that it can hold no longer are told apart from those that it was to lose', LIMIT, async (t) => {
  const path = await openEcho(t);
  const client = await openSocket(t);
  path.impair({ up: { delayMs: 600_000 } }, 1);
  const most = MAX_HELD_PACKETS + 10;
  // A few at a time: the kernel's queue is short.
  while (path.counts('up').packets < most) {
    const before = path.counts('up').packets;
    for (let i = 0; i < Math.min(20, most - before); i++) client.send('x', path.port, '127.0.0.1');
    while (path.counts('up').packets === before) await new Promise((done) => setImmediate(done));
  }
  const { packets, lost, overflowed, unheld } = path.counts('up');
  assert.deepEqual([lost, overflowed, unheld], [0, 0, packets - MAX_HELD_PACKETS]);
});
