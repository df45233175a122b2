import assert from 'node:assert/strict';
import { randomBytes as nodeRandomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { silentLogger } from '../../src/base/logger.ts';
import { ok } from '../../src/base/result.ts';
import { createSignaling, type Signaling } from '../../src/signaling/signaling.ts';
import { permittedFor } from '../../src/trust/hosts/permitted.ts';
import { createAuthority, issueHostCertificate } from '../../src/trust/signing/authority.ts';
import type { KeyedCertificate } from '../../src/trust/signing/issuing.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeMediaPlane } from '../support/fake-media-plane.ts';
import { FakeDisk, FakeStore } from '../support/fake-store.ts';
import { Ministry } from '../support/ministry.ts';

const HOSTS = { addresses: ['127.0.0.1'], names: [] };
const randomBytes = (size: number) => new Uint8Array(nodeRandomBytes(size));
const at = { nowUnixMs: Date.now(), randomBytes };
const asTls = ({ certificate, key }: KeyedCertificate) => ({ cert: certificate, key });

describe('signaling by TLS', () => {
  let root: KeyedCertificate;
  let first: KeyedCertificate;
  let signaling: Signaling;
  let port: number;
  let closed = false;

  const socketTo = (options: object = {}): WebSocket =>
    new WebSocket(`wss://127.0.0.1:${port}/v1/meet`, 'belfry.v1', { ca: root.certificate, ...options });
  const handshake = async (options: ConnectionOptions = {}): Promise<TLSSocket> => {
    const socket = connect({ host: '127.0.0.1', port, ca: root.certificate, ...options });
    await once(socket, 'secureConnect');
    return socket;
  };
  const shown = async (): Promise<string | undefined> => {
    const socket = await handshake();
    const { serialNumber } = socket.getPeerCertificate();
    socket.destroy();
    return serialNumber;
  };

  before(async () => {
    root = await createAuthority(permittedFor(HOSTS), at);
    first = await issueHostCertificate(root, HOSTS, at);
    signaling = createSignaling({
      media: new FakeMediaPlane(),
      audit: { write: () => ok(undefined) },
      clock: new FakeClock(),
      randomBytes,
      logger: silentLogger,
      redact: (text) => text,
      people: { trust: (await Ministry.open()).trust(), store: new FakeStore(new FakeDisk()) },
      tls: asTls(first),
    });
    ({ port } = await signaling.listen({ host: '127.0.0.1', port: 0 }));
  });
  after(async () => {
    if (!closed) await signaling.close();
  });

  it('lets in whoever trusts the root, and nobody who does not', async () => {
    const socket = socketTo();
    await once(socket, 'open');
    socket.terminate();
    const [error] = await once(socketTo({ ca: [] }), 'error');
    assert.match(String(error), /unable to verify/);
  });

  it('takes pages of its own https origin only', async () => {
    const own = socketTo({ origin: `https://127.0.0.1:${port}` });
    await once(own, 'open');
    own.terminate();
    for (const origin of [`http://127.0.0.1:${port}`, 'https://evil.example']) {
      const [error] = await once(socketTo({ origin }), 'error');
      assert.match(String(error), /403/, origin);
    }
  });

  it('speaks TLS 1.3 by itself, 1.2 with forward secrecy, and nothing older', async () => {
    const newest = await handshake();
    assert.equal(newest.getProtocol(), 'TLSv1.3');
    newest.destroy();
    const older = await handshake({ maxVersion: 'TLSv1.2' });
    assert.match(older.getCipher().name, /^ECDHE-ECDSA-(AES|CHACHA)/);
    older.destroy();
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
    await assert.rejects(handshake(old));
    await assert.rejects(handshake({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' }));
  });

  it('answers plain HTTP with nothing', async () => {
    const socket = connectTcp({ host: '127.0.0.1', port });
    let bytes = '';
    socket.on('data', (data) => {
      bytes += data.toString('latin1');
    });
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'close');
    assert.ok(!bytes.includes('HTTP'));
  });

  it('shows a renewed certificate to new connections, and keeps the old ones', async () => {
    const old = socketTo();
    await once(old, 'open');
    assert.equal(await shown(), new X509Certificate(first.certificate).serialNumber);
    const next = await issueHostCertificate(root, HOSTS, at);
    signaling.replaceCertificate(asTls(next));
    assert.equal(await shown(), new X509Certificate(next.certificate).serialNumber);
    const older = handshake({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' });
    await assert.rejects(older, 'no weaker than before');
    assert.equal(old.readyState, WebSocket.OPEN);
    old.terminate();
  });

  it('stops without waiting for a handshake that never ends', { timeout: 4_000 }, async () => {
    const silent = connectTcp({ host: '127.0.0.1', port });
    silent.on('error', () => {});
    await once(silent, 'connect');
    // The server has accepted the silent connection by the time that it answers a later one.
    (await handshake()).destroy();
    const ended = once(silent, 'close');
    closed = true;
    await signaling.close();
    await ended;
  });
});
