import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { after, afterEach, before, describe, it } from 'node:test';
import { RTCCertificate, RTCDtlsTransport, RTCIceGatherer, RTCIceParameters, RTCIceTransport } from 'werift';
import { asId, type TransportId } from '../../src/base/ids.ts';
import type { TransportOffer } from '../../src/base/media.ts';
import { secureRandomBytes, systemClock } from '../../src/base/platform.ts';
import { loadShippedClips } from '../../src/client/clips/files.ts';
import { usableCandidates } from '../../src/client/werift/hop/candidates.ts';
import { createCertificate } from '../../src/client/werift/hop/certificate.ts';
import { Hop } from '../../src/client/werift/hop/hop.ts';
import { createIce } from '../../src/client/werift/hop/ice.ts';
import type { Engine } from '../../src/sfu/engine/port.ts';
import { WeriftPeer, WeriftRoom } from '../support/werift-room.ts';
import { startEngine } from './engine-support.ts';

const platform = { clock: systemClock, randomBytes: secureRandomBytes };
const TIMEOUT = { timeout: 30_000 };
const candidate = (address: string, port: number, protocol: 'udp' | 'tcp' = 'udp') =>
  ({ foundation: 'f', priority: 1, address, protocol, port, type: 'host' }) as const;

/** An ICE-lite DTLS server on loopback that shows `certificate`; takes hops as the relay does. */
class StandIn {
  readonly offer: TransportOffer;
  readonly #ice: RTCIceTransport;
  readonly #dtls: RTCDtlsTransport;

  private constructor(ice: RTCIceTransport, dtls: RTCDtlsTransport) {
    this.#ice = ice;
    this.#dtls = dtls;
    const [local] = ice.localCandidates;
    const { usernameFragment, password } = ice.localParameters;
    this.offer = {
      transport: asId<TransportId>('transport'),
      iceParameters: { usernameFragment, password, iceLite: true },
      iceCandidates: [candidate('127.0.0.1', local?.port ?? 0)],
      dtlsParameters: {
        fingerprints: dtls.localParameters.fingerprints.map(({ value }) => ({ algorithm: 'sha-256', value })),
      },
    };
  }

  static async open(certificate: RTCCertificate): Promise<StandIn> {
    const gatherer = new RTCIceGatherer({
      iceLite: true,
      useIpv4: false,
      useIpv6: false,
      additionalHostAddresses: ['127.0.0.1'],
    });
    delete gatherer.connection.stunServer;
    await gatherer.gather();
    const ice = new RTCIceTransport(gatherer);
    const dtls = new RTCDtlsTransport({}, ice, certificate, [7]);
    dtls.role = 'server';
    return new StandIn(ice, dtls);
  }

  /** Takes the hop's handshake; what comes of it is the hop's to tell. */
  take(hop: Hop): void {
    const [own] = hop.dtlsParameters.fingerprints;
    this.#ice.setRemoteParams(new RTCIceParameters({ usernameFragment: 'any', password: 'any' }));
    this.#dtls.setRemoteParams({
      role: 'client',
      fingerprints: own ? [{ algorithm: own.algorithm, value: own.value }] : [],
    });
    const run = async () => {
      await this.#ice.start();
      await this.#dtls.start();
    };
    run().catch(() => {});
  }

  async close(): Promise<void> {
    if (this.#dtls.dtls) this.#dtls.dtls.dtls.flight = Number.MAX_SAFE_INTEGER;
    await this.#dtls.stop();
  }
}

describe('the hop to the relay', TIMEOUT, () => {
  const open: { close(): unknown }[] = [];
  const states: string[] = [];
  const closeLater = <T extends { close(): unknown }>(thing: T): T => {
    open.push(thing);
    return thing;
  };
  const createHop = async (offer: TransportOffer) => {
    const onState = (state: string) => states.push(state);
    return closeLater(
      new Hop(offer, await createCertificate(), platform, { onState, onRtp() {}, onRtcp() {} }),
    );
  };
  afterEach(async () => {
    for (const thing of open.splice(0)) await thing.close();
    states.length = 0;
  });

  it('connects to a relay that proves its key', async () => {
    const relay = closeLater(await StandIn.open(await createCertificate()));
    const hop = await createHop(relay.offer);
    relay.take(hop);
    await hop.connect();
    assert(hop.isOpen);
    assert.deepEqual(states, ['connecting', 'connected']);
    hop.close();
    assert(!hop.isOpen);
  });

  it('refuses one that shows the certificate but signs with another key', async () => {
    const [shown, own] = [await createCertificate(), await createCertificate()];
    const mixed = new RTCCertificate(own.privateKey, shown.certPem, shown.signatureHash);
    const relay = closeLater(await StandIn.open(mixed));
    const hop = await createHop(relay.offer);
    relay.take(hop);
    await assert.rejects(hop.connect(), { code: 'transport.not-authentic' });
    assert(!hop.isOpen);
    assert.deepEqual(states, ['connecting', 'failed']);
  });

  it('refuses one with another certificate than the offer says', async () => {
    const relay = closeLater(await StandIn.open(await createCertificate()));
    const value = new Array(32).fill('AA').join(':');
    const fingerprints = [{ algorithm: 'sha-256', value }] as const;
    const hop = await createHop({ ...relay.offer, dtlsParameters: { fingerprints } });
    relay.take(hop);
    await assert.rejects(hop.connect(), { code: 'transport.failed' });
    assert(!hop.isOpen);
  });

  it('stops waiting when it is closed while connecting', async () => {
    const relay = closeLater(await StandIn.open(await createCertificate()));
    const hop = await createHop(relay.offer);
    const connecting = assert.rejects(hop.connect(), { code: 'transport.failed' });
    hop.close();
    await connecting;
    assert.deepEqual(states, ['connecting']);
  });

  it('has a certificate of its own, so that participants of one process cannot be linked', async () => {
    const relay = closeLater(await StandIn.open(await createCertificate()));
    const hops = [await createHop(relay.offer), await createHop(relay.offer)];
    const values = hops.flatMap(({ dtlsParameters }) =>
      dtlsParameters.fingerprints.map(({ value }) => value),
    );
    assert.equal(new Set(values).size, 2);
  });

  it('uses literal addresses only, and never asks a STUN server', async () => {
    const literal = candidate('127.0.0.1', 5000);
    const far = candidate('10.0.0.1', 5000);
    const passive = { ...candidate('127.0.0.1', 5001, 'tcp'), tcpType: 'passive' } as const;
    const offered = [
      candidate('relay.example', 5000),
      candidate('a.local', 5000),
      candidate('::1', 1, 'tcp'),
      passive,
      literal,
      far,
    ];
    assert.deepEqual(usableCandidates(offered), { udp: [literal, far], tcp: [passive], afar: [far] });
    assert.throws(() => createIce([]), { code: 'transport.unreachable' });
    const ice = createIce([literal]);
    assert.equal(ice.connection.stunServer, undefined);
    await ice.gather();
    assert.deepEqual(
      ice.localCandidates.map(({ ip, type }) => [ip, type]),
      [['127.0.0.1', 'host']],
    );
    await ice.stop();
  });

  const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
    all?.some(({ address }) => address === '::1'),
  );
  it('carries media over IPv6 alone', { skip: hasIpv6 ? false : 'this machine has no ::1' }, async () => {
    const engine = closeLater(await startEngine({ listen: [{ address: '::1' }] }));
    const room = await WeriftRoom.open(engine);
    const peer = await WeriftPeer.join(room, 1);
    closeLater({ close: () => peer.port.reset() });
    const { microphone } = await loadShippedClips();
    const producer = await peer.produce('microphone', { layers: microphone });
    const { stream, resume } = await peer.consume(peer, 'microphone', producer);
    const heard = new Promise((resolve) => stream.onFrame(resolve));
    await resume();
    await heard;
  });
});

describe('a media port', TIMEOUT, () => {
  let engine: Engine;
  before(async () => {
    engine = await startEngine();
  });
  after(() => engine.close());

  it('says what is missing, and can be reset at any time', async () => {
    const room = await WeriftRoom.open(engine);
    const peer = await WeriftPeer.join(room, 1);
    const { microphone } = await loadShippedClips();
    const input = { layers: microphone };
    await peer.produce('microphone', input);
    await assert.rejects(peer.produce('microphone', input), { code: 'media.source-live' });
    await assert.rejects(peer.openTransport('send'), { code: 'transport.exists' });
    peer.port.reset();
    await assert.rejects(peer.produce('camera', input), { code: 'media.not-loaded' });
    await peer.port.load(room.capabilities);
    await assert.rejects(peer.produce('camera', input), { code: 'media.no-transport' });
    const isConnecting = new Promise<void>((resolve) => {
      peer.port.onEvent(({ kind }) => kind === 'transport-state' && resolve());
    });
    const opening = assert.rejects(peer.openTransport('send'), { code: 'transport.failed' });
    await isConnecting;
    peer.port.reset();
    await opening;
  });
});
