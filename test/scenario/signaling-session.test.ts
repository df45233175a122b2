import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { asId, type ConsumerId } from '../../src/base/ids.ts';
import { DEFAULT_LIMITS } from '../../src/signaling/limits.ts';
import { RawClient, type Received } from '../support/raw-client.ts';
import { type Joined, MEETING, type RawMeeting, startRawMeeting } from '../support/raw-meeting.ts';

const { graceMs, heartbeatMs, silentMs, helloMs, joinMs } = DEFAULT_LIMITS;

describe('a session over real sockets', () => {
  let server: RawMeeting;
  beforeEach(async () => {
    server = await startRawMeeting();
  });
  afterEach(() => server.close());

  const tell = ({ participant }: Joined, name: string): void =>
    server.media.emit(MEETING, participant, { kind: 'consumer-paused', consumer: asId<ConsumerId>(name) });
  const heard = (client: RawClient): unknown[] =>
    client.received
      .filter(({ event }) => event?.kind === 'consumer-paused')
      .map(({ event }) => event?.consumer);
  const isHello = ({ re }: Received): boolean => re === 1_000_000;
  const secretOf = ({ body }: Received): string => String(body?.secret);
  const untilSessions = async (count: number): Promise<void> => {
    while (server.signaling.stats().sessions !== count) await new Promise((resolve) => setImmediate(resolve));
  };
  const untilSockets = async (count: number): Promise<void> => {
    while (server.signaling.stats().sockets !== count) await new Promise((resolve) => setImmediate(resolve));
  };

  it('resumes in the middle of a stream: everything once, in order', async () => {
    const [joined, other] = [await server.join(11), await server.join(12)];
    for (const name of ['a', 'b', 'c']) tell(joined, name);
    await joined.client.until(({ event }) => event?.consumer === 'c');
    await joined.client.vanish();
    await untilSockets(1);
    for (const name of ['d', 'e']) tell(joined, name);
    const afterB = joined.client.received.find(({ event }) => event?.consumer === 'b')?.seq ?? 0;
    const resumed = await server.resumeAs(joined.session, joined.secret, afterB);
    const hello = await resumed.until(isHello);
    assert.deepEqual(hello.body, {
      session: joined.session,
      secret: secretOf(hello),
      resumed: true,
      heartbeatMs,
    });
    tell(joined, 'f');
    await resumed.until(({ event }) => event?.consumer === 'f');
    assert.deepEqual(heard(resumed), ['c', 'd', 'e', 'f']);
    const numbers = resumed.received.map(({ seq }) => seq ?? 0);
    assert.deepEqual(
      numbers,
      numbers.map((_, at) => afterB + 1 + at),
    );
    assert.ok(!other.client.eventKinds().includes('participant-left'));
    assert.equal(server.signaling.stats().resumes, 1);
  });

  it('answers in the resumed connection what was asked in the lost one', async () => {
    const joined = await server.join(11);
    let openGate = () => {};
    server.media.gate = new Promise((resolve) => {
      openGate = resolve;
    });
    const arrived = server.media.nextCall();
    const asked = joined.client.ask('create-transport', { direction: 'send' });
    await arrived;
    await joined.client.vanish();
    await untilSockets(0);
    const resumed = await server.resumeAs(joined.session, joined.secret, joined.client.lastSeq);
    await resumed.until(isHello);
    resumed.send({ id: asked, kind: 'create-transport', direction: 'send' });
    openGate();
    assert.equal((await resumed.reply(asked)).ok, true);
    assert.equal(server.media.asked.length, 1);
  });

  it('never executes a repeated request twice, and answers it as before', async () => {
    const { client } = await server.join(11);
    const id = client.ask('create-transport', { direction: 'send' });
    const first = await client.reply(id);
    client.ack(first.seq ?? 0);
    client.send({ id, kind: 'create-transport', direction: 'send' });
    await client.done('create-transport', { direction: 'receive' });
    const answers = client.received.filter(({ re }) => re === id);
    assert.deepEqual(answers, [first, first]);
    assert.equal(server.media.asked.length, 2);
  });

  it('refuses an id below the last that it does not know', async () => {
    const { client } = await server.join(11);
    client.send({ id: 50, kind: 'create-transport', direction: 'send' });
    await client.reply(50);
    client.send({ id: 49, kind: 'create-transport', direction: 'send' });
    assert.equal((await client.reply(49)).error?.code, 'request.stale-id');
  });

  it('answers a refusal under its id as well, once', async () => {
    const { client } = await server.join(11);
    for (const _ of [1, 2]) client.send({ id: 50, kind: 'no-such-kind' });
    client.send({ id: 51, kind: 'restart-ice', transport: 'x' });
    await client.reply(51);
    const answers = client.received.filter(({ re }) => re === 50);
    assert.equal(answers.length, 2);
    assert.deepEqual(answers[0], answers[1]);
    assert.equal(answers[0]?.error?.code, 'protocol.unknown-kind');
  });

  it('refuses to resume with a wrong secret, session or position, and leaves the session be', async () => {
    const joined = await server.join(11);
    const { session, secret } = joined;
    joined.client.ack(1);
    await joined.client.done('create-transport', { direction: 'send' });
    const wrong: [string, string, number][] = [
      [session, `${secret.slice(0, -1)}_`, 2],
      [session, '', 2],
      ['AAAAAAAAAAAAAAAAAAAAAA', secret, 2],
      [session, secret, 99],
      [session, secret, 0],
    ];
    for (const claim of wrong) {
      const client = await server.resumeAs(...claim);
      assert.deepEqual(await client.closed, { status: 4404, reason: 'resume.refused' });
      assert.deepEqual(client.received, []);
    }
    await joined.client.done('create-transport', { direction: 'receive' });
  });

  it('gives a secret for each resuming, which serves once', async () => {
    const joined = await server.join(11);
    await joined.client.vanish();
    await untilSockets(0);
    const first = await server.resumeAs(joined.session, joined.secret, joined.client.lastSeq);
    const secret = secretOf(await first.until(isHello));
    assert.notEqual(secret, joined.secret);
    await first.vanish();
    await untilSockets(0);
    const again = await server.resumeAs(joined.session, joined.secret, first.lastSeq);
    assert.equal(
      (await again.closed).reason,
      'resume.refused',
      'the client has said that it received the next',
    );
    const second = await server.resumeAs(joined.session, secret, first.lastSeq);
    assert.notEqual(secretOf(await second.until(isHello)), secret);
  });

  it('takes the secret before once more where the answer with the next one was lost', async () => {
    const joined = await server.join(11);
    await joined.client.vanish();
    await untilSockets(0);
    const before = joined.client.lastSeq;
    const lost = await server.resumeAs(joined.session, joined.secret, before);
    const unseen = secretOf(await lost.until(isHello));
    await lost.vanish();
    await untilSockets(0);
    const again = await server.resumeAs(joined.session, joined.secret, before);
    const hello = await again.until((message) => isHello(message) && secretOf(message) !== unseen);
    assert.equal(hello.body?.resumed, true);
  });

  it('moves to the newer of two connections', async () => {
    const joined = await server.join(11);
    const resumed = await server.resumeAs(joined.session, joined.secret, joined.client.lastSeq);
    await resumed.until(isHello);
    assert.deepEqual(await joined.client.closed, { status: 4411, reason: 'connection.superseded' });
    tell(joined, 'x');
    await resumed.until(({ event }) => event?.consumer === 'x');
    server.clock.advance(graceMs + 1);
    assert.equal(server.signaling.stats().participants, 1);
  });

  it('keeps a lost participant for the grace and not longer', async () => {
    const [joined, other] = [await server.join(11), await server.join(12)];
    await joined.client.vanish();
    await untilSockets(1);
    // In steps, after each of which the other one is heard: who is silent is cut.
    const stepMs = silentMs / 2;
    for (let waitedMs = stepMs; waitedMs < graceMs; waitedMs += stepMs) {
      server.clock.advance(stepMs);
      await other.client.done('create-transport', { direction: 'send' });
    }
    server.clock.advance(stepMs - 1);
    assert.equal(server.signaling.stats().participants, 2);
    server.clock.advance(1);
    assert.deepEqual(await other.client.event('participant-left'), {
      kind: 'participant-left',
      participant: joined.participant,
      why: 'connection-lost',
    });
    const late = await server.resumeAs(joined.session, joined.secret, joined.client.lastSeq);
    assert.equal((await late.closed).reason, 'resume.refused');
  });

  it('keeps nothing for who has not joined', async () => {
    const { client } = await server.hello();
    await client.vanish();
    await untilSessions(0);
  });

  it('beats, and cuts who answers nothing; the session waits', async () => {
    const { client } = await server.join(11);
    server.clock.advance(heartbeatMs);
    assert.deepEqual(await client.until(({ kind }) => kind === 'heartbeat'), { kind: 'heartbeat' });
    client.pause();
    server.clock.advance(silentMs + heartbeatMs);
    client.resume();
    assert.deepEqual(await client.closed, { status: 4410, reason: 'connection.silent' });
    assert.equal(server.signaling.stats().participants, 1);
  });

  it('takes any sign of life for one', async () => {
    const { client } = await server.join(11);
    for (let i = 0; i < 6; i++) {
      client.ping();
      await client.done('create-transport', { direction: 'send' });
      server.clock.advance(heartbeatMs);
    }
    assert.equal(server.signaling.stats().sockets, 1);
    assert.deepEqual(server.signaling.stats().closes, {});
  });

  it('cuts who says no hello in time', async () => {
    const client = await RawClient.open(server.url);
    server.clock.advance(helloMs);
    assert.deepEqual(await client.closed, { status: 4402, reason: 'order.hello-late' });
  });

  it('cuts who never joins, though it lives', async () => {
    const { client } = await server.hello();
    for (let ms = 0; ms < joinMs; ms += heartbeatMs) {
      await client.refusal('leave').catch(() => {});
      server.clock.advance(heartbeatMs);
    }
    assert.deepEqual(await client.closed, { status: 4402, reason: 'order.join-late' });
  });

  it('does not speak other versions', async () => {
    const client = await RawClient.open(server.url);
    client.ask('hello', { version: 2 });
    assert.deepEqual(await client.closed, { status: 4403, reason: 'hello.version' });
  });

  it('cuts who acknowledges what was never sent', async () => {
    const [{ client }, other] = [await server.join(11), await server.join(12)];
    client.ack(1_000);
    assert.deepEqual(await client.closed, { status: 4408, reason: 'ack.beyond-sent' });
    assert.equal((await other.client.event('participant-left')).why, 'removed');
  });

  it('says goodbye to everybody when it stops, and lets nobody in any more', async () => {
    const [joined, lobby, fresh] = [
      await server.join(11),
      await server.hello(),
      await RawClient.open(server.url),
    ];
    const closed = server.signaling.close();
    assert.equal((await joined.client.event('meeting-ended')).why, 'server-stopping');
    for (const client of [joined.client, lobby.client, fresh])
      assert.deepEqual(await client.closed, { status: 1001, reason: 'server.stopping' });
    await closed;
    await assert.rejects(RawClient.open(server.url));
  });

  it('does not wait for ever for who does not read the goodbye', { timeout: 10_000 }, async () => {
    const patient = await startRawMeeting({ closeMs: 60_000 });
    const { client } = await patient.join(11);
    client.pause();
    const closed = patient.signaling.close();
    patient.clock.advance(DEFAULT_LIMITS.drainMs);
    await closed;
    assert.equal(patient.signaling.stats().sockets, 0);
  });

  it('leaves no timer behind', async () => {
    await server.join(11);
    await (await server.hello()).client.vanish();
    await server.signaling.close();
    assert.equal(server.clock.pendingTimers, 0);
  });
});
