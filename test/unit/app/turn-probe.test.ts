import assert from 'node:assert/strict';
import { randomBytes as nodeRandomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { probeTurn } from '../../../src/app/doctor/turn-probe.ts';
import { permittedFor } from '../../../src/trust/hosts/permitted.ts';
import { createAuthority, issueHostCertificate } from '../../../src/trust/signing/authority.ts';
import type { KeyedCertificate } from '../../../src/trust/signing/issuing.ts';
import { FakeTurn } from '../../support/fake-turn.ts';

const randomBytes = (size: number) => new Uint8Array(nodeRandomBytes(size));
const ADDRESS = '127.0.0.1';
const AT = { nowUnixMs: Date.now(), randomBytes };

/** The answer to a Binding request of RFC 8489, with no attribute. */
const answerTo = (question: Buffer): Buffer => Buffer.concat([Buffer.from([1, 1]), question.subarray(2)]);

describe('doctor’s question to a TURN server', { timeout: 20_000 }, () => {
  const servers: Server[] = [];
  let root: KeyedCertificate;
  let keyed: KeyedCertificate;
  before(async () => {
    const hosts = { addresses: [ADDRESS], names: [] };
    root = await createAuthority(permittedFor(hosts), AT);
    keyed = await issueHostCertificate(root, hosts, AT);
  });
  after(() => {
    for (const server of servers) server.close();
  });

  const listen = async (server: Server): Promise<number> => {
    servers.push(server);
    server.listen(0, ADDRESS);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const answering = (answer: (question: Buffer) => Buffer) => (socket: Socket) => {
    socket.on('error', () => {});
    socket.on('data', (question: Buffer) => socket.write(answer(question)));
  };
  const ask = (transport: 'udp' | 'tcp' | 'tls', port: number, trusted?: string, withinMs = 10_000) =>
    probeTurn({ transport, address: ADDRESS, port }, { randomBytes, root: trusted, withinMs });

  it('is answered over UDP', async () => {
    const turn = await FakeTurn.open({ username: 'n', credential: 'c' });
    await ask('udp', turn.port);
    turn.close();
  });

  it('is answered over TCP, and by a TURN server alone', async () => {
    await ask('tcp', await listen(createServer(answering(answerTo))));
    const web = await listen(createServer(answering(() => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))));
    await assert.rejects(ask('tcp', web), /no TURN server/);
    const closing = await listen(createServer((socket) => socket.destroy()));
    await assert.rejects(ask('tcp', closing), /ended|ECONNRESET|EPIPE/);
  });

  it('is answered over TLS where the certificate is of the root', async () => {
    const tls = { cert: keyed.certificate, key: keyed.key };
    const port = await listen(createTlsServer(tls, answering(answerTo)));
    await ask('tls', port, root.certificate);
    await assert.rejects(ask('tls', port), /certificate/);
  });

  it('ends where nobody answers', async () => {
    const silent = await listen(createServer(() => {}));
    await assert.rejects(ask('tcp', silent, undefined, 50), /no answer within/);
    await assert.rejects(ask('tcp', 1), /ECONNREFUSED/);
  });
});
