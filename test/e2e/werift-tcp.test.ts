import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Socket as NetSocket, type Server } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { IceCandidate } from '../../src/base/rtp.ts';
import { loadShippedClips, type ShippedClips } from '../../src/client/clips/files.ts';
import type { Engine } from '../../src/sfu/engine/port.ts';
import { WeriftPeer, WeriftRoom } from '../support/werift-room.ts';
import { startEngine } from './engine-support.ts';

const TIMEOUT = { timeout: 30_000 };
const onlyTcp = (candidates: readonly IceCandidate[]) =>
  candidates.filter(({ protocol }) => protocol === 'tcp');

/** Passes TCP on to `port` until it is cut. */
class Wire {
  connections = 0;
  readonly #server: Server;
  readonly #open = new Set<NetSocket>();

  private constructor(port: () => number) {
    this.#server = createServer((near) => {
      const far = connect(port(), '127.0.0.1');
      this.connections++;
      this.#open.add(near);
      near.pipe(far).pipe(near);
      for (const end of [near, far]) end.on('error', () => {});
    });
  }

  static async to(port: () => number): Promise<Wire> {
    const wire = new Wire(port);
    wire.#server.listen(0, '127.0.0.1');
    await once(wire.#server, 'listening');
    return wire;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  cut(): void {
    for (const socket of this.#open) socket.destroy();
    this.#open.clear();
  }

  close(): void {
    this.#server.close();
  }
}

describe('media over TCP', TIMEOUT, () => {
  let engine: Engine;
  let room: WeriftRoom;
  let clips: ShippedClips;
  let silence: Socket;
  const peers: WeriftPeer[] = [];
  const wires: Wire[] = [];

  before(async () => {
    clips = await loadShippedClips();
    engine = await startEngine();
    room = await WeriftRoom.open(engine);
    silence = createSocket('udp4');
    silence.bind(0, '127.0.0.1');
    await once(silence, 'listening');
  });
  after(async () => {
    for (const peer of peers) peer.port.reset();
    for (const wire of wires) wire.close();
    silence.close();
    await engine.close();
  });

  const join = async (
    ...options: Parameters<typeof WeriftPeer.join> extends [unknown, ...infer R] ? R : never
  ) => {
    const peer = await WeriftPeer.join(room, ...options);
    peers.push(peer);
    return peer;
  };
  /** Nothing answers on UDP, as behind a firewall. */
  const withoutUdp = (candidates: readonly IceCandidate[]) =>
    candidates.map((one) => (one.protocol === 'udp' ? { ...one, port: silence.address().port } : one));
  const frames = (stream: Awaited<ReturnType<WeriftPeer['consume']>>['stream'], count: number) =>
    new Promise<void>((resolve) => {
      const off = stream.onFrame(() => {
        if (stream.counters().framesOpened < count) return;
        off();
        resolve();
      });
    });

  it('carries sound and picture both ways where UDP gets no answer', async () => {
    const [ann, bob] = await Promise.all([join(1, { reach: withoutUdp }), join(2, { reach: withoutUdp })]);
    const camera = await ann.produce('camera', { layers: clips.camera });
    const microphone = await bob.produce('microphone', { layers: clips.microphone });
    const picture = await bob.consume(ann, 'camera', camera);
    const sound = await ann.consume(bob, 'microphone', microphone);
    const all = Promise.all([frames(picture.stream, 60), frames(sound.stream, 100)]);
    await Promise.all([picture.resume(), sound.resume()]);
    await all;
    assert.equal(picture.stream.counters().lost, 0);
    assert.equal(sound.stream.counters().lost, 0);
    assert.deepEqual([...ann.refused, ...bob.refused], []);
    ann.port.stopProducing('camera');
    bob.port.stopProducing('microphone');
  });

  it('stays with UDP where that answers', async () => {
    const wire = await Wire.to(() => 1);
    wires.push(wire);
    const elsewhere = (candidates: readonly IceCandidate[]) =>
      candidates.map((one) => (one.protocol === 'tcp' ? { ...one, port: wire.port } : one));
    const ann = await join(1, { reach: elsewhere });
    const microphone = await ann.produce('microphone', { layers: clips.microphone });
    const sound = await ann.consume(ann, 'microphone', microphone);
    const heard = frames(sound.stream, 60);
    await sound.resume();
    await heard;
    assert.equal(wire.connections, 0);
    ann.port.stopProducing('microphone');
  });

  it('tells of a connection that broke, and goes on by an ICE restart', async () => {
    const sender = await join(1);
    const ports: number[] = [];
    const wire = await Wire.to(() => ports[0] ?? 0);
    wires.push(wire);
    const overWire = (candidates: readonly IceCandidate[]) => {
      ports.push(...onlyTcp(candidates).map(({ port }) => port));
      return onlyTcp(candidates).map((one) => ({ ...one, port: wire.port }));
    };
    const bob = await join(2, { reach: overWire });
    const microphone = await sender.produce('microphone', { layers: clips.microphone });
    const sound = await bob.consume(sender, 'microphone', microphone);
    const heard = frames(sound.stream, 20);
    await sound.resume();
    await heard;
    const failed = new Promise<void>((resolve) => {
      bob.port.onEvent(
        () => bob.states.filter((state) => state.endsWith('failed')).length === 2 && resolve(),
      );
    });
    wire.cut();
    await failed;
    for (const direction of ['send', 'receive'] as const) {
      const transport = bob.transport(direction);
      const { iceParameters } = await room.ask({ kind: 'restart-ice', transport }, 'ice');
      await bob.port.restartIce(direction, iceParameters);
      assert.equal(bob.states.at(-1), `${direction} connected`);
    }
    assert.equal(wire.connections, 4);
    await frames(sound.stream, sound.stream.counters().framesOpened + 20);
    sender.port.stopProducing('microphone');
  });

  it('fails at once where TCP is all there is and nobody listens', async () => {
    const nobody = (candidates: readonly IceCandidate[]) =>
      onlyTcp(candidates).map((one) => ({ ...one, port: 1 }));
    await assert.rejects(join(1, { reach: nobody }), { code: 'transport.failed' });
  });

  it('says so where no address can be used at all', async () => {
    await assert.rejects(join(1, { reach: () => [] }), { code: 'transport.unreachable' });
  });
});
