import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { BelfryError } from '../../../src/base/errors.ts';
import { handOver, openSocket } from '../leg.ts';
import { RELAY_CORE, spawnPinned, stop } from '../processes.ts';
import type { Cast, Stage, Viewer } from '../stage.ts';

const MASTER_BYTES = 28;
const PAYLOAD_TYPE = 96;
const SSRC = 0x1000;

const newKey = (): string => randomBytes(MASTER_BYTES).toString('hex');

/** The loop in C with as many viewers as are asked for; their keys are given, not agreed on. */
export const openFloor = async (program: string, { viewers: count }: Cast): Promise<Stage> => {
  const child = spawnPinned(RELAY_CORE, program, [], { stdio: ['pipe', 'pipe', 'ignore'] });
  const { port, orders } = await servingAt(child.stdout as Readable, child.stdin as Writable);
  const source = await openSocket(port);
  const sinks = await Promise.all(Array.from({ length: count }, () => openSocket(port)));
  const key = newKey();
  const viewers = sinks.map((socket): Viewer & { readonly port: number } => ({
    port: socket.address().port,
    fd: handOver(socket),
    twcc: 0,
    sendKey: '-',
    readKey: newKey(),
  }));
  orders.write(`from ${key}\n${viewers.map((one) => `to ${one.port} ${one.readKey}\n`).join('')}go\n`);
  return {
    publishers: [{ fd: handOver(source), ssrc: SSRC, payloadType: PAYLOAD_TYPE, twcc: 0, key, number: 1 }],
    viewers,
    worker: child.pid ?? Number.NaN,
    others: [],
    joinsMs: [],
    residentBytes: undefined,
    async close() {
      for (const socket of [source, ...sinks]) socket.close();
      await stop(child);
    },
  };
};

const servingAt = async (output: Readable, orders: Writable) => {
  for await (const line of createInterface({ input: output })) {
    const port = /^port (\d+)$/.exec(line)?.[1];
    if (port !== undefined) return { port: Number(port), orders };
  }
  throw new BelfryError('bench.no-server', 'the floor ended before it served');
};
