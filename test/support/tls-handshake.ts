import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { checkServerIdentity, connect, createServer, type TLSSocket } from 'node:tls';

export interface Keyed {
  readonly certificate: string;
  readonly key: string;
}

interface Handshake {
  readonly server: Keyed;
  /** PEM roots that the client trusts; absent: those of the platform. */
  readonly ca?: string;
  /** Whom the client means to reach: a name, or an IP address. */
  readonly to: string;
  /** Shown by the client; the server then judges it by `ca`. */
  readonly client?: Keyed;
}

/** One handshake on loopback, judged as a browser judges it. Answers `undefined` or why it was refused. */
export const refusalOfHandshake = async ({
  server,
  ca,
  to,
  client,
}: Handshake): Promise<string | undefined> => {
  const listener = createServer({
    cert: server.certificate,
    key: server.key,
    ...(client && ca ? { ca, requestCert: true, rejectUnauthorized: false } : {}),
  });
  listener.on('tlsClientError', () => {});
  const judgedClient = new Promise<string | undefined>((resolve) =>
    listener.on('secureConnection', (socket: TLSSocket) => {
      socket.on('error', () => {});
      resolve(socket.authorized ? undefined : String(socket.authorizationError));
    }),
  );
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const isName = !/^[\d.]+$|:/.test(to);
  const socket = connect({
    port,
    host: '127.0.0.1',
    ...(ca && { ca }),
    ...(isName && { servername: to }),
    ...(client && { cert: client.certificate, key: client.key }),
    // The address that was meant, not the loopback one that stands for it here.
    checkServerIdentity: (_, certificate) => checkServerIdentity(to, certificate),
  });
  try {
    const failure = new Promise<string>((resolve) => socket.once('error', (error) => resolve(error.message)));
    const refusal = await Promise.race([once(socket, 'secureConnect').then(() => undefined), failure]);
    return refusal ?? (client ? await judgedClient : undefined);
  } finally {
    socket.destroy();
    listener.close();
  }
};
