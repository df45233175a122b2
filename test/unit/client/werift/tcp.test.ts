import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { classes, Message, methods, parseMessage } from 'werift';
import { secureRandomBytes } from '../../../../src/base/platform.ts';
import { Checks, isStun } from '../../../../src/client/werift/hop/tcp/checks.ts';
import { FramedSocket } from '../../../../src/client/werift/hop/tcp/framed-socket.ts';
import { FrameReader, toFrame } from '../../../../src/client/werift/hop/tcp/frames.ts';
import { Repeats } from '../../../../src/client/werift/hop/tcp/repeats.ts';

const TIMEOUT = { timeout: 20_000 };
const bytes = fc.uint8Array({ maxLength: 1_500 }).map((array) => Buffer.from(array));

describe('frames on a TCP stream', () => {
  it('come out as they went in, however the stream is cut', () => {
    const cuts = fc.array(fc.nat({ max: 4_000 }), { maxLength: 20 });
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 8 }), cuts, (datagrams, places) => {
        const stream = Buffer.concat(datagrams.map(toFrame));
        const edges = [0, ...places.filter((at) => at < stream.length).sort((a, b) => a - b), stream.length];
        const reader = new FrameReader();
        const out = edges.slice(1).flatMap((end, i) => reader.push(stream.subarray(edges[i], end)) ?? []);
        assert.deepEqual(
          out,
          datagrams.filter(({ length }) => length > 0),
        );
      }),
    );
  });

  it('are refused by their length, before anything of them is kept', () => {
    assert.equal(new FrameReader().push(Buffer.from([0x10, 0x01])), undefined);
    assert.deepEqual(new FrameReader().push(Buffer.from([0x10, 0x00])), []);
  });
});

describe('a framed socket', TIMEOUT, () => {
  const connected = async () => {
    const server = createServer({ pauseOnConnect: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert(typeof address === 'object' && address);
    const ends: (Error | undefined)[] = [];
    const opened = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const socket = new FramedSocket(
      { address: '127.0.0.1', port: address.port },
      {
        onOpen: opened.resolve,
        onDatagram() {},
        onEnd: (why) => {
          ends.push(why);
          ended.resolve();
        },
      },
    );
    await opened.promise;
    const [far] = await accepted;
    const close = () => {
      socket.close();
      far.destroy();
      server.close();
    };
    return { socket, far, ends, ended: ended.promise, close };
  };

  it('drops what a reader that stands still does not take, and delivers the rest whole', async () => {
    const { socket, far, close } = await connected();
    const datagram = randomBytes(1_200);
    let sent = 0;
    while (socket.send(datagram)) {
      sent++;
      assert(sent < 100_000, 'it queues without bound');
    }
    const reader = new FrameReader();
    let received = 0;
    far.on('data', (chunk: Buffer) => {
      for (const one of reader.push(chunk) ?? []) {
        assert(one.equals(datagram));
        received++;
      }
    });
    far.resume();
    while (received < sent) await once(far, 'data');
    assert(socket.send(datagram), 'it takes more once there is room');
    close();
  });

  it('ends where the other side sends what cannot be a datagram', async () => {
    const { far, ends, ended, close } = await connected();
    far.write(Buffer.from([0xff, 0xff, 0]));
    await ended;
    assert.match(ends[0]?.message ?? '', /longer/);
    close();
  });
});

describe('ICE checks over TCP', () => {
  const remote = { usernameFragment: 'relay', password: 'a password of twenty-two' };
  const key = Buffer.from(remote.password);
  const answer = (request: Message, password = key) =>
    new Message(methods.BINDING, classes.RESPONSE, request.transactionId)
      .addMessageIntegrity(password)
      .addFingerprint().bytes;
  const requestOf = (checks: Checks, nominate = false) => {
    const request = parseMessage(checks.request(nominate), key);
    assert(request);
    return request;
  };

  it('are signed Binding requests of the controlling side', () => {
    const request = requestOf(new Checks(remote, secureRandomBytes), true);
    assert.match(request.getAttributeValue('USERNAME'), /^relay:[A-Za-z0-9+/]{8}$/);
    assert(request.attributesKeys.includes('ICE-CONTROLLING'));
    assert(request.attributesKeys.includes('USE-CANDIDATE'));
    assert(isStun(request.bytes));
  });

  it('name no path before they are told to', () => {
    const request = requestOf(new Checks(remote, secureRandomBytes));
    assert(!request.attributesKeys.includes('USE-CANDIDATE'));
  });

  it('take the answer of whoever knows the password, once, to a request of their own', () => {
    const checks = new Checks(remote, secureRandomBytes);
    const request = requestOf(checks);
    assert(!checks.isAnswer(answer(request, Buffer.from('another password'))));
    assert(!checks.isAnswer(answer(new Message(methods.BINDING, classes.REQUEST))));
    assert(!checks.isAnswer(request.bytes));
    assert(!checks.isAnswer(Buffer.from([1, 2, 3])));
    assert(checks.isAnswer(answer(request)));
    assert(!checks.isAnswer(answer(request)));
  });
});

describe('a repeated handshake flight', () => {
  /** A handshake record: epoch, record number, message number and fragment offset are all that tells it apart. */
  const record = (epoch: number, number: number, message: number, offset: number, type = 22) => {
    const bytes = Buffer.alloc(60);
    bytes[0] = type;
    bytes.writeUInt16BE(epoch, 3);
    bytes.writeUIntBE(number, 5, 6);
    bytes.writeUInt16BE(message, 17);
    bytes.writeUIntBE(offset, 19, 3);
    return bytes;
  };

  it('is known again by what it carries, not by its record numbers', () => {
    const repeats = new Repeats();
    assert(!repeats.isRepeat(record(0, 0, 0, 0)));
    assert(!repeats.isRepeat(record(0, 1, 1, 0)));
    assert(!repeats.isRepeat(record(0, 2, 1, 1_100)));
    assert(repeats.isRepeat(record(0, 5, 0, 0)));
    assert(repeats.isRepeat(record(0, 6, 1, 1_100)));
  });

  it('is none of what is encrypted, or is no handshake', () => {
    const repeats = new Repeats();
    for (let i = 0; i < 2; i++) {
      assert(!repeats.isRepeat(record(1, i, 0, 0)));
      assert(!repeats.isRepeat(record(0, i, 0, 0, 20)));
      assert(!repeats.isRepeat(Buffer.from([22, 1])));
    }
  });
});
