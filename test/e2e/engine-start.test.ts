import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { version } from 'mediasoup';
import { systemClock } from '../../src/base/platform.ts';
import type { IceCandidate } from '../../src/base/rtp.ts';
import { RECEIVE_BUFFER_BYTES } from '../../src/sfu/engine/mediasoup/buffers.ts';
import { socketBufferLimits } from '../../src/sfu/engine/mediasoup/engine.ts';
import type { MediasoupEngineOptions } from '../../src/sfu/engine/mediasoup/options.ts';
import type { Engine } from '../../src/sfu/engine/port.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { createTransport, openRouter, SpawnWatch, startEngine } from './engine-support.ts';

const TIMEOUT = { timeout: 30_000 };

/** Of iproute2; the one program that tells a socket's buffers. */
const SOCKET_STATISTICS = 'ss';
const folder = mkdtempSync(join(tmpdir(), 'belfry-engine-'));
after(() => rmSync(folder, { recursive: true }));

/** A program that stands in for the worker. */
function script(name: string, ...lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${lines.join('\n')}\n`);
  chmodSync(path, 0o755);
  return path;
}

const versionLine = (text: string) => `mediasoup-worker ${text} inputs 0 srtp openssl`;
const refusesToStart = (options: Partial<MediasoupEngineOptions>, code: string, message: RegExp) =>
  assert.rejects(startEngine(options), (error: Error & { code?: string }) => {
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  });

/** A UDP port that is free now, and the next one too. */
async function freeUdpPorts(): Promise<number> {
  const [one, next] = [createSocket('udp4').bind(0, '127.0.0.1'), createSocket('udp4')];
  await once(one, 'listening');
  const { port } = one.address();
  const isFree = await new Promise<boolean>((resolve) => {
    next.once('error', () => resolve(false)).bind(port + 1, '127.0.0.1', () => resolve(true));
  });
  for (const socket of [one, next]) await new Promise<void>((resolve) => socket.close(resolve));
  return isFree ? port : freeUdpPorts();
}

describe('a worker that cannot be used', TIMEOUT, () => {
  it('is refused where there is none', () =>
    refusesToStart({ workerBin: join(folder, 'nothing') }, 'worker.missing', /no executable media worker/));

  it('is refused where it is of another version', () =>
    refusesToStart(
      { workerBin: script('old', `echo "${versionLine('3.19.3')}"`) },
      'worker.version',
      /is of version 3\.19\.3/,
    ));

  it('is refused where it does not tell its version', () =>
    refusesToStart({ workerBin: script('mute', 'exit 1') }, 'worker.version', /does not tell its version/));

  it('is refused, and ended, where it never says that it is ready', async () => {
    const lines = [`[ "$1" = --version ] && echo "${versionLine(version)}" && exit`, 'exec sleep 1000'];
    const watch = new SpawnWatch();
    const workerBin = script('hung', ...lines);
    await refusesToStart({ workerBin, deadlines: { startMs: 300 } }, 'worker.start', /did not answer within/);
    watch.end();
    if (watch.last.signalCode === null) await once(watch.last, 'exit');
    assert.equal(watch.last.signalCode, 'SIGKILL');
  });

  it('is refused where it ends at once', () => {
    const lines = [`[ "$1" = --version ] && echo "${versionLine(version)}" && exit`, 'exit 1'];
    return refusesToStart({ workerBin: script('ends', ...lines) }, 'worker.start', /did not start/);
  });
});

describe('an address to listen on', TIMEOUT, () => {
  it('is refused by name where this machine does not have it', () =>
    refusesToStart({ listen: [{ address: '198.51.100.7' }] }, 'listen.missing', /198\.51\.100\.7/));

  it('is refused where it is a name: none is ever looked up', () =>
    refusesToStart({ listen: [{ address: 'localhost' }] }, 'listen.address', /"localhost"/));

  it('is refused where it is a wildcard without an address to announce', () =>
    refusesToStart({ listen: [{ address: '0.0.0.0' }] }, 'listen.address', /0\.0\.0\.0/));

  it('is refused where there is none', () =>
    refusesToStart({ listen: [] }, 'listen.address', /at least one/));

  it('is refused where its port is taken, and the other workers are ended', async () => {
    const taken = createSocket('udp4').bind(0, '127.0.0.1');
    await once(taken, 'listening');
    const watch = new SpawnWatch();
    const udpPort = taken.address().port;
    const listen = [{ address: '127.0.0.1', udpPort }];
    await refusesToStart({ listen, workers: 2 }, 'worker.start', /address already in use/);
    watch.end();
    taken.close();
    for (const worker of watch.workers)
      if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
    assert.ok(watch.workers.length > 0);
  });
});

describe('the ports of the media workers', TIMEOUT, () => {
  let engine: Engine | undefined;
  afterEach(async () => {
    await engine?.close();
    engine = undefined;
  });

  const portsOf = (candidates: readonly IceCandidate[], protocol: 'udp' | 'tcp') =>
    candidates.filter((one) => one.protocol === protocol).map(({ port }) => port);

  it('are one for UDP and one for TCP, shared by all transports of a worker', async () => {
    engine = await startEngine();
    const [one, other] = [await openRouter(engine, 'one'), await openRouter(engine, 'other')];
    const { offer: first } = await createTransport(engine, one.room, 'first');
    const { offer: second } = await createTransport(engine, other.room, 'second', 'receive');
    assert.deepEqual(
      first.iceCandidates.map(({ address, protocol, tcpType }) => [address, protocol, tcpType]),
      [
        ['127.0.0.1', 'udp', undefined],
        ['127.0.0.1', 'tcp', 'passive'],
      ],
    );
    for (const protocol of ['udp', 'tcp'] as const)
      assert.deepEqual(portsOf(first.iceCandidates, protocol), portsOf(second.iceCandidates, protocol));
    const [udp, tcp] = first.iceCandidates;
    assert.ok((udp?.priority ?? 0) > (tcp?.priority ?? 0), 'UDP is preferred');
  });

  it('count up from the given one, a worker each', async () => {
    const udpPort = await freeUdpPorts();
    engine = await startEngine({ workers: 2, listen: [{ address: '127.0.0.1', udpPort }] });
    const seen = new Map<string, number[]>();
    for (const name of ['one', 'other']) {
      const { room, worker } = await openRouter(engine, name);
      const { offer } = await createTransport(engine, room, `${name}-send`);
      seen.set(worker, portsOf(offer.iceCandidates, 'udp'));
    }
    assert.deepEqual([...seen].sort(), [
      ['w1', [udpPort]],
      ['w2', [udpPort + 1]],
    ]);
  });

  it('are on the IPv6 address too, and announced as told', async (context) => {
    const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    if (!own.some(({ address }) => address === '::1')) return context.skip('this machine has no IPv6');
    const listen = [{ address: '::1' }, { address: '127.0.0.1', announcedAddress: '192.0.2.55' }];
    engine = await startEngine({ listen });
    const { room } = await openRouter(engine, 'six');
    const { offer } = await createTransport(engine, room, 'six-send');
    const addresses = offer.iceCandidates.map(({ address, protocol }) => `${protocol} ${address}`);
    assert.deepEqual(addresses.sort(), ['tcp 192.0.2.55', 'tcp ::1', 'udp 192.0.2.55', 'udp ::1']);
  });

  it('have the buffers that the kernel allows', async (context) => {
    if (spawnSync(SOCKET_STATISTICS, ['-V']).error) return context.skip('`ss` is not installed');
    engine = await startEngine();
    const { room } = await openRouter(engine, 'buffers');
    const { offer } = await createTransport(engine, room, 'buffers-send');
    const [port] = portsOf(offer.iceCandidates, 'udp');
    const { stdout } = spawnSync(SOCKET_STATISTICS, ['-uanm', `sport = :${port}`], { encoding: 'utf8' });
    const granted = /rb(\d+),t\d+,tb(\d+)/.exec(stdout);
    const limits = socketBufferLimits();
    // The kernel doubles what it grants, for its own bookkeeping (socket(7)).
    const wanted = limits.map(({ wantedBytes, allowedBytes }) => 2 * Math.min(wantedBytes, allowedBytes));
    assert.deepEqual([Number(granted?.[1]), Number(granted?.[2])], wanted);
  });
});

describe('a full receive buffer', TIMEOUT, () => {
  it('drops datagrams, and they are counted', async () => {
    const clock = new FakeClock();
    const watch = new SpawnWatch();
    const engine = await startEngine({ clock });
    watch.end();
    const { room } = await openRouter(engine, 'drops');
    const { offer } = await createTransport(engine, room, 'drops-send');
    const port = offer.iceCandidates[0]?.port ?? 0;
    watch.last.kill('SIGSTOP');
    await flood(port, 2 * RECEIVE_BUFFER_BYTES);
    watch.last.kill('SIGCONT');
    assert.equal(engine.stats()[0]?.socketDrops, 0);
    clock.advance(1_000);
    while (engine.stats()[0]?.socketDrops === 0) await setImmediate();
    await engine.close();
  });

  /** Datagrams of the largest size, `bytes` and a quarter in all, at a socket that nobody reads. */
  async function flood(port: number, bytes: number): Promise<void> {
    const socket = createSocket('udp4');
    const datagram = Buffer.alloc(60_000);
    for (let sent = 0; sent < 1.25 * bytes; sent += datagram.length)
      await new Promise((resolve) => socket.send(datagram, port, '127.0.0.1', resolve));
    socket.close();
  }
});

describe('an engine that ends', TIMEOUT, () => {
  it('ends its workers, and leaves no timer and no signal handler', async () => {
    const watch = new SpawnWatch();
    const before = process.listenerCount('SIGTERM') + process.listenerCount('SIGINT');
    const timers = new Set<object>();
    const clock = {
      ...systemClock,
      every: (periodMs: number, run: () => void) => {
        const timer = { periodMs };
        timers.add(timer);
        const cancel = systemClock.every(periodMs, run);
        return () => {
          timers.delete(timer);
          cancel();
        };
      },
    };
    const engine = await startEngine({ workers: 2, clock });
    assert.equal(process.listenerCount('SIGTERM') + process.listenerCount('SIGINT'), before);
    assert.equal(timers.size, 2);
    await engine.close();
    watch.end();
    assert.equal(timers.size, 0);
    assert.deepEqual(
      watch.workers.map(({ exitCode }) => exitCode),
      [0, 0],
    );
    assert.ok(engine.stats().every(({ alive }) => !alive));
  });
});
