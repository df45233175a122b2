import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { RandomBytes } from '../../src/base/clock.ts';
import { nodeDriver } from '../../src/e2ee/sframe/node.ts';
import { gather } from '../support/certified-world.ts';
import { type FakeClient, type FakeWorld, idOf } from '../support/fake-meeting.ts';
import { NonceRecorder } from '../support/nonce-recorder.ts';
import { settle, until } from '../support/until.ts';

const ANY_WAIT_MS = 10_000;

/** Everything by which a stream, a transport, a room, a session or a page can begin again under the same link. */
describe('no nonce comes twice under one key', () => {
  let world: FakeWorld;
  let recorder: NonceRecorder;
  let client: FakeClient;

  const join = async (randomBytes?: RandomBytes) => {
    client = await world.join('Ada', { driver: recorder.driver, ...(randomBytes && { randomBytes }) });
    await client.meeting.produce('microphone', { layers: 1 });
    await client.meeting.produce('camera', { layers: 3 });
    send();
  };
  const send = () => {
    const sent = ['microphone', 'camera'] as const;
    for (const source of sent) assert(client.port.sendFrames(source, 20).length > 0, `${source} is on`);
    assert.equal(recorder.repeats, 0);
  };
  const sendsAgain = () => until('both are on', () => client.port.sources.length === 2);
  const loads = () => client.port.calls.filter((call) => call === 'load').length;

  beforeEach(async () => {
    world = await gather();
    recorder = new NonceRecorder(nodeDriver);
  });

  const reproduce = async () => {
    await client.meeting.produce('camera', { layers: 3 });
    await client.meeting.produce('microphone', { layers: 1 });
  };
  const offAndOn = async () => {
    await client.meeting.stop('camera');
    await client.meeting.produce('camera', { layers: 3 });
    await client.meeting.setPaused('microphone', true);
    await client.meeting.setPaused('microphone', false);
  };
  const resume = async () => {
    world.server.cutAll();
    await until('it noticed', () => client.meeting.state.phase.kind === 'reconnecting');
    await world.pass(ANY_WAIT_MS);
    await until('it is back', () => client.meeting.state.phase.kind === 'in');
  };
  const rejoin = async () => {
    const before = idOf(client);
    world.server.forgetSessions();
    await world.pass(2 * ANY_WAIT_MS);
    assert.notEqual(idOf(client), before);
    await sendsAgain();
  };
  const rebuildRoom = async () => {
    const before = loads();
    world.server.resetMedia();
    await until('it built anew', () => loads() === before + 1);
    await sendsAgain();
  };
  const restartIce = async () => {
    client.port.say({ kind: 'transport-state', direction: 'send', state: 'failed' });
    await settle();
    assert(client.port.calls.includes('restartIce'));
  };
  const failTransports = async () => {
    const before = loads();
    client.port.say({ kind: 'transport-state', direction: 'send', state: 'failed' });
    client.port.say({ kind: 'transport-state', direction: 'send', state: 'failed' });
    await world.pass(ANY_WAIT_MS);
    assert.equal(loads(), before + 1);
    await sendsAgain();
  };
  /** The old page is gone without a word, the new one knows nothing but the link. */
  const reload = () => join();

  for (const [name, change] of Object.entries({
    reproduce,
    offAndOn,
    resume,
    rejoin,
    rebuildRoom,
    restartIce,
    failTransports,
    reload,
  }))
    it(`after ${name}`, async () => {
      await join();
      for (let i = 0; i < 3; i++) {
        await change();
        send();
      }
      assert.equal(recorder.repeats, 0);
      assert(recorder.sealed >= 4 * 80);
    });

  it('after all of it in a row, twice over', async () => {
    await join();
    for (let round = 0; round < 2; round++)
      for (const change of [
        reproduce,
        resume,
        offAndOn,
        restartIce,
        rejoin,
        failTransports,
        rebuildRoom,
        reload,
      ]) {
        await change();
        send();
      }
    assert.equal(recorder.repeats, 0);
    // Three layers and one stream each at the first join and at five kinds of change; the camera alone in `offAndOn`,
    // nothing new in `resume` and `restartIce`.
    assert.equal(recorder.keys.size, 4 + 2 * (5 * 4 + 3));
  });

  it('would be found: a salt that repeats over a reload repeats them all', async () => {
    const broken: RandomBytes = (size) => new Uint8Array(size);
    await join(broken);
    const before = recorder.sealed;
    await assert.rejects(join(broken), assert.AssertionError);
    assert.equal(recorder.repeats, recorder.sealed - before);
  });

  it('holds even then within one page: a key that was sealed under before is refused', async () => {
    const broken: RandomBytes = (size) => new Uint8Array(size);
    await join(broken);
    world.server.forgetSessions();
    await world.pass(2 * ANY_WAIT_MS);
    const { phase } = client.meeting.state;
    assert.equal(phase.kind === 'closed' && phase.why?.code, 'keys.used-before');
    assert.deepEqual(client.port.sources, []);
    assert.equal(recorder.repeats, 0);
  });
});
