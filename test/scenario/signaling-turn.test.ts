import assert from 'node:assert/strict';
import { it } from 'node:test';
import { replySchemas } from '../../src/signaling/protocol/messages.ts';
import { startRawMeeting } from '../support/raw-meeting.ts';

const TURN = { urls: ['turn:10.0.0.5:3478?transport=udp'], secret: 'a-secret-of-the-deployment' };

it('tells each transport of the TURN server, with a credential of its own and no secret', async () => {
  const server = await startRawMeeting({}, TURN);
  try {
    const { client, participant, session } = await server.join(11);
    const replies = [
      await client.done('create-transport', { direction: 'send' }),
      await client.done('create-transport', { direction: 'receive' }),
    ];
    const found = replies.map((reply) => replySchemas['create-transport'].parse(reply).iceServers ?? []);
    const [[first], [second]] = found as [(typeof found)[0], (typeof found)[0]];
    assert.deepEqual(first?.urls, TURN.urls);
    assert.notEqual(first?.username, second?.username);
    const said = JSON.stringify([client.received, server.log]);
    assert.ok(!said.includes(TURN.secret));
    for (const name of [participant, session]) assert.ok(!first?.username.includes(name));
    assert.ok(!JSON.stringify(server.log).includes(String(first?.credential)), 'the log has no credential');
  } finally {
    await server.close();
  }
});

it('tells of none where there is none', async () => {
  const server = await startRawMeeting();
  try {
    const { client } = await server.join(11);
    assert.equal((await client.done('create-transport', { direction: 'send' })).iceServers, undefined);
  } finally {
    await server.close();
  }
});
