import { type ClientState, mlsExporter, zeroOutUint8Array } from 'ts-mls';
import type { Bytes } from '../../base/bytes.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import { makeCommit } from './commit.ts';
import { epochCodeOf } from './epoch-code.ts';
import { turned } from './hall.ts';
import type { Joined } from './join.ts';
import type { Tools } from './library.ts';
import { membersOf } from './members.ts';
import type { Change, Group, HallKey, Judge, MeetingContext, OwnCommit, StagedEpoch } from './port.ts';
import { receiveCommit } from './receive.ts';
import { describe, type Transition, unacceptable } from './staging.ts';

/** RFC 9605 section 5.2. */
const BASE_KEY_LABEL = 'SFrame 1.0 Base Key';

class MlsGroup implements Group {
  readonly context: MeetingContext;
  readonly #tools: Tools;
  readonly #staged = new WeakMap<StagedEpoch, Transition>();
  #state: ClientState;
  #hall: readonly HallKey[];

  constructor({ state, hall }: Joined, context: MeetingContext, tools: Tools) {
    this.#state = state;
    this.#hall = hall;
    this.context = context;
    this.#tools = tools;
  }

  epoch() {
    return this.#state.groupContext.epoch;
  }

  ownLeaf() {
    return this.#state.privatePath.leafIndex;
  }

  members() {
    return membersOf(this.#state);
  }

  async commit(change: Change, judge: Judge): Promise<Result<OwnCommit>> {
    const active = this.#active();
    if (!active.ok) return active;
    const made = await makeCommit(active.value, change, this.#tools, this.#hall);
    if (!made.ok) return made;
    return this.#stage(made.value.transition, judge, (epoch) => ({ ...epoch, ...made.value.wire }));
  }

  async stage(message: Bytes, judge: Judge): Promise<Result<StagedEpoch>> {
    const active = this.#active();
    if (!active.ok) return active;
    const received = await receiveCommit(active.value, message, this.#tools);
    return received.ok ? this.#stage(received.value, judge, (epoch) => epoch) : received;
  }

  #stage<Staged extends StagedEpoch>(
    transition: Transition,
    judge: Judge,
    complete: (epoch: StagedEpoch) => Staged,
  ): Result<Staged> {
    const epoch = complete(describe(transition));
    const refusal = epoch.selfRemoved
      ? undefined
      : unacceptable(transition.before, transition.after, this.context, this.#tools, judge);
    if (refusal !== undefined) return { ok: false, refusal };
    this.#staged.set(epoch, transition);
    return ok(epoch);
  }

  async adopt(staged: StagedEpoch): Promise<Result<undefined>> {
    const transition = this.#staged.get(staged);
    const hall = transition && (await this.#hallAfter(transition));
    if (hall === undefined || transition?.before !== this.#state) {
      return refuse('mls.stale', 'staged in another epoch or by another group', 'stage the commit again');
    }
    this.#staged.delete(staged);
    this.#state = transition.after;
    this.#hall = hall;
    for (const secret of transition.consumed) zeroOutUint8Array(secret);
    // The library leaves this one: base keys of the epoch could be drawn from it again.
    zeroOutUint8Array(transition.before.keySchedule.exporterSecret);
    if (staged.selfRemoved) this.#wipe();
    return ok(undefined);
  }

  async baseKey(size: number): Promise<Result<Bytes>> {
    const active = this.#active();
    if (!active.ok) return active;
    const { exporterSecret } = active.value.keySchedule;
    return ok(await mlsExporter(exporterSecret, BASE_KEY_LABEL, new Uint8Array(), size, this.#tools.crypto));
  }

  async epochCode() {
    const active = this.#active();
    if (!active.ok) return active;
    return ok(await epochCodeOf(active.value.keySchedule.epochAuthenticator, this.#tools.crypto));
  }

  /** Copies: the group wipes its own. */
  async hallKeys(): Promise<Result<readonly HallKey[]>> {
    const active = this.#active();
    return active.ok ? ok(this.#hall.map(({ epoch, key }) => ({ epoch, key: key.slice() }))) : active;
  }

  end(): void {
    this.#wipe();
    this.#state = { ...this.#state, groupActiveState: { kind: 'removedFromGroup' } };
  }

  /** Who is out is given none. */
  async #hallAfter({ after, isRemoval }: Transition): Promise<readonly HallKey[]> {
    const isIn = after.groupActiveState.kind === 'active';
    return isRemoval && isIn ? turned(this.#hall, after, this.#tools) : this.#hall;
  }

  #wipe(): void {
    wipe(this.#state);
    for (const { key } of this.#hall) key.fill(0);
  }

  #active(): Result<ClientState> {
    if (this.#state.groupActiveState.kind === 'active') return ok(this.#state);
    return refuse('mls.ended', 'this device was removed from the group', 'join again');
  }
}

/** After a removal, and at the end: nothing that is left opens the epoch that ended. */
const wipe = ({ keySchedule, privatePath }: ClientState): void => {
  for (const secret of Object.values(keySchedule)) zeroOutUint8Array(secret);
  for (const key of Object.values(privatePath.privateKeys)) zeroOutUint8Array(key);
};

export const groupFrom = (joined: Joined, context: MeetingContext, tools: Tools): Group =>
  new MlsGroup(joined, context, tools);
