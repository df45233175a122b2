import type { Bytes } from '../../../base/bytes.ts';
import { BelfryError } from '../../../base/errors.ts';
import { ok, type Result } from '../../../base/result.ts';
import type {
  Candidate,
  Change,
  EpochCode,
  Group,
  GroupKeyAgreement,
  HallKey,
  Judge,
  MeetingContext,
  OwnCommit,
  StagedEpoch,
} from '../port.ts';
import type { Answer, AnswerMessage, Argument, AskKind, GroupFacts, Named } from './messages.ts';

/** A person waits for the first answers; joining a group of a thousand takes seconds. More is a worker that hangs. */
const MAX_ASKED = 64;

/** The part of a `Worker` that is used. */
export interface AgreementWorker {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'error' | 'messageerror', listener: () => void): void;
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Asks the worker. Rejects what it threw, and everything once it failed. */
class Line {
  readonly #worker: AgreementWorker;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;
  #failure: BelfryError | undefined;

  constructor(worker: AgreementWorker) {
    this.#worker = worker;
    worker.addEventListener('message', ({ data }) => this.#onAnswer(data as AnswerMessage));
    for (const type of ['error', 'messageerror'] as const) worker.addEventListener(type, () => this.fail());
  }

  ask<Kind extends AskKind>(kind: Kind, argument: Argument<Kind>): Promise<Answer<Kind>> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#waiting.size >= MAX_ASKED)
      return Promise.reject(new BelfryError('mls.worker-busy', 'too much is asked of the group’s worker'));
    this.#last += 1;
    const ask = this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(ask, { resolve: (answer) => resolve(answer as Answer<Kind>), reject });
      this.#worker.postMessage({ ask, kind, argument });
    });
  }

  fail(): void {
    this.#failure ??= new BelfryError('mls.worker-failed', 'the worker of the meeting’s group failed', {
      remedy: 'join again',
    });
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }

  #onAnswer({ ask, answer, fault }: AnswerMessage): void {
    const waiting = this.#waiting.get(ask);
    this.#waiting.delete(ask);
    if (fault === undefined) waiting?.resolve(answer);
    else waiting?.reject(new BelfryError('mls.worker', fault));
  }
}

/** A group in the worker, as it stood after the last answer. */
class RemoteGroup implements Group {
  readonly context: MeetingContext;
  readonly #line: Line;
  readonly #names = new WeakMap<StagedEpoch, number>();
  #facts: GroupFacts;

  constructor(line: Line, context: MeetingContext, facts: GroupFacts) {
    this.#line = line;
    this.context = context;
    this.#facts = facts;
  }

  epoch() {
    return this.#facts.epoch;
  }

  ownLeaf() {
    return this.#facts.ownLeaf;
  }

  members() {
    return this.#facts.members;
  }

  async commit(change: Change, judge: Judge): Promise<Result<OwnCommit>> {
    return this.#judged(await this.#line.ask('commit', { group: this.#facts.group, change }), judge);
  }

  async stage(message: Bytes, judge: Judge): Promise<Result<StagedEpoch>> {
    return this.#judged(await this.#line.ask('stage', { group: this.#facts.group, message }), judge);
  }

  /** Refuses what it has no name for, as a group refuses another group's. */
  async adopt(staged: StagedEpoch): Promise<Result<undefined>> {
    const name = this.#names.get(staged) ?? 0;
    const adopted = await this.#line.ask('adopt', { group: this.#facts.group, staged: name });
    if (!adopted.ok) return adopted;
    this.#facts = adopted.value;
    return ok(undefined);
  }

  baseKey(size: number): Promise<Result<Bytes>> {
    return this.#line.ask('base-key', { group: this.#facts.group, size });
  }

  epochCode(): Promise<Result<EpochCode>> {
    return this.#line.ask('epoch-code', { group: this.#facts.group });
  }

  hallKeys(): Promise<Result<readonly HallKey[]>> {
    return this.#line.ask('hall-keys', { group: this.#facts.group });
  }

  /** A worker that failed, or ended first, has nothing left. */
  end(): void {
    this.#line.ask('end', { group: this.#facts.group }).catch(() => {});
  }

  /** Of a device that is out nobody is asked: it learns nothing of who is new. */
  #judged<Staged extends StagedEpoch>(made: Result<Named<Staged>>, judge: Judge): Result<Staged> {
    if (!made.ok) return made;
    const { staged, epoch } = made.value;
    const refusal = epoch.selfRemoved ? undefined : judge(epoch.members);
    if (refusal !== undefined) return { ok: false, refusal };
    this.#names.set(epoch, staged);
    return ok(epoch);
  }
}

class RemoteAgreement implements GroupKeyAgreement {
  readonly #line: Line;

  constructor(line: Line) {
    this.#line = line;
  }

  keyPackage(): Promise<Bytes> {
    return this.#line.ask('key-package', undefined);
  }

  candidate(keyPackage: Bytes): Promise<Result<Candidate>> {
    return this.#line.ask('candidate', keyPackage);
  }

  async create(context: MeetingContext): Promise<Result<Group>> {
    const made = await this.#line.ask('create', context);
    return made.ok ? ok(new RemoteGroup(this.#line, context, made.value)) : made;
  }

  async join(welcome: Bytes, tree: Bytes, context: MeetingContext, judge: Judge): Promise<Result<Group>> {
    const made = await this.#line.ask('join', { welcome, tree, context });
    if (!made.ok) return made;
    const group = new RemoteGroup(this.#line, context, made.value);
    const refusal = judge(made.value.members);
    if (refusal === undefined) return ok(group);
    // Its place on the desk and its secrets go with it.
    group.end();
    return { ok: false, refusal };
  }
}

/** A device's part in RFC 9420 that lives in a worker. Its judges stay here, with what they know. */
export const remoteAgreement = async (
  worker: AgreementWorker,
  owner: Argument<'start'>,
): Promise<{ readonly agreement: GroupKeyAgreement; readonly fail: () => void }> => {
  const line = new Line(worker);
  await line.ask('start', owner);
  return { agreement: new RemoteAgreement(line), fail: () => line.fail() };
};
