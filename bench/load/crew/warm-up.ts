import {
  ProtectionProfileAeadAes128Gcm,
  type RTCCertificate,
  RTCDtlsParameters,
  RTCDtlsTransport,
  type RTCIceTransport,
  RtpHeader,
} from 'werift';
import { createCertificate } from '../../../src/client/werift/hop/certificate.ts';
import { createDtlsIce } from '../../../src/client/werift/hop/dtls-ice.ts';
import { createFrameKeys } from '../../../src/e2ee/keys/store.ts';
import { nodeDriver } from '../../../src/e2ee/sframe/node.ts';

/*
 * The first handshake of a process takes many times what the later ones do, until its code is compiled: that is the
 * generator's own slowness, and would be the first participant's. So each process meets itself before anybody is planned to come.
 */

const HANDSHAKES = 3;
const PACKETS = 300;
const FRAME = new Uint8Array(600).fill(1);
const BASE_KEY = new Uint8Array(32).fill(7);

const transport = (ice: RTCIceTransport, certificate: RTCCertificate, role: 'client' | 'server') => {
  const dtls = new RTCDtlsTransport({}, ice, certificate, [ProtectionProfileAeadAes128Gcm]);
  dtls.role = role;
  return dtls;
};

/** Two ends in memory, connected. */
const handshake = async (): Promise<readonly [RTCDtlsTransport, RTCDtlsTransport]> => {
  const iceA: RTCIceTransport = createDtlsIce((datagram) => iceB.connection.onData.execute(datagram));
  const iceB: RTCIceTransport = createDtlsIce((datagram) => iceA.connection.onData.execute(datagram));
  const [a, b] = [
    transport(iceA, await createCertificate(), 'client'),
    transport(iceB, await createCertificate(), 'server'),
  ];
  a.setRemoteParams(new RTCDtlsParameters(b.localParameters.fingerprints, 'server'));
  b.setRemoteParams(new RTCDtlsParameters(a.localParameters.fingerprints, 'client'));
  await Promise.all([b.start(), a.start()]);
  return [a, b];
};

const sealAndOpen = (): void => {
  const [sender, receiver] = [
    createFrameKeys({ driver: nodeDriver }),
    createFrameKeys({ driver: nodeDriver }),
  ];
  sender.useOwnKey(1, BASE_KEY);
  receiver.addSender(1, BASE_KEY);
  const context = sender.newSealingContext('camera', 'vp8');
  for (let i = 0; context.ok && i < PACKETS; i++) {
    const sealed = context.value.seal(FRAME, false);
    if (sealed.ok) receiver.open(sealed.value.wire, { number: 1, source: 'camera', codec: 'vp8' });
  }
};

/** Node loads its WebSocket when it is first named: a twentieth of a second and more. */
const loadWebSocket = (): boolean => typeof globalThis.WebSocket === 'function';

export const warmUp = async (): Promise<void> => {
  loadWebSocket();
  sealAndOpen();
  for (let i = 0; i < HANDSHAKES; i++) {
    const [a, b] = await handshake();
    for (let sequence = 0; sequence < PACKETS; sequence++)
      b.srtp.decrypt(
        a.srtp.encrypt(Buffer.from(FRAME), new RtpHeader({ ssrc: 1, sequenceNumber: sequence })),
      );
    await Promise.all([a.stop(), b.stop()]);
  }
};
