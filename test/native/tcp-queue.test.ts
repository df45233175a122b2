import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import * as mediasoup from 'mediasoup';
import { classes, Message, methods } from 'werift';
import { workerBin } from './worker-bin.ts';

const TIMEOUT = { timeout: 60_000 };
const REQUESTS = 400_000;
const BATCH = 1_000;
/** What both kernels' buffers may hold between the worker and a reader that stands still, and more (`tcp_wmem`, `tcp_rmem`). */
const KERNEL_BYTES = 12 * 1024 * 1024;

describe('a TCP receiver that stands still', TIMEOUT, () => {
  let worker: mediasoup.types.Worker;
  let transport: mediasoup.types.WebRtcTransport;

  before(async () => {
    worker = await mediasoup.createWorker({ workerBin });
    const router = await worker.createRouter({ mediaCodecs: [] });
    transport = await router.createWebRtcTransport({ listenInfos: [{ protocol: 'tcp', ip: '127.0.0.1' }] });
  });
  after(async () => {
    worker.close();
    if (!worker.subprocessClosed) await once(worker, 'subprocessclose');
  });

  /** The worker answers each with about as many bytes. */
  const check = (): Message => {
    const { usernameFragment, password } = transport.iceParameters;
    const request = new Message(methods.BINDING, classes.REQUEST);
    request.setAttribute('USERNAME', `${usernameFragment}:test`).setAttribute('PRIORITY', 1);
    request.setAttribute('ICE-CONTROLLING', 1n);
    return request.addMessageIntegrity(Buffer.from(password)).addFingerprint();
  };
  const frame = ({ bytes }: Message): Buffer => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };

  /** Bytes that come before the answer to `last`, which is asked again until there is room for one. */
  const readUntilAnswered = async (socket: Socket, last: Buffer): Promise<number> => {
    const id = last.subarray(10, 22);
    let received = 0;
    let tail: Buffer = Buffer.alloc(0);
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      received += chunk.length;
      tail = Buffer.concat([tail.subarray(-id.length), chunk]);
      if (tail.includes(id)) break;
      socket.write(last);
    }
    return received;
  };

  it('loses packets and does not cost the worker its memory', async () => {
    const socket = connect({ host: '127.0.0.1', port: transport.iceCandidates[0]?.port ?? 0 });
    await once(socket, 'connect');
    const batch = Buffer.concat(new Array(BATCH).fill(frame(check())));
    for (let sent = 0; sent < REQUESTS; sent += BATCH) {
      if (!socket.write(batch)) await once(socket, 'drain');
    }
    // It has read them all once it answers on its channel and nothing waits here.
    while (socket.writableLength > 0) await worker.getResourceUsage();
    await worker.getResourceUsage();
    const received = await readUntilAnswered(socket, frame(check()));
    socket.destroy();
    const asked = (batch.length / BATCH) * REQUESTS;
    assert(asked > 2 * KERNEL_BYTES, 'too little was asked to tell');
    assert(received < KERNEL_BYTES, `it had queued ${received} bytes`);
  });
});
