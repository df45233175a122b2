import { createVerify, X509Certificate } from 'node:crypto';
import type { DtlsSocket } from 'werift';
import { equalBytes } from '../../../base/bytes.ts';

const SERVER_KEY_EXCHANGE = 12;
/** `HashAlgorithm` and `SignatureAlgorithm` of RFC 5246 section 7.4.1.4.1; what werift's client offers. */
const SHA256 = 4;
const RSA_OR_ECDSA: readonly number[] = [1, 3];

/**
 * Whether the DTLS server proved that it holds its certificate's key (RFC 5246 section 7.4.3). werift's client checks
 * the certificate's fingerprint but not this signature, and the certificate itself is public: without the proof anyone
 * on the path could stand in for the relay. `watch` before the first packet, `holds` once the handshake is over.
 */
export class ServerProof {
  readonly #socket: DtlsSocket;
  #keyInUse: Buffer | undefined;

  private constructor(socket: DtlsSocket) {
    this.#socket = socket;
  }

  /**
   * werift takes whatever server key came last, repeated flights included, so the one that counts is the one it holds
   * at the moment at which it makes the session's secret.
   */
  static watch(socket: DtlsSocket): ServerProof {
    const proof = new ServerProof(socket);
    let secret = socket.cipher.masterSecret;
    Object.defineProperty(socket.cipher, 'masterSecret', {
      get: () => secret,
      set(made: Buffer) {
        secret = made;
        proof.#keyInUse = socket.cipher.remoteKeyPair.publicKey;
      },
    });
    return proof;
  }

  holds(): boolean {
    const { cipher, dtls } = this.#socket;
    const exchange = dtls.sortedHandshakeCache.find(({ msg_type }) => msg_type === SERVER_KEY_EXCHANGE);
    const certificate = cipher.remoteCertificate;
    if (exchange === undefined || certificate === undefined || !dtls.remoteExtendedMasterSecret) return false;
    const parts = parseKeyExchange(exchange.fragment);
    if (parts === undefined || this.#keyInUse === undefined) return false;
    if (!equalBytes(parts.publicKey, this.#keyInUse)) return false;
    const signed = [cipher.localRandom.serialize(), cipher.remoteRandom.serialize(), parts.parameters];
    const verify = createVerify('sha256').update(Buffer.concat(signed));
    return verify.verify(new X509Certificate(certificate).publicKey, parts.signature);
  }
}

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
