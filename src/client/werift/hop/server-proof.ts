import { createVerify, X509Certificate } from 'node:crypto';
import type { DtlsSocket } from 'werift';
import { equalBytes } from '../../../base/bytes.ts';

const SERVER_KEY_EXCHANGE = 12;
const CLIENT_KEY_EXCHANGE = 16;
/** `HashAlgorithm` and `SignatureAlgorithm` of RFC 5246 section 7.4.1.4.1; what werift's client offers. */
const SHA256 = 4;
const RSA_OR_ECDSA: readonly number[] = [1, 3];

/**
 * Whether the DTLS server proved that it holds its certificate's key (RFC 5246 section 7.4.3). werift's client checks
 * the certificate's fingerprint but not this signature, and the certificate itself is public: without the proof anyone
 * on the path could stand in for the relay. Call once, when the handshake is over.
 */
export const serverProvedItsKey = (socket: DtlsSocket): boolean => {
  const { cipher, dtls } = socket;
  const exchange = handshakeOf(socket, SERVER_KEY_EXCHANGE);
  const certificate = cipher.remoteCertificate;
  if (exchange === undefined || certificate === undefined || !dtls.remoteExtendedMasterSecret) return false;
  const parts = parseKeyExchange(exchange);
  if (parts === undefined || !isKeyInUse(socket, parts.publicKey)) return false;
  const signed = [cipher.localRandom.serialize(), cipher.remoteRandom.serialize(), parts.parameters];
  const verify = createVerify('sha256');
  for (const bytes of signed) verify.update(bytes);
  return verify.verify(new X509Certificate(certificate).publicKey, parts.signature);
};

const handshakeOf = (socket: DtlsSocket, type: number): Buffer | undefined =>
  socket.dtls.sortedHandshakeCache.find((message) => message.msg_type === type)?.fragment;

/**
 * Whether the session's secret came from this server key. werift takes a new server key, and makes itself a new one,
 * whenever a key exchange arrives: only if our sent key is still the newest was none taken in after the secret was made.
 */
const isKeyInUse = ({ cipher, dtls }: DtlsSocket, serverKey: Buffer): boolean => {
  const sent = dtls.sortedHandshakeCache.find(({ msg_type }) => msg_type === CLIENT_KEY_EXCHANGE)?.fragment;
  const taken = cipher.remoteKeyPair.publicKey;
  if (sent === undefined || taken === undefined) return false;
  return equalBytes(sent.subarray(1), cipher.localKeyPair.publicKey) && equalBytes(taken, serverKey);
};

/** ServerKeyExchange with a named curve (RFC 8422 section 5.4). */
const parseKeyExchange = (body: Buffer) => {
  const parametersEnd = 4 + (body[3] ?? 0);
  if (body.length < parametersEnd + 4) return undefined;
  const [hash, algorithm] = body.subarray(parametersEnd, parametersEnd + 2);
  if (hash !== SHA256 || algorithm === undefined || !RSA_OR_ECDSA.includes(algorithm)) return undefined;
  return {
    parameters: body.subarray(0, parametersEnd),
    publicKey: body.subarray(4, parametersEnd),
    signature: body.subarray(parametersEnd + 4, parametersEnd + 4 + body.readUInt16BE(parametersEnd + 2)),
  };
};
