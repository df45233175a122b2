import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import process from 'node:process';
import { createWorker, type types } from 'mediasoup';
import { withDeadline } from '../../../base/deadline.ts';
import { BelfryError, messageOf } from '../../../base/errors.ts';
import { listenInfosOf } from './listen.ts';
import { DEFAULT_DSCP, type MediasoupEngineOptions } from './options.ts';
import type { WorkerProcess } from './process.ts';
import type { UdpSocket } from './socket-drops.ts';

const DSCP_VARIABLE = 'BELFRY_MEDIA_DSCP';

/** A running worker that listens. */
export interface MediaWorker extends WorkerProcess {
  readonly worker: types.Worker;
  readonly server: types.WebRtcServer;
  readonly udpSockets: readonly UdpSocket[];
}

type SpawnOptions = Pick<MediasoupEngineOptions, 'workerBin' | 'listen' | 'clock' | 'dscp'> & {
  readonly startMs: number;
};

/**
 * Starts one worker and has it listen. Rejects with `worker.start` where it ends, says nothing in time, or cannot
 * bind its ports; no process is left behind then.
 * @param index its place in the pool
 */
export async function spawnWorker(options: SpawnOptions, index: number): Promise<MediaWorker> {
  const { child, ready } = launch(options.workerBin, options.dscp ?? DEFAULT_DSCP);
  try {
    return await withDeadline(options.clock, options.startMs, 'it', listenOn(ready, child, options, index));
  } catch (cause) {
    abandon(child);
    const message = `media worker w${index + 1} did not start: ${messageOf(cause)}`;
    throw new BelfryError('worker.start', message, { cause });
  }
}

/** What a worker started itself may hold its pipes open, and with them this process. */
function abandon(child: ChildProcess | undefined): void {
  child?.kill('SIGKILL');
  for (const stream of child?.stdio ?? []) stream?.destroy();
}

async function listenOn(
  ready: Promise<types.Worker>,
  child: ChildProcess | undefined,
  options: SpawnOptions,
  index: number,
): Promise<MediaWorker> {
  const worker = await ready;
  try {
    if (child === undefined) throw new BelfryError('bug.spawn', 'its process was not seen');
    const server = await worker.createWebRtcServer({ listenInfos: listenInfosOf(options.listen, index) });
    return toMediaWorker(worker, server, child, await udpSocketsOf(server));
  } catch (error) {
    worker.close();
    throw error;
  }
}

interface Launch {
  readonly child: ChildProcess | undefined;
  readonly ready: Promise<types.Worker>;
}

/**
 * `createWorker` shows a worker only once that has said that it runs: a hung one could not be ended. So the process
 * is taken from Node's own notice of it, which comes while `createWorker` starts it.
 */
function launch(workerBin: string, dscp: number): Launch {
  const seen: ChildProcess[] = [];
  const note = (message: unknown) => seen.push((message as { process: ChildProcess }).process);
  subscribe('child_process', note);
  try {
    const ready = withDscp(dscp, () => withoutSignalHandlers(() => createWorker({ workerBin })));
    return { child: seen[0], ready };
  } finally {
    unsubscribe('child_process', note);
  }
}

/**
 * Has the worker that `run` starts mark its packets (native/patches/0004-dscp.patch). mediasoup hands its own environment
 * on and takes no other way in, so the variable stands there only while the process is started.
 */
function withDscp<T>(dscp: number, run: () => T): T {
  process.env[DSCP_VARIABLE] = `${dscp}`;
  try {
    return run();
  } finally {
    delete process.env[DSCP_VARIABLE];
  }
}

/**
 * mediasoup closes each worker at SIGINT and SIGTERM, silently and before anything could be drained. Ending is for
 * the engine's owner, so those listeners are taken away again.
 */
function withoutSignalHandlers<T>(run: () => T): T {
  const before = (['SIGINT', 'SIGTERM'] as const).map((name) => ({ name, known: process.listeners(name) }));
  const result = run();
  for (const { name, known } of before)
    for (const listener of process.listeners(name))
      if (!known.includes(listener)) process.removeListener(name, listener);
  return result;
}

function toMediaWorker(
  worker: types.Worker,
  server: types.WebRtcServer,
  child: ChildProcess,
  udpSockets: readonly UdpSocket[],
): MediaWorker {
  return {
    worker,
    server,
    udpSockets,
    gone: goneOf(child),
    status: () => child.signalCode ?? child.exitCode?.toString(),
    beat: async () => {
      const { ru_utime, ru_stime } = await worker.getResourceUsage();
      return ru_utime + ru_stime;
    },
    onDeath: (listener) => worker.once('died', listener),
    end: () => worker.close(),
    kill: () => {
      worker.close();
      child.kill('SIGKILL');
    },
  };
}

async function goneOf(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

async function udpSocketsOf(server: types.WebRtcServer): Promise<UdpSocket[]> {
  const { udpSockets } = await server.dump();
  return udpSockets.map(({ ip, port }) => ({ family: isIPv6(ip) ? 6 : 4, port }));
}
