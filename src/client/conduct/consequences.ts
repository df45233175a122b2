import type { Source } from '../../base/media.ts';
import type { Effect } from '../../trust/acts/input.ts';
import type { PersonId } from '../../trust/devices/ids.ts';

/** What this client does about what became of the meeting. The relay does the same; nobody has to wait for it, or trust it to. */
export interface ConductActions {
  /** This client's own microphone pauses; the person may go on by itself. */
  muteOwn(): void;
  stopOwn(sources: readonly Source[]): void;
  /** This client itself is out: nothing of it is sent, nothing shown, until the relay says what comes next. */
  dropMedia(): void;
  /** Neither shown nor heard from now on. */
  partFrom(person: PersonId): void;
  /** Everybody is judged anew, by the marking in force. */
  judgeAll(): void;
}

type EffectOf<Kind extends Effect['kind']> = Extract<Effect, { kind: Kind }>;
type Handlers = {
  readonly [Kind in Effect['kind']]: (
    actions: ConductActions,
    effect: EffectOf<Kind>,
    self: PersonId,
  ) => void;
};

const nothing = (): void => undefined;

const HANDLERS: Handlers = {
  out: (actions, { person }, self) => (person === self ? actions.dropMedia() : actions.partFrom(person)),
  mute: (actions, { person }, self) => person === self && actions.muteOwn(),
  stop: (actions, { person, sources }, self) => person === self && actions.stopOwn(sources),
  rejudge: (actions) => actions.judgeAll(),
  // Who comes in is shown when it has proven who it is; who waits is the relay's to tell; an end comes as an event of its own.
  'let-in': nothing,
  wait: nothing,
  'turn-away': nothing,
  end: nothing,
};

export const followEffect = (actions: ConductActions, effect: Effect, self: PersonId): void =>
  // Sound: the table holds for each kind the handler of that kind; the type checker cannot follow the index.
  (HANDLERS[effect.kind] as (actions: ConductActions, effect: Effect, self: PersonId) => void)(
    actions,
    effect,
    self,
  );
