import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gather } from '../support/certified-world.ts';

const ACCESS = { username: 'n', credential: 'c' };

test('a relay that names its TURN server by a name is left before any media stack hears of it', async () => {
  const world = await gather();
  world.server.iceServers = [{ urls: ['turn:10.0.0.5:3478', 'turns:turn.example:443'], ...ACCESS }];
  const { joined, port } = await world.tryToJoin('Ada');
  assert(!joined.ok);
  assert.equal(joined.refusal.code, 'transport.ice-server');
  assert.ok(!port.calls.includes('openTransport'));
});

test('a relay with a TURN server by address is joined', async () => {
  const world = await gather();
  world.server.iceServers = [{ urls: ['turn:10.0.0.5:3478', 'turns:10.0.0.5:443'], ...ACCESS }];
  const { joined, port } = await world.tryToJoin('Ada');
  assert(joined.ok);
  assert.ok(port.calls.includes('openTransport'));
});
