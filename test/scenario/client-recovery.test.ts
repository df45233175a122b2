import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { asId, type ParticipantId } from '../../src/base/ids.ts';
import type { Direction, Source } from '../../src/base/media.ts';
import { GIVE_UP_AFTER_MS } from '../../src/client/connection/outage.ts';
import { gather } from '../support/certified-world.ts';
import { type FakeClient, type FakeWorld, idOf, outputOf } from '../support/fake-meeting.ts';
import { HEARTBEAT_MS } from '../support/fake-server.ts';
import { settle, until } from '../support/until.ts';

/** Longer than the longest wait before a next attempt. */
const ANY_WAIT_MS = 10_000;

describe('a client whose network or server fails', () => {
  let world: FakeWorld;
  let ada: FakeClient;
  let bob: FakeClient;

  beforeEach(async () => {
    world = await gather();
    ada = await world.join('Ada');
    bob = await world.join('Bob');
    await ada.meeting.produce('microphone', { layers: 1 });
    await ada.meeting.produce('camera', { layers: 3 });
    await until('Bob takes both', () => bob.streams.length === 2);
  });

  const flows = async (...sources: readonly Source[]) => {
    for (const source of sources) {
      await until(`Bob takes Ada's ${source}`, () => outputOf(bob, ada, source) !== undefined);
      const sent = ada.port.sendFrames(source, 2);
      assert(sent.length > 0, `Ada sends ${source}`);
      assert.deepEqual(outputOf(bob, ada, source)?.frames.slice(-sent.length), sent);
    }
  };
  const phases = () => [ada, bob].map(({ meeting }) => meeting.state.phase.kind);
  const everybodyIn = () => until('both are in', () => phases().every((phase) => phase === 'in'));
  const callsOf = (client: FakeClient, name: string) =>
    client.port.calls.filter((call) => call === name).length;
  const fail = (direction: Direction) =>
    ada.port.say({ kind: 'transport-state', direction, state: 'failed' });
  const shownTo = ({ meeting }: FakeClient) => [...meeting.state.participants.keys()].sort();
  const idsOf = (...clients: FakeClient[]) => clients.map(idOf).sort();
  const codeOf = (outcome: { ok: boolean; refusal?: { code: string } }) => outcome.refusal?.code ?? 'ok';

  it('resumes after a cut: the same participants, and media that never stopped', async () => {
    const [before] = [idOf(ada)];
    world.server.cutAll();
    await until('both noticed', () => phases().every((phase) => phase === 'reconnecting'));
    await flows('microphone', 'camera');
    await world.pass(ANY_WAIT_MS);
    await everybodyIn();
    assert.deepEqual([idOf(ada), callsOf(ada, 'load')], [before, 1]);
    await flows('microphone', 'camera');
  });

  it('gets the answer to what it asked before a cut, executed once', async () => {
    world.server.loseMessages();
    const produced = ada.meeting.produce('screen', { layers: 1 });
    await until('it was executed', () => world.server.countExecuted('produce') === 3);
    world.server.cutAll();
    await world.pass(ANY_WAIT_MS);
    assert.equal(codeOf(await produced), 'ok');
    assert.equal(world.server.countExecuted('produce'), 3);
    await flows('screen');
  });

  it('hears after a cut what happened meanwhile', async () => {
    world.server.loseMessages();
    const cem = await world.join('Cem');
    await cem.meeting.produce('microphone', { layers: 1 });
    await settle();
    world.server.cutAll();
    await world.pass(ANY_WAIT_MS);
    await until('Bob takes Cem', () => outputOf(bob, cem, 'microphone') !== undefined);
    assert.deepEqual(shownTo(bob), idsOf(ada, cem));
  });

  it('notices a silent server, and comes back', async () => {
    world.clock.advance(HEARTBEAT_MS * 3);
    assert.deepEqual(phases(), ['reconnecting', 'reconnecting']);
    await world.pass(ANY_WAIT_MS);
    await everybodyIn();
    await flows('microphone');
  });

  it('joins anew where the session is gone: a new participant who sends what was on', async () => {
    const [before, number] = [idOf(ada), ada.meeting.state.self?.number];
    await ada.meeting.setPaused('camera', true);
    world.server.forgetSessions();
    await until('both noticed', () => phases().every((phase) => phase !== 'in'));
    await world.pass(ANY_WAIT_MS);
    await everybodyIn();
    await until('Bob sees Ada once', () => bob.meeting.state.participants.size === 1);
    assert.notEqual(idOf(ada), before);
    assert.notEqual(ada.meeting.state.self?.number, number, 'one in a million, by chance');
    await until('the camera is back', () => ada.port.isPaused('camera') === true);
    await flows('microphone');
    await ada.meeting.setPaused('camera', false);
    await flows('camera');
    assert.deepEqual(bob.meeting.state.refusedFrames, {});
  });

  it('refuses what was asked in a lost session, but keeps a source that is wanted', async () => {
    world.server.loseMessages();
    const produced = ada.meeting.produce('screen', { layers: 1 });
    await settle();
    world.server.forgetSessions();
    await world.pass(ANY_WAIT_MS);
    await world.pass(ANY_WAIT_MS);
    await everybodyIn();
    const outcome = codeOf(await produced);
    assert.equal(outcome === 'ok', ada.port.sources.includes('screen'), outcome);
  });

  it('builds all media anew when the relay moved the room', async () => {
    world.server.resetMedia();
    await until('both built anew', () => callsOf(ada, 'load') === 2 && callsOf(bob, 'load') === 2);
    await until('Bob takes both again', () => bob.streams.length === 6);
    await flows('microphone', 'camera');
    assert.equal(bob.streams.filter(({ kind }) => kind === 'removed').length, 2);
  });

  it('builds for the last of several resets, even in the middle of a build', async () => {
    for (let i = 0; i < 4; i++) {
      world.server.resetMedia();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await world.pass(ANY_WAIT_MS);
    await settle();
    await flows('microphone', 'camera');
    assert.equal(ada.meeting.state.phase.kind, 'in');
  });

  it('waits and tries again where a build is refused, and gives up in the end', async () => {
    world.server.refuseNext('create-transport', { code: 'media.unavailable', message: 'later' });
    world.server.resetMedia();
    await until('a problem shows', () =>
      [ada, bob].some(({ meeting }) => meeting.state.problem !== undefined),
    );
    await world.pass(ANY_WAIT_MS);
    await flows('microphone', 'camera');
    world.server.refuseNext('create-transport', { code: 'media.unavailable', message: 'never' }, 1_000);
    world.server.resetMedia();
    for (let i = 0; i < 10; i++) {
      await world.pass(ANY_WAIT_MS);
    }
    const { phase } = ada.meeting.state;
    assert.equal(phase.kind === 'closed' && phase.why?.code, 'media.unavailable');
  });

  it('restarts ICE once for a failed transport, and builds anew where that was in vain', async () => {
    fail('send');
    await until('ICE was restarted', () => callsOf(ada, 'restartIce') === 1);
    ada.port.say({ kind: 'transport-state', direction: 'send', state: 'connected' });
    fail('send');
    await until('and once more, as it had connected', () => callsOf(ada, 'restartIce') === 2);
    assert.equal(callsOf(ada, 'load'), 1);
    fail('send');
    await world.pass(ANY_WAIT_MS);
    await until('all was built anew', () => callsOf(ada, 'load') === 2);
    await settle();
    await flows('microphone', 'camera');
  });

  it('builds anew where the relay refuses the ICE restart', async () => {
    world.server.refuseNext('restart-ice', { code: 'media.unknown', message: 'no such transport' });
    fail('receive');
    await until('a problem shows', () => ada.meeting.state.problem?.code === 'media.unknown');
    await world.pass(ANY_WAIT_MS);
    await until('all was built anew', () => callsOf(ada, 'load') === 2);
    await settle();
    await flows('microphone');
  });

  it('gives up when the network is away for too long, and says so', async () => {
    world.server.setReachable(false);
    for (let i = 0; i < GIVE_UP_AFTER_MS / ANY_WAIT_MS + 10; i++) {
      await world.pass(ANY_WAIT_MS);
    }
    const { phase } = ada.meeting.state;
    assert.equal(phase.kind === 'closed' && phase.why?.code, 'connection.lost');
    assert.equal(world.clock.pendingTimers, 0);
  });

  it('fails at once where no server answers the first time', async () => {
    world.server.setReachable(false);
    const joining = world.tryToJoin('Cem');
    for (let i = 0; i < 5; i++) {
      await world.pass(ANY_WAIT_MS);
    }
    assert.equal(codeOf((await joining).joined), 'connection.no-answer');
  });

  it('does not wait for ever for a server that does not let go', async () => {
    world.server.loseMessages();
    const left = ada.meeting.leave();
    await settle();
    world.clock.advance(2_000);
    await left;
    assert.deepEqual(ada.meeting.state.phase, { kind: 'closed', why: undefined });
  });

  it('takes somebody who joins in the very moment in which it joins', async () => {
    const [cem, dee] = await Promise.all([world.join('Cem'), world.join('Dee')]);
    await until('all see all', () => [ada, bob, cem, dee].every((client) => shownTo(client).length === 3));
    assert.deepEqual(shownTo(cem), idsOf(ada, bob, dee));
    assert.deepEqual(shownTo(dee), idsOf(ada, bob, cem));
  });

  it('ends with a code where the server breaks the protocol', async () => {
    world.server.sendRaw({
      seq: 1,
      event: { kind: 'hidden-participant', participant: asId<ParticipantId>('x') },
    });
    await until('it closed', () => ada.meeting.state.phase.kind === 'closed');
    const { phase } = ada.meeting.state;
    assert.equal(phase.kind === 'closed' && phase.why?.code, 'protocol.malformed');
    assert.deepEqual(ada.port.sources, []);
  });
});
