import type { EngineVerb, EngineVerbKind } from '../../port.ts';
import type { Attempt, Outcome } from '../verb-queue.ts';
import {
  closeConsumer,
  consume,
  pauseConsumer,
  preferLayers,
  requestKeyFrame,
  resumeConsumer,
} from './consumers.ts';
import type { Context, Handler } from './context.ts';
import { closeProducer, pauseProducer, produce, resumeProducer } from './producers.ts';
import { closeRouter, openRouter } from './routers.ts';
import { closeTransport, connectTransport, createTransport, restartIce } from './transports.ts';
import { watch } from './witness.ts';

const HANDLERS: { readonly [K in EngineVerbKind]: Handler<K> } = {
  'open-router': openRouter,
  'close-router': closeRouter,
  'create-transport': createTransport,
  'connect-transport': connectTransport,
  'restart-ice': restartIce,
  'close-transport': closeTransport,
  produce,
  'pause-producer': pauseProducer,
  'resume-producer': resumeProducer,
  'close-producer': closeProducer,
  consume,
  'resume-consumer': resumeConsumer,
  'pause-consumer': pauseConsumer,
  'close-consumer': closeConsumer,
  'prefer-layers': preferLayers,
  'request-key-frame': requestKeyFrame,
  watch,
};

export function runVerb(context: Context, verb: EngineVerb, attempt: Attempt): Promise<Outcome> {
  const handler = HANDLERS[verb.kind] as Handler<EngineVerbKind>;
  return handler(context, verb, attempt);
}
