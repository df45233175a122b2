import type { Clock } from '../../../base/clock.ts';
import { BelfryError, messageOf } from '../../../base/errors.ts';
import { ok, type Result, refuse } from '../../../base/result.ts';
import { mlsAgreement } from '../agreement.ts';
import type { MlsCrypto } from '../crypto/provider.ts';
import { deviceSigner, verifyDevice } from '../device-signatures.ts';
import type { Group, GroupKeyAgreement, Judge, StagedEpoch } from '../port.ts';
import type { Answer, AnswerMessage, Argument, AskKind, AskMessage, GroupFacts, Named } from './messages.ts';
import { Shelf } from './shelf.ts';

/** One that is used, one that was created and not yet answered; the rest is room. */
const MAX_GROUPS = 4;
/** A member stages one at a time, and keeps two own commits that wait for the service. */
const MAX_STAGED = 8;

/** People are judged on the page, by what it has verified of them, before anything staged is adopted. */
const judgedElsewhere: Judge = () => undefined;

export interface AgreementDeskOptions {
  readonly crypto: MlsCrypto;
  readonly clock: Pick<Clock, 'unixMs'>;
}

type Handlers = {
  readonly [Kind in AskKind]: (argument: Argument<Kind>) => Promise<Answer<Kind>>;
};

/** The worker without its scope: one device's groups for one join, of which nothing but answers leaves. */
export class AgreementDesk {
  readonly #options: AgreementDeskOptions;
  readonly #groups = new Shelf<Group>(MAX_GROUPS);
  readonly #staged = new Shelf<StagedEpoch>(MAX_STAGED);
  #agreement: GroupKeyAgreement | undefined;
  readonly #handlers: Handlers = {
    start: (owner) => this.#start(owner),
    'key-package': () => this.#started().keyPackage(),
    candidate: (keyPackage) => this.#started().candidate(keyPackage),
    create: async (context) => this.#kept(await this.#started().create(context)),
    join: async ({ welcome, tree, context }) =>
      this.#kept(await this.#started().join(welcome, tree, context, judgedElsewhere)),
    commit: ({ group, change }) =>
      this.#with(group, async (found) => this.#named(await found.commit(change, judgedElsewhere))),
    stage: ({ group, message }) =>
      this.#with(group, async (found) => this.#named(await found.stage(message, judgedElsewhere))),
    adopt: ({ group, staged }) => this.#with(group, (found) => this.#adopt(group, found, staged)),
    'base-key': ({ group, size }) => this.#with(group, (found) => found.baseKey(size)),
    'epoch-code': ({ group }) => this.#with(group, (found) => found.epochCode()),
    'hall-keys': ({ group }) => this.#with(group, (found) => found.hallKeys()),
    end: async ({ group }) => this.#end(group),
  };

  constructor(options: AgreementDeskOptions) {
    this.#options = options;
  }

  async answer({ ask, kind, argument }: AskMessage): Promise<AnswerMessage> {
    // The table's type pairs each kind with its own argument; a lookup by a union cannot show that to the compiler.
    const handler = this.#handlers[kind] as (argument: unknown) => Promise<unknown>;
    try {
      return { ask, answer: await handler(argument) };
    } catch (error) {
      return { ask, fault: messageOf(error) };
    }
  }

  async #start({ suite, certificates, privateKey, publicKey }: Argument<'start'>): Promise<undefined> {
    const signer = deviceSigner(privateKey, publicKey);
    this.#agreement = await mlsAgreement({
      ...this.#options,
      suite,
      certificates,
      signer,
      verify: verifyDevice,
    });
  }

  #started(): GroupKeyAgreement {
    if (this.#agreement === undefined) throw new BelfryError('bug.mls-worker', 'asked before it was started');
    return this.#agreement;
  }

  #kept(made: Result<Group>): Result<GroupFacts> {
    return made.ok ? ok(factsOf(this.#groups.put(made.value), made.value)) : made;
  }

  #named<Staged extends StagedEpoch>(made: Result<Staged>): Result<Named<Staged>> {
    return made.ok ? ok({ staged: this.#staged.put(made.value), epoch: made.value }) : made;
  }

  async #with<T>(name: number, run: (group: Group) => Promise<Result<T>>): Promise<Result<T>> {
    const group = this.#groups.get(name);
    return group === undefined ? refuse('mls.ended', 'this group has made way for others') : run(group);
  }

  /** What ended makes room: groups that the page refuses must not push out the one in use. */
  #end(name: number): Result<undefined> {
    this.#groups.take(name)?.end();
    return ok(undefined);
  }

  async #adopt(name: number, group: Group, stagedName: number): Promise<Result<GroupFacts>> {
    const staged = this.#staged.get(stagedName);
    if (staged === undefined) return refuse('mls.stale', 'this epoch has made way for others');
    const adopted = await group.adopt(staged);
    return adopted.ok ? ok(factsOf(name, group)) : adopted;
  }
}

const factsOf = (name: number, group: Group): GroupFacts => ({
  group: name,
  epoch: group.epoch(),
  ownLeaf: group.ownLeaf(),
  members: group.members(),
});
