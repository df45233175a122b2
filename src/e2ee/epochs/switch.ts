import { MAX_EARLY_EPOCHS, MAX_RECEIVING, OLD_KEYS_LIVE_MS, READY_WITHIN_MS } from './limits.ts';

/*
 * When a member opens and seals frames under which epoch (RFC 9605 section 5.2 leaves it open). Keys to open with are there
 * before anybody seals with them, so that no frame meets a receiver without its key; and after a removal nobody waits for
 * anybody, because each further frame under the old epoch is one that the removed member can open.
 *
 * Members are known by whatever name the caller has for them.
 */

interface Receiving {
  readonly epoch: bigint;
  /** `undefined` for the newest. */
  readonly untilMs: number | undefined;
}

/** An epoch that was adopted, and that this member does not seal under yet. */
interface Coming<Member> {
  readonly epoch: bigint;
  readonly waitingFor: ReadonlySet<Member>;
  readonly switchAtMs: number;
}

export interface EpochState<Member> {
  /** `undefined` before the first epoch, and between one that had to go and the next. */
  readonly sending: bigint | undefined;
  /** The oldest first. */
  readonly receiving: readonly Receiving[];
  /** The oldest first. */
  readonly coming: readonly Coming<Member>[];
  /** Of epochs that this member has yet to adopt: others may be ready first. */
  readonly readyEarly: ReadonlyMap<bigint, ReadonlySet<Member>>;
}

export type EpochInput<Member> =
  | {
      readonly kind: 'adopted';
      readonly epoch: bigint;
      /** All but this one. */
      readonly others: ReadonlySet<Member>;
      /** Somebody is out by it. */
      readonly isRemoval: boolean;
    }
  /** Members say that they open frames of `epoch`. */
  | { readonly kind: 'ready'; readonly from: readonly Member[]; readonly epoch: bigint }
  | { readonly kind: 'tick' };

/** What is to be done, in this order. */
export type EpochEffect =
  /** Open frames of `epoch` from now on. */
  | { readonly kind: 'open-under'; readonly epoch: bigint }
  /** Tell the others. */
  | { readonly kind: 'say-ready'; readonly epoch: bigint }
  /** Seal under `epoch` from now on, and begin each video with a key frame. */
  | { readonly kind: 'seal-under'; readonly epoch: bigint }
  /** Forget its keys. */
  | { readonly kind: 'forget'; readonly epoch: bigint };

export interface EpochStep<Member> {
  readonly state: EpochState<Member>;
  readonly effects: readonly EpochEffect[];
  /** When a `tick` is due; `undefined`: not before something happens. */
  readonly wakeAtMs: number | undefined;
}

export const newEpochs = <Member>(): EpochState<Member> => ({
  sending: undefined,
  receiving: [],
  coming: [],
  readyEarly: new Map(),
});

type Moved<Member> = Omit<EpochStep<Member>, 'wakeAtMs'>;
type AdoptedInput<Member> = Extract<EpochInput<Member>, { kind: 'adopted' }>;

export const stepEpochs = <Member>(
  state: EpochState<Member>,
  input: EpochInput<Member>,
  nowMs: number,
): EpochStep<Member> => {
  const taken = take(state, input, nowMs);
  const switched = switchIfDue(taken.state, nowMs);
  const pruned = forgetOld(switched.state, nowMs);
  return {
    state: pruned.state,
    effects: [...taken.effects, ...switched.effects, ...pruned.effects],
    wakeAtMs: wakeAtOf(pruned.state),
  };
};

const take = <Member>(state: EpochState<Member>, input: EpochInput<Member>, nowMs: number): Moved<Member> => {
  if (input.kind === 'adopted') return adopt(state, input, nowMs);
  return { state: input.kind === 'ready' ? noteReady(state, input) : state, effects: [] };
};

const newestOf = <Member>({ receiving }: EpochState<Member>): bigint => receiving.at(-1)?.epoch ?? -1n;

/**
 * An epoch that is not newer than all before is none: groups only go forward. Who catches up adopts many at once, and room is made
 * before each is opened; the ones that go for it are none to seal under any more.
 */
const adopt = <Member>(
  state: EpochState<Member>,
  { epoch, others, isRemoval }: AdoptedInput<Member>,
  nowMs: number,
): Moved<Member> => {
  if (epoch <= newestOf(state)) return { state, effects: [] };
  const early = state.readyEarly.get(epoch);
  const unready = [...others].filter((member) => !early?.has(member));
  const coming = {
    epoch,
    waitingFor: new Set(isRemoval ? [] : unready),
    switchAtMs: nowMs + READY_WITHIN_MS,
  };
  const receiving = superseded(state.receiving, nowMs).slice(1 - MAX_RECEIVING);
  const surplus = state.receiving.slice(0, state.receiving.length - receiving.length);
  const isSurplus = (one: bigint) => surplus.some(({ epoch: of }) => of === one);
  return {
    state: {
      sending: state.sending === undefined || isSurplus(state.sending) ? undefined : state.sending,
      coming: [...state.coming.filter((one) => !isSurplus(one.epoch)), coming],
      receiving: [...receiving, { epoch, untilMs: undefined }],
      readyEarly: new Map([...state.readyEarly].filter(([of]) => of > epoch)),
    },
    effects: [
      ...surplus.map(({ epoch: of }) => ({ kind: 'forget', epoch: of }) as const),
      { kind: 'open-under', epoch },
      { kind: 'say-ready', epoch },
    ],
  };
};

/**
 * The older epochs begin to end when the next one is adopted. Its senders switch within `READY_WITHIN_MS` of adopting it,
 * and this member may have been the first to adopt.
 */
const superseded = (receiving: readonly Receiving[], nowMs: number): Receiving[] =>
  receiving.map(({ epoch, untilMs }) => ({ epoch, untilMs: untilMs ?? nowMs + OLD_KEYS_LIVE_MS }));

const noteReady = <Member>(
  state: EpochState<Member>,
  { from, epoch }: Extract<EpochInput<Member>, { kind: 'ready' }>,
): EpochState<Member> => {
  const { readyEarly } = state;
  if (state.coming.some((one) => one.epoch === epoch)) return withoutWaiting(state, epoch, from);
  return isAhead(state, epoch) ? { ...state, readyEarly: withEarly(readyEarly, epoch, from) } : state;
};

const withoutWaiting = <Member>(
  state: EpochState<Member>,
  epoch: bigint,
  from: readonly Member[],
): EpochState<Member> => {
  const ready = new Set(from);
  const without = (waitingFor: ReadonlySet<Member>) =>
    new Set([...waitingFor].filter((one) => !ready.has(one)));
  const coming = state.coming.map((one) =>
    one.epoch === epoch ? { ...one, waitingFor: without(one.waitingFor) } : one,
  );
  return { ...state, coming };
};

/** Members can be ahead of this one by an epoch; of a joiner that has yet to read its Welcome by any, of which a few count. */
const isAhead = <Member>(state: EpochState<Member>, epoch: bigint): boolean => {
  const newest = newestOf(state);
  if (newest >= 0n) return epoch === newest + 1n;
  return state.readyEarly.has(epoch) || state.readyEarly.size < MAX_EARLY_EPOCHS;
};

const withEarly = <Member>(
  readyEarly: EpochState<Member>['readyEarly'],
  epoch: bigint,
  from: readonly Member[],
): EpochState<Member>['readyEarly'] =>
  new Map(readyEarly).set(epoch, new Set([...(readyEarly.get(epoch) ?? []), ...from]));

/** To the newest that is due: one that was overtaken keeps its time, because the others forget the one before it in theirs. */
const switchIfDue = <Member>(state: EpochState<Member>, nowMs: number): Moved<Member> => {
  const due = state.coming.findLast(
    ({ waitingFor, switchAtMs }) => waitingFor.size === 0 || nowMs >= switchAtMs,
  );
  if (due === undefined) return { state, effects: [] };
  const { epoch } = due;
  const coming = state.coming.filter((one) => one.epoch > epoch);
  return { state: { ...state, sending: epoch, coming }, effects: [{ kind: 'seal-under', epoch }] };
};

const forgetOld = <Member>(state: EpochState<Member>, nowMs: number): Moved<Member> => {
  const isOver = ({ untilMs }: Receiving): boolean => untilMs !== undefined && nowMs >= untilMs;
  const over = state.receiving.filter(isOver);
  const receiving = state.receiving.filter((one) => !over.includes(one));
  return {
    state: { ...state, receiving },
    effects: over.map(({ epoch }) => ({ kind: 'forget', epoch })),
  };
};

const wakeAtOf = <Member>({ coming, receiving }: EpochState<Member>): number | undefined => {
  const ends = receiving.flatMap(({ untilMs }) => untilMs ?? []);
  const all = [...ends, ...coming.map(({ switchAtMs }) => switchAtMs)];
  return all.length === 0 ? undefined : Math.min(...all);
};
