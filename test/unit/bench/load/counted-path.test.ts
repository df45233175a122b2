import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, test } from 'node:test';
import { classes, Message, methods, parseMessage } from 'werift';
import { CountedPaths } from '../../../../bench/load/crew/counted-path.ts';
import { LightCounter } from '../../../../bench/load/crew/light-counter.ts';
import { parseSockets } from '../../../../bench/load/crew/socket-drops.ts';
import { secureRandomBytes } from '../../../../src/base/platform.ts';
import type { IceCandidate } from '../../../../src/base/rtp.ts';
import type { Path } from '../../../../src/client/werift/hop/path.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { eventually } from '../../../support/until.ts';

const REMOTE = { usernameFragment: 'relay', password: 'a-password-of-the-relay', iceLite: true };
const SSRC = 0x01020304;

/** A relay that answers ICE checks, and notes where they came from. */
class Relay {
  readonly socket: Socket = createSocket('udp4');
  client: AddressInfo | undefined;
  checks = 0;

  async start(): Promise<IceCandidate> {
    this.socket.bind(0, '127.0.0.1');
    await once(this.socket, 'listening');
    this.socket.on('message', (datagram, from) => this.#answer(datagram, from.port));
    const { port } = this.socket.address();
    return {
      foundation: '1',
      priority: 1,
      address: '127.0.0.1',
      port,
      protocol: 'udp',
      type: 'host',
    } as IceCandidate;
  }

  send(datagram: Uint8Array): void {
    assert.ok(this.client);
    this.socket.send(datagram, this.client.port, '127.0.0.1');
  }

  #answer(datagram: Buffer, port: number): void {
    const key = Buffer.from(REMOTE.password);
    const request = parseMessage(datagram, key);
    if (request === undefined) return;
    this.checks += 1;
    this.client = { address: '127.0.0.1', family: 'IPv4', port };
    const answer = new Message(methods.BINDING, classes.RESPONSE, request.transactionId);
    answer.setAttribute('XOR-MAPPED-ADDRESS', ['127.0.0.1', port]);
    this.socket.send(answer.addMessageIntegrity(key).addFingerprint().bytes, port, '127.0.0.1');
  }
}

const rtp = (ssrc: number, sequence: number, type = 101): Buffer => {
  const packet = Buffer.alloc(40);
  packet[0] = 0x80;
  packet[1] = type;
  packet.writeUInt16BE(sequence, 2);
  packet.writeUInt32BE(ssrc, 8);
  return packet;
};

let relay: Relay;
let clock: FakeClock;
let path: Path | undefined;
beforeEach(() => {
  relay = new Relay();
  clock = new FakeClock();
});
afterEach(() => {
  path?.close();
  relay.socket.close();
});

const connect = async (counter: LightCounter) => {
  const taken: Buffer[] = [];
  const paths = new CountedPaths({ clock, randomBytes: secureRandomBytes }, counter);
  const events = { onDatagram: (datagram: Buffer) => taken.push(datagram), onState: () => {} };
  path = await paths.tryUdp([await relay.start()], REMOTE, events).found;
  path.use();
  return { paths, taken };
};

test('a stream that is counted only never reaches the media stack; all others do', async () => {
  const counter = new LightCounter();
  const { taken } = await connect(counter);
  const count = counter.countOnly(SSRC);
  for (const sequence of [1, 2, 5]) relay.send(rtp(SSRC, sequence));
  relay.send(rtp(SSRC + 1, 9));
  // A Sender Report of the counted stream has its SSRC elsewhere, and passes like all RTCP; so does DTLS.
  relay.send(rtp(SSRC, 200, 200));
  relay.send(Buffer.from([22, 254, 253]));
  await eventually('what is not counted arrives', () => taken.length === 3);
  assert.deepEqual([count.received, count.expected, count.missing], [3, 5, 2]);
  assert.equal(counter.datagrams, 4);
});

test('what is sent on a path that ended is lost, as it would be on its way', async () => {
  await connect(new LightCounter());
  path?.close();
  path?.send(rtp(SSRC, 1));
  path?.close();
});

test('a ghost leaves its packets to the kernel, and its consent goes on', async () => {
  const counter = new LightCounter();
  const { paths, taken } = await connect(counter);
  await eventually('it nominated the path', () => relay.checks >= 2);
  paths.leaveUnread();
  const [port] = paths.localPorts;
  const dropped = () =>
    parseSockets(readFileSync('/proc/net/udp', 'utf8')).find((socket) => socket.port === port)?.drops ?? 0;
  for (let i = 0; i < 200; i++) relay.send(Buffer.alloc(1_200, rtp(SSRC, i)));
  await eventually('the kernel dropped all but a few', () => dropped() > 180);
  assert.equal(taken.length, 0);
  assert.equal(counter.datagrams, 0);
  const before = relay.checks;
  clock.advance(5_000);
  await eventually('it asks for consent', () => relay.checks > before);
});
