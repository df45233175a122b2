import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import * as mediasoup from 'mediasoup';
import { RtpHeader, type RtpPacket, type SrtpProfile } from 'werift';
import { writeLargeCertificate } from './certificate.ts';
import { createPeer, DtlsProbe, type Peer, type PeerOptions } from './peer.ts';
import { workerBin } from './worker-bin.ts';

/** What native/patches/0002-dtls-mtu.patch sets. */
const DTLS_MTU_BYTES = 1200;

/** More than two datagrams' worth, so that a flight has to be cut. */
const CERTIFICATE_BYTES = 3000;

const TIMEOUT = { timeout: 20_000 };

const OPUS: mediasoup.types.RouterRtpCodecCapability = {
  kind: 'audio',
  mimeType: 'audio/opus',
  preferredPayloadType: 100,
  clockRate: 48_000,
  channels: 2,
};

describe('the worker over DTLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-dtls-'));
  let worker: mediasoup.types.Worker;
  let router: mediasoup.types.Router;
  const peers: Peer[] = [];

  before(async () => {
    const { cert, key } = writeLargeCertificate(folder, CERTIFICATE_BYTES);
    worker = await mediasoup.createWorker({ workerBin, dtlsCertificateFile: cert, dtlsPrivateKeyFile: key });
    router = await worker.createRouter({ mediaCodecs: [OPUS] });
  });

  after(async () => {
    for (const peer of peers) await peer.close();
    worker.close();
    if (!worker.subprocessClosed) await once(worker, 'subprocessclose');
    rmSync(folder, { recursive: true });
  });

  const createTransport = () =>
    router.createWebRtcTransport({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }] });

  async function connect(transport: mediasoup.types.WebRtcTransport, options: PeerOptions): Promise<Peer> {
    const peer = await createPeer(options);
    peers.push(peer);
    const death = once(worker, 'died').then(([error]) => Promise.reject(error));
    await Promise.race([peer.connect(transport), death]);
    return peer;
  }

  for (const role of ['client', 'server'] as const) {
    it(`the worker survives a DTLS handshake with a ${role}`, TIMEOUT, async () => {
      const transport = await createTransport();
      const peer = await connect(transport, { role });
      assert.equal(peer.dtls.state, 'connected');
      if (transport.dtlsState !== 'connected') await once(transport, 'dtlsstatechange');
      assert.equal(transport.dtlsState, 'connected');
      assert.equal((await worker.dump()).pid, worker.pid);
      assert.equal(worker.died, false);
    });
  }

  it('no DTLS datagram exceeds 1,200 bytes', TIMEOUT, async () => {
    const transport = await createTransport();
    const probe = await DtlsProbe.open(transport.iceCandidates[0]?.port ?? 0);
    try {
      await connect(transport, { role: 'client', port: probe.port });
      const largest = Math.max(...probe.sizesBytes);
      assert.ok(largest <= DTLS_MTU_BYTES, `the largest has ${largest} bytes`);
      // Full datagrams went out: the limit was what cut them.
      assert.ok(
        largest > DTLS_MTU_BYTES - 100,
        `the largest has only ${largest} bytes, so nothing was tried`,
      );
    } finally {
      probe.close();
    }
  });

  const profiles: [string, SrtpProfile][] = [
    ['AEAD_AES_128_GCM', 7],
    ['AES128_CM_HMAC_SHA1_80', 1],
  ];
  for (const [name, profile] of profiles) {
    it(`a packet comes through unchanged with ${name}`, TIMEOUT, async () => {
      const [inbound, outbound] = [await createTransport(), await createTransport()];
      const sender = await connect(inbound, { role: 'client', srtpProfiles: [profile] });
      const receiver = await connect(outbound, { role: 'server', srtpProfiles: [profile] });
      const producer = await inbound.produce({
        kind: 'audio',
        rtpParameters: { codecs: [{ ...OPUS, payloadType: 100 }], encodings: [{ ssrc: 1111 }] },
      });
      await outbound.consume({ producerId: producer.id, rtpCapabilities: router.rtpCapabilities });

      const payload = Buffer.from('a payload that the relay has no business with');
      const received = new Promise<RtpPacket>((resolve) => receiver.dtls.onRtp.once(resolve));
      const header = new RtpHeader({ ssrc: 1111, payloadType: 100, sequenceNumber: 7, timestamp: 960 });
      await sender.dtls.sendRtp(payload, header);
      assert.deepEqual((await received).payload, payload);
    });
  }
});
