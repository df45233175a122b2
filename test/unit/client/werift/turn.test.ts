import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { classes, Message, methods, parseMessage } from 'werift';
import { secureRandomBytes, systemClock } from '../../../../src/base/platform.ts';
import { type ChannelEvents, CheckedPath } from '../../../../src/client/werift/hop/checked-path.ts';
import { FrameReader } from '../../../../src/client/werift/hop/tcp/frames.ts';
import { Allocation } from '../../../../src/client/werift/hop/turn/allocation.ts';
import { measureTurn, padTurn } from '../../../../src/client/werift/hop/turn/frames.ts';
import { usableServers } from '../../../../src/client/werift/hop/turn/turn-path.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { FakeTurn } from '../../../support/fake-turn.ts';

const TIMEOUT = { timeout: 20_000 };
const REMOTE = { usernameFragment: 'relay', password: 'a password of twenty-two' };
const KEY = Buffer.from(REMOTE.password);

describe('TURN messages on a stream', () => {
  const body = fc.uint8Array({ maxLength: 1_500 }).map((bytes) => Buffer.from(bytes));
  const channelData = body.map((data) => {
    const head = Buffer.from([0x40, 0x01, data.length >> 8, data.length & 0xff]);
    return Buffer.concat([head, data]);
  });
  const stun = body.map((data) => {
    const message = Buffer.concat([Buffer.alloc(20), padTurn(data)]);
    message.writeUInt16BE(message.length - 20, 2);
    return message;
  });

  it('come out as they went in, filled up, however the stream is cut', () => {
    const cuts = fc.array(fc.nat({ max: 8_000 }), { maxLength: 20 });
    fc.assert(
      fc.property(fc.array(fc.oneof(channelData, stun), { maxLength: 6 }), cuts, (messages, places) => {
        const stream = Buffer.concat(messages.map(padTurn));
        const edges = [0, ...places.filter((at) => at < stream.length).sort((a, b) => a - b), stream.length];
        const reader = new FrameReader(measureTurn);
        const out = edges.slice(1).flatMap((end, i) => reader.push(stream.subarray(edges[i], end)) ?? []);
        assert.deepEqual(out, messages.map(padTurn));
      }),
    );
  });

  it('end the stream where they are none, or longer than any may be, before anything is kept', () => {
    for (const head of [
      [0x80, 0, 0, 0],
      [0xff, 0, 0, 0],
      [0x40, 0x01, 0xff, 0],
      [0, 1, 0xff, 0],
    ])
      assert.equal(new FrameReader(measureTurn).push(Buffer.from(head)), undefined);
  });
});

/** A path over a channel that the test holds both ends of. */
class Stage {
  readonly clock = new FakeClock();
  readonly sent: Message[] = [];
  readonly taken: Buffer[] = [];
  readonly states: string[] = [];
  readonly path: CheckedPath;
  isClosed = false;
  #channel: ChannelEvents | undefined;

  constructor(isLossy: boolean) {
    this.path = new CheckedPath({
      protocol: 'turn',
      remote: REMOTE,
      platform: { clock: this.clock, randomBytes: secureRandomBytes },
      events: {
        onDatagram: (datagram) => this.taken.push(datagram),
        onState: (state) => this.states.push(state),
      },
      open: (events) => {
        this.#channel = events;
        return { send: (datagram) => this.#note(datagram), close: () => this.#close() };
      },
      isLossy,
    });
  }

  get channel(): ChannelEvents {
    assert(this.#channel);
    return this.#channel;
  }

  answer(): void {
    const request = this.sent.at(-1);
    assert(request);
    const answer = new Message(methods.BINDING, classes.RESPONSE, request.transactionId);
    this.channel.onDatagram(answer.addMessageIntegrity(KEY).addFingerprint().bytes);
  }

  /** How many checks `durationMs` brings, and whether they nominate. */
  checksIn(durationMs: number): boolean[] {
    const before = this.sent.length;
    this.clock.advance(durationMs);
    return this.sent.slice(before).map((one) => one.attributesKeys.includes('USE-CANDIDATE'));
  }

  #note(datagram: Buffer): void {
    const message = parseMessage(datagram, KEY);
    assert(message);
    this.sent.push(message);
  }

  #close(): void {
    this.isClosed = true;
  }
}

describe('a path with checks upon it', () => {
  it('asks again until it is answered, nominates again until it is answered, then renews consent', async () => {
    const stage = new Stage(true);
    stage.channel.onOpen();
    assert.equal(stage.sent.length, 1);
    assert.deepEqual(stage.checksIn(1_000), [false, false]);
    stage.answer();
    assert.equal(await stage.path.answered, stage.path);
    assert.deepEqual(stage.checksIn(4_000), []);
    stage.path.use();
    assert.deepEqual(stage.checksIn(1_000), [true, true]);
    stage.answer();
    assert.deepEqual(stage.checksIn(3_900), []);
    assert.deepEqual(stage.checksIn(5_100), [true, true]);
    assert.equal(stage.clock.pendingTimers, 1);
    stage.path.close();
    assert.equal(stage.clock.pendingTimers, 0);
  });

  it('asks once where nothing is lost', () => {
    const stage = new Stage(false);
    stage.channel.onOpen();
    assert.deepEqual(stage.checksIn(4_000), []);
  });

  it('is given up after 30 s without an answer, and told once', () => {
    const stage = new Stage(true);
    stage.channel.onOpen();
    stage.answer();
    stage.path.use();
    stage.answer();
    stage.clock.advance(29_000);
    assert.deepEqual([stage.states, stage.isClosed], [[], false]);
    stage.clock.advance(6_000);
    assert.deepEqual([stage.states, stage.isClosed], [['failed'], true]);
    assert.equal(stage.clock.pendingTimers, 0);
  });

  it('hands on nothing before it is the one, and no handshake flight twice', () => {
    const stage = new Stage(true);
    const flight = Buffer.alloc(60);
    flight[0] = 22;
    const media = Buffer.from([128, 1, 2, 3]);
    stage.channel.onOpen();
    stage.channel.onDatagram(media);
    stage.answer();
    stage.path.use();
    for (const one of [flight, flight, media, media]) stage.channel.onDatagram(one);
    assert.deepEqual(stage.taken, [flight, media, media]);
  });

  it('fails with its channel', async () => {
    const stage = new Stage(true);
    stage.channel.onEnd(new Error('refused'));
    await assert.rejects(stage.path.answered, { code: 'transport.failed' });
    assert.deepEqual([stage.states, stage.isClosed], [[], true]);
  });
});

describe('an allocation on a TURN server', TIMEOUT, () => {
  const ACCESS = { username: '1767225600:name', credential: 'password' };
  const PEER = { address: '10.0.0.1', port: 44_400 };
  let turn: FakeTurn;
  beforeEach(async () => {
    turn = await FakeTurn.open(ACCESS);
  });
  afterEach(() => turn.close());

  const allocate = (port = turn.port) =>
    new Allocation(
      { server: { transport: 'udp', address: '127.0.0.1', port }, ...ACCESS },
      { clock: systemClock, randomBytes: secureRandomBytes },
    );
  /** A channel and what it tells first: that it is open, what came, or why it ended. */
  const channelOf = (allocation: Allocation, peer = PEER) => {
    const opened = Promise.withResolvers<void>();
    const came = Promise.withResolvers<Buffer>();
    const ended = Promise.withResolvers<Error | undefined>();
    const channel = allocation.channelTo(peer, {
      onOpen: opened.resolve,
      onDatagram: came.resolve,
      onEnd: ended.resolve,
    });
    return { channel, opened: opened.promise, came: came.promise, ended: ended.promise };
  };

  it('carries datagrams to an address of the relay and back, and is given back with its last channel', async () => {
    const allocation = allocate();
    const [first, second] = [channelOf(allocation), channelOf(allocation, { ...PEER, port: 44_401 })];
    await Promise.all([first.opened, second.opened]);
    const datagram = Buffer.from([128, 1, 2, 3, 4]);
    first.channel.send(datagram);
    assert.deepEqual(await first.came, datagram);
    first.channel.close();
    second.channel.send(Buffer.from([129]));
    assert.deepEqual(await second.came, Buffer.from([129]));
    second.channel.close();
    await turn.untilGranted('REFRESH 0');
    assert.deepEqual(turn.granted, [
      'ALLOCATE',
      'CHANNEL_BIND 10.0.0.1 44400',
      'CHANNEL_BIND 10.0.0.1 44401',
      'REFRESH 0',
    ]);
  });

  it('is given back though nobody waits for it any more', async () => {
    const { channel } = channelOf(allocate());
    await turn.untilGranted('ALLOCATE');
    channel.close();
    await turn.untilGranted('REFRESH 0');
  });

  it('ends at once where nobody listens', async () => {
    const gone = await FakeTurn.open(ACCESS);
    const { port } = gone;
    gone.close();
    const { ended } = channelOf(allocate(port));
    assert.match(String(await ended), /ECONNREFUSED/);
  });
});

describe('TURN servers of an offer', () => {
  it('are those by address, in order, at most eight', () => {
    const access = { username: 'n', credential: 'c' };
    const found = usableServers([
      { urls: ['turn:10.0.0.5', 'turn:turn.example', 'turns:10.0.0.5:443'], ...access },
      { urls: Array.from({ length: 9 }, () => 'turn:10.0.0.6'), ...access },
    ]);
    assert.equal(found.length, 8);
    assert.deepEqual(found[0], { server: { transport: 'udp', address: '10.0.0.5', port: 3478 }, ...access });
    assert.equal(found[1]?.server.transport, 'tls');
  });
});
