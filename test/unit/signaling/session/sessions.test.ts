import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { type Bytes, utf8 } from '../../../../src/base/bytes.ts';
import { asId, type MeetingId, type ParticipantId } from '../../../../src/base/ids.ts';
import { ok } from '../../../../src/base/result.ts';
import { DEFAULT_LIMITS } from '../../../../src/signaling/limits.ts';
import type { CloseCode } from '../../../../src/signaling/protocol/codes.ts';
import { MAX_SERVER_MESSAGE_BYTES } from '../../../../src/signaling/protocol/limits.ts';
import type { Link, Session } from '../../../../src/signaling/session/session.ts';
import { Sessions } from '../../../../src/signaling/session/sessions.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

class FakeLink implements Link {
  readonly sent: string[] = [];
  readonly cuts: CloseCode[] = [];
  send(message: Bytes): void {
    this.sent.push(new TextDecoder().decode(message));
  }
  refused(): void {}
  cut(code: CloseCode): void {
    this.cuts.push(code);
  }
}

const MEMBERSHIP = {
  meeting: asId<MeetingId>('m'),
  participant: asId<ParticipantId>('p'),
  admitted: true,
};
const numbered = (seq: number) => utf8(`m${seq}`);

describe('sessions', () => {
  let clock: FakeClock;
  let ended: [Session, string][];
  let tooLarge: number[];
  let sessions: Sessions;
  beforeEach(() => {
    clock = new FakeClock();
    ended = [];
    tooLarge = [];
    let count = 0;
    sessions = new Sessions({
      clock,
      randomBytes: (size) => new Uint8Array(size).fill(++count),
      limits: { ...DEFAULT_LIMITS, maxSessions: 2, maxOutboxMessages: 3 },
      onEnd: (session, why) => ended.push([session, why]),
      onTooLarge: (bytes) => tooLarge.push(bytes),
    });
  });

  const open = (link: Link = new FakeLink()): Session => {
    const session = sessions.open(link);
    if (session === undefined) assert.fail('full');
    return session;
  };

  it('never sends what is larger than a message may be: the session ends, and it is told of', () => {
    const link = new FakeLink();
    const session = open(link);
    const most = 'x'.repeat(MAX_SERVER_MESSAGE_BYTES);
    sessions.deliver(session, () => utf8(most));
    // Of what is that large no difference is worked out.
    assert.ok(sessions.deliver(session, () => utf8(`${most}x`)) === undefined);
    assert.deepEqual(link.sent, [most]);
    assert.deepEqual(link.cuts, ['server.failed']);
    assert.deepEqual(ended, [[session, 'removed']]);
    assert.deepEqual(tooLarge, [MAX_SERVER_MESSAGE_BYTES + 1]);
  });

  it('opens as many as it may, each with an id and a secret of its own', () => {
    const [one, two] = [open(), open()];
    assert.notEqual(one.id, two.id);
    assert.equal(one.secret.length, 43);
    assert.notEqual(one.secret, two.secret);
    assert.equal(sessions.open(new FakeLink()), undefined);
  });

  it('keeps what is sent while there is no connection, and hands it to the next one', () => {
    const first = new FakeLink();
    const session = open(first);
    session.membership = MEMBERSHIP;
    sessions.deliver(session, numbered);
    sessions.lose(session, first);
    sessions.deliver(session, numbered);
    assert.deepEqual(first.sent, ['m1']);
    const second = new FakeLink();
    const { session: id, secret } = { session: session.id, secret: session.secret };
    const resumed = sessions.resume(second, { session: id, secret, received: 1 });
    assert.equal(resumed?.session, session);
    assert.deepEqual(
      resumed?.missed.map((message) => new TextDecoder().decode(message)),
      ['m2'],
    );
    clock.advance(DEFAULT_LIMITS.graceMs);
    assert.deepEqual(ended, []);
  });

  /** Its outbox, of three messages, was filled while nobody read; then it lost its connection by that. */
  const slow = () => {
    const link = new FakeLink();
    const session = open(link);
    session.membership = MEMBERSHIP;
    for (let i = 0; i < 3; i++) sessions.deliver(session, numbered);
    sessions.lose(session, link);
    return { link, session };
  };
  const resumed = (session: Session, received: number): FakeLink => {
    const link = new FakeLink();
    assert.ok(sessions.resume(link, { session: session.id, secret: session.secret, received }));
    return link;
  };

  it('takes the connection of who reads too slowly before the outbox is full, and keeps the session', () => {
    const { link, session } = slow();
    assert.deepEqual(link.cuts, ['connection.slow-reader']);
    const missed = sessions.resume(new FakeLink(), {
      session: session.id,
      secret: session.secret,
      received: 0,
    });
    assert.equal(missed?.missed.length, 3);
    assert.deepEqual(ended, []);
  });

  it('gives who came back time to catch up, and ends a session whose outbox is full all the same', () => {
    const { session } = slow();
    const link = resumed(session, 1);
    sessions.deliver(session, numbered);
    assert.deepEqual(link.cuts, [], 'full again, and it has only just come');
    assert.equal(sessions.deliver(session, numbered), undefined);
    assert.deepEqual(link.cuts, ['session.outbox-full']);
    assert.deepEqual(ended, [[session, 'removed']]);
    assert.equal(sessions.deliver(session, numbered), undefined);
  });

  it('lets who has caught up be slow once more', () => {
    const { session } = slow();
    const link = resumed(session, 3);
    for (let i = 0; i < 3; i++) sessions.deliver(session, numbered);
    assert.deepEqual(link.cuts, ['connection.slow-reader']);
    assert.deepEqual(ended, []);
  });

  it('says of who was away when the outbox was full that its connection was lost', () => {
    const { session } = slow();
    assert.equal(sessions.deliver(session, numbered), undefined);
    assert.deepEqual(ended, [[session, 'connection-lost']]);
  });

  it('ends a session once', () => {
    const session = open();
    sessions.end(session, 'removed', 'rate.exceeded');
    sessions.end(session, 'connection-lost');
    assert.equal(ended.length, 1);
    assert.equal(sessions.get(session.id), undefined);
  });

  it('takes the loss of an older connection for nothing', () => {
    const [older, newer] = [new FakeLink(), new FakeLink()];
    const session = open(older);
    session.membership = MEMBERSHIP;
    sessions.resume(newer, { session: session.id, secret: session.secret, received: 0 });
    assert.deepEqual(older.cuts, ['connection.superseded']);
    sessions.lose(session, older);
    clock.advance(DEFAULT_LIMITS.graceMs);
    assert.equal(session.link, newer);
    assert.deepEqual(ended, []);
  });

  it('ends the grace when the session ends before', () => {
    const link = new FakeLink();
    const session = open(link);
    session.membership = MEMBERSHIP;
    sessions.lose(session, link);
    sessions.end(session, 'removed');
    assert.equal(clock.pendingTimers, 0);
  });

  it('answers a pending request once, and one that was never asked not at all', () => {
    const link = new FakeLink();
    const session = open(link);
    session.requests.admit(1);
    for (const re of [1, 1, 2]) sessions.answer(session, re, ok({}));
    assert.deepEqual(link.sent, ['{"seq":1,"re":1,"ok":true,"body":{}}']);
  });
});
