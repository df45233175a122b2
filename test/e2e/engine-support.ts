import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { asId, type RoomId, type TransportId } from '../../src/base/ids.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { Direction } from '../../src/base/media.ts';
import { systemClock } from '../../src/base/platform.ts';
import { createMediasoupEngine } from '../../src/sfu/engine/mediasoup/engine.ts';
import type { MediasoupEngineOptions } from '../../src/sfu/engine/mediasoup/options.ts';
import type { Engine, EngineEvent } from '../../src/sfu/engine/port.ts';
import { replyOf } from '../contract/engine.ts';
import { workerBin } from '../native/worker-bin.ts';

/** The real engine on loopback, on ports that are free. */
export function startEngine(options: Partial<MediasoupEngineOptions> = {}): Promise<Engine> {
  return createMediasoupEngine({
    workerBin,
    workers: 1,
    listen: [{ address: '127.0.0.1' }],
    clock: systemClock,
    logger: silentLogger,
    ...options,
  });
}

/** Sees every process that this one starts as the media worker, `--version` calls aside. */
export class SpawnWatch {
  readonly #seen: ChildProcess[] = [];
  readonly #note = (message: unknown) => {
    this.#seen.push((message as { process: ChildProcess }).process);
  };

  constructor() {
    subscribe('child_process', this.#note);
  }

  get workers(): ChildProcess[] {
    return this.#seen.filter(({ spawnargs }) => !spawnargs.includes('--version'));
  }

  /** The one that was started last. */
  get last(): ChildProcess {
    const worker = this.workers.at(-1);
    assert.ok(worker);
    return worker;
  }

  end(): void {
    unsubscribe('child_process', this.#note);
  }
}

type EventOf<K extends EngineEvent['kind']> = Extract<EngineEvent, { readonly kind: K }>;

/** The next event of this kind. */
export function nextEvent<K extends EngineEvent['kind']>(engine: Engine, kind: K): Promise<EventOf<K>> {
  return new Promise((resolve) => {
    const off = engine.onEvent((event) => {
      if (event.kind !== kind) return;
      off();
      resolve(event as EventOf<K>);
    });
  });
}

export async function openRouter(engine: Engine, name: string) {
  const room = asId<RoomId>(name);
  return { room, ...replyOf('router', await engine.run({ kind: 'open-router', room })) };
}

export async function createTransport(
  engine: Engine,
  room: RoomId,
  name: string,
  direction: Direction = 'send',
) {
  const transport = asId<TransportId>(name);
  const verb = { kind: 'create-transport', room, transport, direction } as const;
  return { transport, offer: replyOf('transport', await engine.run(verb)) };
}
