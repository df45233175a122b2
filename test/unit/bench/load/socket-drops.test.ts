import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { SocketDrops } from '../../../../bench/load/crew/socket-drops.ts';

const NOBODY: ReadonlySet<number> = new Set();
/** More than any kernel keeps for a socket that nobody reads meanwhile. */
const FLOOD = 20_000;

const bound = async (t: TestContext): Promise<Socket> => {
  const socket = createSocket('udp4');
  t.after(() => socket.close());
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
};

/** All within one turn of the event loop: the receiver is in this process, and reads nothing before it ends. */
const flood = async (sender: Socket): Promise<void> => {
  for (let i = 0; i < FLOOD; i++) sender.send('x'.repeat(1_000));
  await new Promise<void>((done) => process.nextTick(done));
};

test('what the kernel dropped is counted once, at sockets that are read and at those of ghosts apart', async (t) => {
  const [receiver, sender] = [await bound(t), await bound(t)];
  const { port } = receiver.address();
  sender.connect(port, '127.0.0.1');
  await once(sender, 'connect');
  const drops = new SocketDrops();
  assert.deepEqual(drops.take(NOBODY), { read: 0, ghosts: 0 });
  await flood(sender);
  const first = drops.take(NOBODY);
  assert.ok(first.read > 0);
  assert.equal(first.ghosts, 0);
  assert.deepEqual(drops.take(NOBODY), { read: 0, ghosts: 0 });
  await flood(sender);
  const ghosts = drops.take(new Set([port]));
  assert.ok(ghosts.ghosts > 0);
  assert.equal(ghosts.read, 0);
});
