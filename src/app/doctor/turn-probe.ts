import { createSocket } from 'node:dgram';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, getCACertificates } from 'node:tls';
import { equalBytes } from '../../base/bytes.ts';
import type { RandomBytes } from '../../base/clock.ts';
import type { TurnServer } from '../../base/turn-url.ts';

export interface ProbeOptions {
  readonly randomBytes: RandomBytes;
  /** PEM of the deployment's root, where it has one: trusted beside those of the machine. */
  readonly root?: string | undefined;
  readonly withinMs: number;
}

type Probe = (server: TurnServer, question: Uint8Array, options: ProbeOptions) => Promise<Uint8Array>;

/** RFC 8489 sections 5 and 14: a Binding request without attributes, which every STUN and TURN server answers. */
const BINDING_REQUEST = [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
const TRANSACTION_ID_BYTES = 12;
/** Answers, and refusals: either is a server's. */
const ANSWER_TYPES: readonly number[] = [0x0101, 0x0111];

/** Settles where a TURN server answers there; rejects with what is wrong. It asks for nothing that costs the server anything. */
export const probeTurn = async (server: TurnServer, options: ProbeOptions): Promise<void> => {
  const id = options.randomBytes(TRANSACTION_ID_BYTES);
  const answer = await PROBES[server.transport](server, Uint8Array.of(...BINDING_REQUEST, ...id), options);
  const type = ((answer[0] ?? 0) << 8) | (answer[1] ?? 0);
  const header = BINDING_REQUEST.length;
  if (!ANSWER_TYPES.includes(type) || !equalBytes(answer.subarray(header, header + id.length), id))
    throw new Error('what answers is no TURN server');
};

const late = ({ withinMs }: ProbeOptions): Error => new Error(`no answer within ${withinMs / 1_000} s`);

const overUdp: Probe = ({ address, port }, question, options) =>
  new Promise<Uint8Array>((resolve, reject) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    const timer = setTimeout(() => end(() => reject(late(options))), options.withinMs);
    const end = (settle: () => void) => {
      clearTimeout(timer);
      socket.removeAllListeners('error').on('error', () => {});
      socket.close(settle);
    };
    socket.once('message', (answer) => end(() => resolve(answer)));
    socket.once('error', (error) => end(() => reject(error)));
    socket.connect(port, address, () => socket.send(question));
  });

/** The first bytes to come are the answer's: it is far shorter than what one packet carries. */
const overStream = (socket: Socket, openEvent: string, question: Uint8Array, options: ProbeOptions) =>
  new Promise<Uint8Array>((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(late(options)), options.withinMs);
    socket.once(openEvent, () => socket.write(question));
    socket.once('data', (answer) => {
      resolve(answer);
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => {
      clearTimeout(timer);
      reject(new Error('it ended the connection'));
    });
  });

const PROBES: { readonly [T in TurnServer['transport']]: Probe } = {
  udp: overUdp,
  tcp: ({ address, port }, question, options) =>
    overStream(connectTcp({ host: address, port }), 'connect', question, options),
  tls: ({ address, port }, question, options) => {
    const { root } = options;
    const ca = [...getCACertificates('default'), ...(root === undefined ? [] : [root])];
    const socket = connectTls({ host: address, port, ca });
    return overStream(socket, 'secureConnect', question, options);
  },
};
