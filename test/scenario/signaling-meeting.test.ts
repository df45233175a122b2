import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { asId, type ConsumerId, type MeetingId } from '../../src/base/ids.ts';
import { DEFAULT_LIMITS } from '../../src/signaling/limits.ts';
import { announcementOf, type RawClient, type Received } from '../support/raw-client.ts';
import { type Harness, MEETING, startHarness } from '../support/raw-client-harness.ts';

const REFUSED_AFTER_MS = DEFAULT_LIMITS.entryRefusalMs;

describe('a meeting over real sockets', () => {
  let server: Harness;
  beforeEach(async () => {
    server = await startHarness({ maxParticipants: 3 });
  });
  afterEach(() => server.close());

  const holdMedia = (): (() => void) => {
    let open = () => {};
    server.media.gate = new Promise((resolve) => {
      open = resolve;
    });
    return open;
  };

  const joinFields = (number: number, fields: object = {}) => ({
    meeting: MEETING,
    token: server.token,
    announcement: announcementOf(number),
    ...fields,
  });

  /** The answer comes at its own time, which is told here as soon as the server has refused. */
  const refusedEntry = async (client: RawClient, fields: object) => {
    const refusedSoFar = server.log.length;
    const id = client.ask('join', fields);
    await server.logged('entry.refused', refusedSoFar);
    server.clock.advance(REFUSED_AFTER_MS);
    return (await client.reply(id)).error ?? assert.fail('it was let in');
  };

  it('answers a join with the roster, and tells the others, in sequence', async () => {
    const first = await server.join(11);
    const second = await server.join(12);
    assert.deepEqual(first.reply.body?.roster, []);
    assert.deepEqual(second.reply.body?.roster, [
      { participant: first.participant, announcement: announcementOf(11) },
    ]);
    assert.ok(second.reply.body?.rtpCapabilities);
    assert.deepEqual(await first.client.event('participant-joined'), {
      kind: 'participant-joined',
      participant: second.participant,
      announcement: announcementOf(12),
    });
    assert.deepEqual(
      first.client.received.map(({ seq }) => seq),
      [1, 2, 3],
    );
    assert.deepEqual(second.client.eventKinds(), []);
  });

  it('tells the others who left and why, and closes the leaver', async () => {
    const [first, second] = [await server.join(11), await server.join(12)];
    await second.client.done('leave');
    assert.deepEqual(await first.client.event('participant-left'), {
      kind: 'participant-left',
      participant: second.participant,
      why: 'left',
    });
    assert.deepEqual(await second.client.closed, { status: 1000, reason: 'session.left' });
    assert.deepEqual(server.media.left, [second.participant]);
    const back = await server.join(12);
    assert.notEqual(back.participant, second.participant);
  });

  it('refuses a number that is taken, and takes another in the same session', async () => {
    await server.join(11);
    const { client } = await server.hello();
    assert.equal(await client.refusal('join', joinFields(11)), 'join.number-taken');
    await client.done('join', joinFields(13));
  });

  it('refuses who finds the meeting full', async () => {
    for (const number of [1, 2, 3]) await server.join(number);
    const { client } = await server.hello();
    assert.equal(await client.refusal('join', joinFields(4)), 'join.full');
    assert.equal(server.signaling.stats().participants, 3);
  });

  it('refuses every wrong entry alike, and tells the reason to the log alone', async () => {
    const unknown = asId<MeetingId>('no-such-meeting');
    const other = asId<MeetingId>('other-meeting');
    server.signaling.createMeeting(other);
    const expired = server.signaling.mintToken(MEETING, 1_000);
    server.clock.advance(1_000);
    const { client } = await server.hello();
    const attempts = [
      { token: 'nonsense' },
      { token: `${server.token.slice(0, -2)}AA` },
      { token: expired },
      { meeting: other },
      { meeting: unknown, token: server.signaling.mintToken(unknown, 60_000) },
    ];
    const errors: NonNullable<Received['error']>[] = [];
    for (const fields of attempts) errors.push(await refusedEntry(client, joinFields(5, fields)));
    for (const { reference, ...error } of errors) {
      assert.deepEqual(error, { code: 'entry.refused', message: 'not admitted' });
      assert.match(String(reference), /^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
    }
    const recorded = server.record.entries.filter((entry) => entry.kind === 'decision' && !entry.allowed);
    assert.deepEqual(
      recorded.map((entry) => entry.kind === 'decision' && [entry.rule, entry.reference]),
      [
        'token.malformed',
        'token.not-authentic',
        'token.expired',
        'token.other-meeting',
        'meeting.unknown',
      ].map((rule, i) => [rule, errors[i]?.reference]),
    );
    assert.deepEqual(client.eventKinds(), []);
    assert.equal(server.signaling.stats().refusals['entry.refused'], 5);
  });

  it('tells every wrong entry at one time, whatever was wrong', async () => {
    const { client } = await server.hello();
    client.ask('join', joinFields(5, { token: 'nonsense' }));
    await server.logged('entry.refused');
    server.clock.advance(REFUSED_AFTER_MS - 1);
    assert.equal(await client.refusal('create-transport', { direction: 'send' }), 'order.join-first');
    assert.equal(
      client.received.some(({ error }) => error?.code === 'entry.refused'),
      false,
    );
    server.clock.advance(1);
    await client.until(({ error }) => error?.code === 'entry.refused');
  });

  it('records who was let in, who left and what ended, before it is seen', async () => {
    const first = await server.join(11);
    await first.client.done('leave');
    await first.client.closed;
    const second = await server.join(12);
    server.signaling.endMeeting(MEETING);
    await second.client.event('meeting-ended');
    const by = { meeting: MEETING, asked: 'entry', allowed: true, rule: 'token' };
    assert.deepEqual(server.record.entries, [
      { kind: 'meeting-opened', meeting: MEETING },
      { kind: 'decision', ...by, by: first.session, on: first.participant },
      { kind: 'participant-left', meeting: MEETING, participant: first.participant, why: 'left' },
      { kind: 'decision', ...by, by: second.session, on: second.participant },
      { kind: 'meeting-ended', meeting: MEETING, why: 'ended' },
    ]);
  });

  it('lets nobody in, and opens no meeting, that cannot be recorded; who is in may leave', async () => {
    const { client: inside } = await server.join(11);
    server.record.isFull = true;
    const { client } = await server.hello();
    const error = await refusedEntry(client, joinFields(12));
    assert.equal(error.code, 'entry.refused');
    const other = server.signaling.createMeeting(asId<MeetingId>('other'));
    assert.equal(other.ok ? 'ok' : other.refusal.code, 'audit.unwritable');
    await inside.done('leave');
    server.record.isFull = false;
    await client.done('join', joinFields(12));
  });

  it('writes no id and no token into its log', async () => {
    const { participant, session, secret, client } = await server.join(11);
    await client.refusal('join', joinFields(12));
    await client.done('leave');
    await client.closed;
    const log = JSON.stringify(server.log);
    assert.ok(server.log.length >= 3);
    for (const hidden of [participant, session, secret, MEETING, server.token])
      assert.ok(!log.includes(hidden));
  });

  it('keeps the order: hello, join, then everything else, each once', async () => {
    const { client } = await server.hello();
    assert.equal(await client.refusal('create-transport', { direction: 'send' }), 'order.join-first');
    assert.equal(await client.refusal('leave'), 'order.join-first');
    assert.equal(await client.refusal('hello', { version: 1 }), 'order.already-open');
    await client.done('join', joinFields(11));
    assert.equal(await client.refusal('join', joinFields(12)), 'order.already-joined');
    assert.deepEqual(server.media.asked, []);
  });

  it('passes media requests on, and their answers and refusals back', async () => {
    const { client, participant } = await server.join(11);
    const { transport, iceCandidates, kind } = await client.done('create-transport', { direction: 'send' });
    assert.ok(iceCandidates);
    assert.equal(kind, undefined);
    assert.deepEqual(await client.done('restart-ice', { transport }), {
      iceParameters: { usernameFragment: 'fake', password: 'fakefakefakefakefakefake', iceLite: true },
    });
    assert.equal(await client.refusal('restart-ice', { transport: 'another' }), 'media.unknown');
    assert.deepEqual(server.media.asked[0], {
      participant,
      request: { kind: 'create-transport', direction: 'send' },
    });
  });

  it('sends replies as they settle', async () => {
    const { client } = await server.join(11);
    const openGate = holdMedia();
    const arrived = server.media.nextCall();
    const slow = client.ask('create-transport', { direction: 'send' });
    await arrived;
    server.media.gate = undefined;
    const first = await client.reply(client.ask('create-transport', { direction: 'receive' }));
    openGate();
    const second = await client.reply(slow);
    assert.deepEqual([first.seq, second.seq], [3, 4]);
  });

  it('tells media events to the one whom they concern', async () => {
    const [first, second] = [await server.join(11), await server.join(12)];
    const consumer = asId<ConsumerId>('consumer-x');
    server.media.emit(MEETING, second.participant, { kind: 'consumer-paused', consumer });
    assert.deepEqual(await second.client.event('consumer-paused'), { kind: 'consumer-paused', consumer });
    await first.client.done('create-transport', { direction: 'send' });
    assert.ok(!first.client.eventKinds().includes('consumer-paused'));
  });

  it('answers with internal.error when the media side breaks its promise', async () => {
    const { client } = await server.join(11);
    server.media.failure = new Error('broken at 10.0.0.1');
    const reply = await client.request('create-transport', { direction: 'send' });
    assert.equal(reply.error?.code, 'internal.error');
    assert.doesNotMatch(JSON.stringify(reply), /10\.0\.0\.1/);
    server.media.failure = undefined;
    await client.done('create-transport', { direction: 'send' });
  });

  it('gives the place back when the media room does not let somebody in', async () => {
    const { client } = await server.hello();
    server.media.openRefusal = { code: 'media.unavailable', message: 'no worker' };
    assert.equal(await client.refusal('join', joinFields(11)), 'media.unavailable');
    server.media.openRefusal = undefined;
    server.media.enterRefusal = { code: 'media.limit', message: 'full' };
    assert.equal(await client.refusal('join', joinFields(11)), 'media.limit');
    server.media.enterRefusal = undefined;
    await client.done('join', joinFields(11));
  });

  it('ends a meeting for all of its people and for nobody else', async () => {
    const [first, second] = [await server.join(11), await server.join(12)];
    const other = asId<MeetingId>('other-meeting');
    server.signaling.createMeeting(other);
    const { client: outsider } = await server.hello();
    const token = server.signaling.mintToken(other, 60_000);
    await outsider.done('join', joinFields(1, { meeting: other, token }));
    assert.ok(server.signaling.endMeeting(MEETING).ok);
    for (const { client } of [first, second]) {
      assert.equal((await client.event('meeting-ended')).why, 'ended');
      assert.deepEqual(await client.closed, { status: 1000, reason: 'meeting.ended' });
      assert.equal(client.received.at(-1)?.event?.kind, 'meeting-ended');
    }
    await outsider.done('create-transport', { direction: 'send' });
    assert.deepEqual(server.media.closedRooms, [MEETING]);
    assert.equal(server.signaling.endMeeting(MEETING).ok, false);
    const { client: late } = await server.hello();
    assert.equal((await refusedEntry(late, joinFields(1))).code, 'entry.refused');
  });

  it('says media-lost when the media of a meeting is gone', async () => {
    const { client } = await server.join(11);
    server.signaling.mediaLost(MEETING);
    assert.equal((await client.event('meeting-ended')).why, 'media-lost');
    await client.closed;
  });

  it('keeps an empty meeting until it is ended', async () => {
    const { client } = await server.join(11);
    await client.done('leave');
    await client.closed;
    await server.join(12);
    assert.equal(server.signaling.stats().meetings, 1);
  });

  it('drops a join whose meeting ended meanwhile', async () => {
    const { client } = await server.hello();
    const openGate = holdMedia();
    const arrived = server.media.nextCall();
    client.ask('join', joinFields(11));
    await arrived;
    server.signaling.endMeeting(MEETING);
    openGate();
    assert.equal((await client.closed).reason, 'meeting.ended');
    assert.deepEqual(client.eventKinds(), []);
    assert.equal(server.signaling.stats().joins, 0);
  });

  it('leaves nobody behind in a room whom nobody waits for any more', async () => {
    const { client } = await server.hello();
    const openGate = holdMedia();
    const arrived = server.media.nextCall();
    client.ask('join', joinFields(11));
    await arrived;
    client.sendText('no JSON');
    await client.closed;
    openGate();
    server.media.gate = undefined;
    await server.join(11);
    assert.equal(server.signaling.stats().participants, 1);
  });
});
