import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { SecureContextOptions, TlsOptions } from 'node:tls';
import { Server as TlsServer } from 'node:tls';

/** PEM texts; `cert` is the server's own, then those between it and a root, if any. */
export interface TlsCertificate {
  readonly cert: string;
  readonly key: string;
}

/**
 * TLS 1.3, and 1.2 with forward secrecy and authenticated encryption alone: every browser with encoded transforms speaks
 * both, and nothing older is left to fall back to. The order is the server's choice.
 */
const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
].join(':');

const contextOf = ({ cert, key }: TlsCertificate): SecureContextOptions => ({
  cert,
  key,
  ciphers: CIPHERS,
  honorCipherOrder: true,
  minVersion: 'TLSv1.2',
});

/** `handshakeMs`: whoever has not finished its handshake by then holds a connection of those that are counted. */
export const tlsOptions = (certificate: TlsCertificate, handshakeMs: number): TlsOptions => ({
  ...contextOf(certificate),
  handshakeTimeout: handshakeMs,
});

/** New connections are shown this certificate; those that are open go on. Without effect on a server of plain HTTP. */
export const replaceCertificate = (server: Server, certificate: TlsCertificate): void => {
  if (server instanceof TlsServer) server.setSecureContext(contextOf(certificate));
};

/** Ends every connection, those in the middle of a handshake too, which `closeAllConnections` does not know. */
export const connectionEnder = (server: Server): (() => void) => {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return () => {
    for (const socket of open) socket.destroy();
  };
};
