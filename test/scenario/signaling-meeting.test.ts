import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { asId, type ConsumerId, type MeetingId } from '../../src/base/ids.ts';
import { DEFAULT_LIMITS } from '../../src/signaling/limits.ts';
import type { Received } from '../support/raw-client.ts';
import { MEETING, OTHER_MEETING, type RawMeeting, startRawMeeting } from '../support/raw-meeting.ts';

const MARKING = { scale: 'belgium', level: 'confidential', groups: [] };
const REFUSED_AFTER_MS = DEFAULT_LIMITS.entryRefusalMs;

describe('a meeting over real sockets', () => {
  let server: RawMeeting;
  beforeEach(async () => {
    server = await startRawMeeting({ maxParticipants: 3 });
  });
  afterEach(() => server.close());

  const holdMedia = (): (() => void) => {
    let open = () => {};
    server.media.gate = new Promise((resolve) => {
      open = resolve;
    });
    return open;
  };

  /** What leads official `number` in, over a connection of its own. */
  const prepare = async (number: number, change: Parameters<RawMeeting['fieldsFor']>[2] = {}) => {
    const opened = await server.hello();
    return { ...opened, fields: await server.fieldsFor(opened, number, change) };
  };

  it('answers an entry with the roster, and tells the others, in sequence', async () => {
    const first = await server.join(11);
    const { client, fields } = await prepare(12);
    const body = await client.done('enter', fields);
    assert.deepEqual(first.reply.body?.roster, []);
    const [shown] = body.roster as { participant: string; announcement: { number: number } }[];
    assert.deepEqual([shown?.participant, shown?.announcement.number], [first.participant, 11]);
    assert.ok(body.rtpCapabilities);
    const { credentials, ...joined } = await first.client.event('participant-joined');
    assert.deepEqual(joined, {
      kind: 'participant-joined',
      participant: body.participant,
      announcement: fields.announcement,
    });
    assert.ok(credentials);
    // Hello, challenge and entry; then the meeting's entry of who came, and who it is.
    assert.deepEqual(
      first.client.received.map(({ seq }) => seq),
      [1, 2, 3, 4, 5],
    );
    assert.deepEqual(client.eventKinds(), []);
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
    const opened = await server.hello();
    const { client } = opened;
    const taken = await server.fieldsFor(opened, 12, { announced: 11 });
    assert.equal(await client.refusal('enter', taken), 'join.number-taken');
    await client.done('enter', await server.fieldsFor(opened, 12));
  });

  it('refuses who finds the meeting full', async () => {
    for (const number of [1, 2, 3]) await server.join(number);
    const { client, fields } = await prepare(4);
    assert.equal(await client.refusal('enter', fields), 'join.full');
    assert.equal(server.signaling.stats().participants, 3);
  });

  it('refuses every wrong entry alike, and tells the reason to the record alone', async () => {
    await server.convene(OTHER_MEETING);
    const opened = await server.hello();
    const { client } = opened;
    const right = () => server.fieldsFor(opened, 5);
    const attempts = [
      async () => ({ ...(await right()), meeting: OTHER_MEETING }),
      async () => server.fieldsFor(opened, 5, { meeting: asId<MeetingId>('no-such-meeting') }),
      async () => ({ ...(await right()), presence: (await server.fieldsFor(opened, 6)).presence }),
      async () => server.fieldsFor(opened, 30),
    ];
    const errors: NonNullable<Received['error']>[] = [];
    for (const fields of attempts) errors.push(await server.refused(client, 'enter', await fields()));
    for (const { reference, ...error } of errors) {
      assert.deepEqual(error, { code: 'entry.refused', message: 'not admitted' });
      assert.match(String(reference), /^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
    }
    const recorded = server.record.entries.flatMap((entry) =>
      entry.kind === 'decision' && !entry.allowed ? [entry] : [],
    );
    assert.equal(new Set(recorded.map(({ rule }) => rule)).size, attempts.length, 'each for its own reason');
    assert.deepEqual(
      recorded.map(({ reference }) => reference),
      errors.map(({ reference }) => reference),
    );
    assert.deepEqual(client.eventKinds(), []);
    assert.equal(server.signaling.stats().refusals['entry.refused'], attempts.length);
  });

  it('tells every wrong entry at one time, whatever was wrong', async () => {
    const { client, fields } = await prepare(5, { meeting: OTHER_MEETING });
    client.ask('enter', fields);
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
    const by = {
      meeting: MEETING,
      asked: 'entry',
      allowed: true,
      rule: 'charter',
      marking: MARKING,
      twoPersons: true,
    };
    const identified = ({ session, participant }: typeof first, person: string) => ({
      kind: 'identified',
      meeting: MEETING,
      session,
      participant,
      person,
      device: `${person}-1`,
    });
    const [convened, ...rest] = server.record.entries;
    assert.equal(convened?.kind === 'decision' && convened.asked, 'convening');
    assert.deepEqual(rest, [
      { kind: 'meeting-opened', meeting: MEETING },
      identified(first, 'official-11'),
      { kind: 'decision', ...by, by: first.session, on: first.participant },
      { kind: 'participant-left', meeting: MEETING, participant: first.participant, why: 'left' },
      identified(second, 'official-12'),
      { kind: 'decision', ...by, by: second.session, on: second.participant },
      { kind: 'meeting-ended', meeting: MEETING, why: 'ended' },
    ]);
  });

  it('lets nobody in, and opens no meeting, that cannot be recorded; who is in may leave', async () => {
    const { client: inside } = await server.join(11);
    const [entering, convening] = [await server.hello(), await server.hello()];
    const fields = await server.fieldsFor(entering, 12);
    const other = await server.fieldsToConvene(convening, OTHER_MEETING);
    server.record.isFull = true;
    assert.equal((await server.refused(entering.client, 'enter', fields)).code, 'entry.refused');
    assert.equal((await server.refused(convening.client, 'convene', other)).code, 'entry.refused');
    assert.equal(server.signaling.stats().meetings, 1);
    await inside.done('leave');
    server.record.isFull = false;
    await entering.client.done('enter', await server.fieldsFor(entering, 12));
  });

  it('writes no id and no token into its log', async () => {
    const { participant, session, secret, client, reply } = await server.join(11);
    await client.refusal('challenge', { meeting: MEETING, purpose: 'enter' });
    await client.done('leave');
    await client.closed;
    const log = JSON.stringify(server.log);
    assert.ok(server.log.length >= 3);
    for (const hidden of [participant, session, secret, MEETING, String(reply.body?.blobToken)])
      assert.ok(!log.includes(hidden));
  });

  it('keeps the order: hello, entry, then everything else, each once', async () => {
    const { client, fields } = await prepare(11);
    assert.equal(await client.refusal('create-transport', { direction: 'send' }), 'order.join-first');
    assert.equal(await client.refusal('leave'), 'order.join-first');
    assert.equal(await client.refusal('hello', { version: 1 }), 'order.already-open');
    await client.done('enter', fields);
    assert.equal(await client.refusal('enter', fields), 'order.already-joined');
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
    assert.equal(second.seq, Number(first.seq) + 1);
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
    const opened = await server.hello();
    const { client } = opened;
    const enters = async () =>
      (await client.request('enter', await server.fieldsFor(opened, 11))).error?.code;
    server.media.openRefusal = { code: 'media.unavailable', message: 'no worker' };
    assert.equal(await enters(), 'media.unavailable');
    server.media.openRefusal = undefined;
    server.media.enterRefusal = { code: 'media.limit', message: 'full' };
    assert.equal(await enters(), 'media.limit');
    server.media.enterRefusal = undefined;
    assert.equal(await enters(), undefined);
  });

  it('ends a meeting for all of its people and for nobody else', async () => {
    const [first, second] = [await server.join(11), await server.join(12)];
    await server.convene(OTHER_MEETING);
    const { client: outsider } = await server.join(1, OTHER_MEETING);
    assert.ok(server.signaling.endMeeting(MEETING).ok);
    for (const { client } of [first, second]) {
      assert.equal((await client.event('meeting-ended')).why, 'ended');
      assert.deepEqual(await client.closed, { status: 1000, reason: 'meeting.ended' });
      assert.equal(client.received.at(-1)?.event?.kind, 'meeting-ended');
    }
    await outsider.done('create-transport', { direction: 'send' });
    assert.deepEqual(server.media.closedRooms, [MEETING]);
    assert.equal(server.signaling.endMeeting(MEETING).ok, false);
    const late = await prepare(13);
    assert.equal((await server.refused(late.client, 'enter', late.fields)).code, 'entry.refused');
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

  it('drops an entry whose meeting ended meanwhile', async () => {
    const { client, fields } = await prepare(11);
    const openGate = holdMedia();
    const arrived = server.media.nextCall();
    client.ask('enter', fields);
    await arrived;
    server.signaling.endMeeting(MEETING);
    openGate();
    assert.equal((await client.closed).reason, 'meeting.ended');
    assert.deepEqual(client.eventKinds(), []);
    assert.equal(server.signaling.stats().joins, 0);
  });

  it('leaves nobody behind in a room whom nobody waits for any more', async () => {
    const { client, fields } = await prepare(11);
    const openGate = holdMedia();
    const arrived = server.media.nextCall();
    client.ask('enter', fields);
    await arrived;
    client.sendText('no JSON');
    await client.closed;
    openGate();
    server.media.gate = undefined;
    await server.join(11);
    assert.equal(server.signaling.stats().participants, 1);
  });
});
