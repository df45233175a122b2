import type { Direction, Source } from '../base/media.ts';
import type { MediaPortEvent } from './ports.ts';
import type { StoreEvent } from './store/reduce.ts';

/** What a meeting does about what its media stack says. */
export interface PortEventActions {
  dispatch(event: StoreEvent): void;
  transportConnected(direction: Direction): void;
  transportFailed(direction: Direction): void;
  sealingFailed(source: Source, code: string): void;
  mediaFailed(code: string): void;
}

type EventOf<Kind extends MediaPortEvent['kind']> = Extract<MediaPortEvent, { kind: Kind }>;
type Handlers = {
  readonly [Kind in MediaPortEvent['kind']]: (actions: PortEventActions, event: EventOf<Kind>) => void;
};

const HANDLERS: Handlers = {
  'transport-state': (actions, { direction, state }) => {
    if (state === 'connected') actions.transportConnected(direction);
    if (state === 'failed') actions.transportFailed(direction);
  },
  'frame-refused': (actions, { code }) => actions.dispatch({ kind: 'frame-refused', code }),
  'sealing-failed': (actions, { source, code }) => actions.sealingFailed(source, code),
  failed: (actions, { code }) => actions.mediaFailed(code),
};

export const handlePortEvent = (actions: PortEventActions, event: MediaPortEvent): void => {
  // Sound: the table holds for each kind the handler of that kind; the type checker cannot follow the index.
  const handler = HANDLERS[event.kind] as (actions: PortEventActions, event: MediaPortEvent) => void;
  handler(actions, event);
};
