import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { LogFields, Logger } from '../../src/base/logger.ts';
import type { OpenSocket, Socket } from '../../src/client/connection/socket.ts';
import { openWebSocket } from '../../src/client/connection/web-socket.ts';
import type { Headless } from '../../src/client/selfcheck/headless.ts';
import { MeasuredStream } from '../../src/client/selfcheck/measured-stream.ts';
import { joinHeadless, type RealMeeting, startRelay } from '../support/real-meeting.ts';
import { eventually } from '../support/until.ts';
import { SpawnWatch } from './engine-support.ts';

const TIMEOUT = { timeout: 60_000 };

/** Sockets that the test can lose. */
const sockets: Socket[] = [];
const openSocket: OpenSocket = (url, handlers) => {
  const socket = openWebSocket(url, handlers);
  sockets.push(socket);
  return socket;
};

const logged: string[] = [];
const log = (event: string, fields?: LogFields) => logged.push(`${event} ${JSON.stringify(fields)}`);
const logger: Logger = { info: log, warn: log, error: log };

describe('two clients and a relay, all real', () => {
  const watch = new SpawnWatch();
  const faults: string[] = [];
  let relay: RealMeeting;
  let ada: Headless;
  let bob: Headless;

  before(async () => {
    relay = await startRelay(2, logger);
    ada = await join('Ada');
    bob = await join('Bob');
    await ada.produce();
  });
  after(async () => {
    await Promise.all([ada, bob].map(({ meeting }) => meeting.leave()));
    await relay.stop();
    watch.end();
  });

  const join = async (name: string) => {
    const device = await relay.people.device();
    return joinHeadless(relay.link, name, (fault) => faults.push(fault), { device, openSocket, logger });
  };
  /** Frames that are sent from now on are opened, byte for byte. */
  const flows = async () => {
    for (const source of ['microphone', 'camera'] as const) {
      const fresh = new MeasuredStream(ada, bob, source);
      await eventually(`Bob opens Ada's ${source}`, () => fresh.arrivals.layer !== undefined);
      assert.equal(fresh.arrivals.wrong, 0);
    }
  };
  const phases = () => [ada, bob].map(({ meeting }) => meeting.state.phase.kind);
  const everybodyIn = () => eventually('both are in', () => phases().every((phase) => phase === 'in'));

  it('send and open', TIMEOUT, flows);

  it(
    'resume after their sockets are gone, as the same participants, while media flows',
    TIMEOUT,
    async () => {
      const before = [ada, bob].map(({ meeting }) => meeting.state.self?.participant);
      for (const socket of sockets.splice(0)) socket.close();
      await eventually('both noticed', () => phases().every((phase) => phase === 'reconnecting'));
      await flows();
      await everybodyIn();
      assert.deepEqual(
        [ada, bob].map(({ meeting }) => meeting.state.self?.participant),
        before,
      );
      await flows();
    },
  );

  it('answer requests after a resume', TIMEOUT, async () => {
    const choice = { spatialLayer: 0 };
    assert.deepEqual(await bob.meeting.preferLayers(ada.id, 'camera', choice), {
      ok: true,
      value: undefined,
    });
    assert.deepEqual(await ada.meeting.setPaused('camera', true), { ok: true, value: undefined });
    await eventually('Bob knows', () => [...bob.meeting.state.streams.values()].some(({ paused }) => paused));
    assert.deepEqual(await ada.meeting.setPaused('camera', false), { ok: true, value: undefined });
    await flows();
  });

  it('move to another worker when theirs dies, and lose nobody', TIMEOUT, async () => {
    const before = [...bob.meeting.state.streams.keys()];
    for (const worker of watch.workers) worker.kill('SIGKILL');
    await eventually('the streams are new ones', () => {
      const now = [...bob.meeting.state.streams.keys()];
      return now.length === 2 && now.every((consumer) => !before.includes(consumer));
    });
    await flows();
    await everybodyIn();
    assert.deepEqual(bob.meeting.state.refusedFrames, {});
  });

  it('leave nothing of the secret or of names in the relay’s log', () => {
    assert(logged.length > 0);
    const all = logged.join('\n');
    const { meeting } = relay.link;
    for (const form of ['Ada', 'Bob', meeting]) assert.equal(all.includes(form), false);
  });

  it('hear that the relay stops, and close', TIMEOUT, async () => {
    await relay.belfry.stop();
    await eventually('both closed', () => phases().every((phase) => phase === 'closed'));
    const { phase } = ada.meeting.state;
    assert.equal(phase.kind === 'closed' && phase.why?.code, 'meeting.ended');
    assert.deepEqual(faults, []);
  });
});
