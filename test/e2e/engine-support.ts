import { systemClock } from '../../src/app/platform.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { createMediasoupEngine } from '../../src/sfu/engine/mediasoup/engine.ts';
import type { MediasoupEngineOptions } from '../../src/sfu/engine/mediasoup/options.ts';
import type { Engine, EngineEvent } from '../../src/sfu/engine/port.ts';
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
