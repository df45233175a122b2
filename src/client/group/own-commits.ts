import type { Clock } from '../../base/clock.ts';
import type { ParticipantId } from '../../base/ids.ts';
import type { Refusal } from '../../base/result.ts';
import type { Group, OwnCommit } from '../../e2ee/mls/port.ts';
import { type CommitterTools, type LeftOut, prepare, upload } from './committing.ts';
import { MAX_PENDING, WORKING_EVERY_MS } from './limits.ts';
import type { GroupHeard, GroupService } from './service.ts';

type Asked = Extract<GroupHeard, { kind: 'ask-commit' }>;

/** A key package that is too large is read by nobody: whoever stayed silent over it would be taken for one who hangs. */
const NOT_GIVEN_OUT: ReadonlySet<string> = new Set(['group.blob-missing', 'group.blob-altered']);

export interface OwnCommitsOptions {
  readonly service: GroupService;
  readonly clock: Clock;
  readonly tools: CommitterTools;
  readonly onRefusal: (refusal: Refusal, about?: readonly ParticipantId[]) => void;
}

/** What this device commits when the service asks, and what of it the service has yet to answer. */
export class OwnCommits {
  readonly #options: OwnCommitsOptions;
  /** By hash, the oldest first. */
  readonly #pending = new Map<string, OwnCommit>();

  constructor(options: OwnCommitsOptions) {
    this.#options = options;
  }

  /** Says meanwhile that it is at work. */
  async make(group: Group, asked: Asked): Promise<void> {
    const { service, clock } = this.#options;
    const { generation, epoch } = asked;
    const stop = clock.every(WORKING_EVERY_MS, () => service.say({ kind: 'working', generation, epoch }));
    try {
      await this.#make(group, asked);
    } finally {
      stop();
    }
  }

  find(hash: string): OwnCommit | undefined {
    return this.#pending.get(hash);
  }

  forget(hash: string): void {
    this.#pending.delete(hash);
  }

  clear(): void {
    this.#pending.clear();
  }

  async #make(group: Group, asked: Asked): Promise<void> {
    const { service, tools, onRefusal } = this.#options;
    const { generation, epoch, remove } = asked;
    const prepared = await prepare(group, asked, tools);
    if (!prepared.ok) return onRefusal(prepared.refusal);
    const { commit, joiners, leftOut } = prepared.value;
    for (const left of leftOut) this.#decline(left, asked);
    if (commit === undefined) return;
    const uploaded = await upload(commit, joiners, tools.blobs);
    if (!uploaded.ok) return onRefusal(uploaded.refusal);
    this.#remember(uploaded.value.commit.hash, commit);
    service.say({ kind: 'commit', generation, epoch, removed: remove, ...uploaded.value });
  }

  /** Who enters again has another key package; one that the relay does not give out is not the joiner's fault. */
  #decline({ participant, refusal }: LeftOut, { generation, epoch }: Asked): void {
    this.#options.onRefusal(refusal, [participant]);
    if (NOT_GIVEN_OUT.has(refusal.code)) return;
    this.#options.service.say({ kind: 'decline', generation, epoch, participant });
  }

  #remember(hash: string, commit: OwnCommit): void {
    this.#pending.set(hash, commit);
    for (const old of [...this.#pending.keys()].slice(0, -MAX_PENDING)) this.#pending.delete(old);
  }
}
