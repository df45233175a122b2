import { createHmac, createSecretKey, type KeyObject, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Bytes } from '../../src/base/bytes.ts';
import { ok, type Result, refuse } from '../../src/base/result.ts';
import { fetchBlobs } from '../../src/client/group/fetch-blobs.ts';
import type { GroupTools, LeafOwner } from '../../src/client/group/tools.ts';
import { nodeQuickTools } from '../../src/client/node/group-tools.ts';
import { pointOf } from '../../src/e2ee/mls/device-signatures.ts';
import type {
  Candidate,
  Change,
  Group,
  GroupKeyAgreement,
  Judge,
  MeetingContext,
  Member,
  OwnCommit,
  StagedEpoch,
} from '../../src/e2ee/mls/port.ts';

/*
 * A group whose frame keys are of one secret that whoever started its members hands out. Commits, Welcomes, epochs and leaves go
 * their real ways between real clients and relay; only what MLS would compute is not there, and nothing in it is
 * secret or proven. For what shall be measured or tested without that work, and never of the product.
 */

export const preSharedGroup = (secret: Bytes): GroupTools => ({
  async startAgreement(owner) {
    return { agreement: new PreSharedAgreement(createSecretKey(secret), owner), end() {} };
  },
  blobs: fetchBlobs,
  ...nodeQuickTools,
});

const bytesText = z.string().transform((text): Bytes => new Uint8Array(Buffer.from(text, 'base64url')));
const candidateShape = z.object({
  id: z.string(),
  certificates: z.array(bytesText),
  signatureKey: bytesText,
});
const memberShape = candidateShape.extend({ leaf: z.int() });
const FORMS = {
  keyPackage: candidateShape,
  commit: z.object({
    epoch: z.int(),
    committer: z.int(),
    added: z.array(memberShape),
    removed: z.array(z.int()),
  }),
  welcome: z.object({ id: z.string(), group: z.string(), epoch: z.int() }),
  tree: z.array(memberShape),
} as const;
type Form<K extends keyof typeof FORMS> = z.infer<(typeof FORMS)[K]>;
type Seated = Form<'tree'>[number];

const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) =>
    one instanceof Uint8Array ? Buffer.from(one).toString('base64url') : one,
  );
const write = <K extends keyof typeof FORMS>(_: K, value: Form<K>): Bytes =>
  new Uint8Array(Buffer.from(textOf(value)));
const read = <K extends keyof typeof FORMS>(kind: K, bytes: Bytes): Form<K> =>
  FORMS[kind].parse(JSON.parse(Buffer.from(bytes).toString())) as Form<K>;

class PreSharedAgreement implements GroupKeyAgreement {
  readonly #secret: KeyObject;
  readonly #own: Candidate;
  readonly #ids = new Set<string>();

  constructor(secret: KeyObject, { certificates, publicKey }: LeafOwner) {
    this.#secret = secret;
    this.#own = { certificates, signatureKey: pointOf(publicKey) };
  }

  async keyPackage(): Promise<Bytes> {
    return write('keyPackage', this.#newPackage());
  }

  async candidate(keyPackage: Bytes): Promise<Result<Candidate>> {
    return ok(read('keyPackage', keyPackage));
  }

  async create(context: MeetingContext): Promise<Result<Group>> {
    const members = [{ ...this.#newPackage(), leaf: 0 }];
    const place = { group: randomUUID(), epoch: 0, ownLeaf: 0, members };
    return ok(new PreSharedGroup(this.#secret, context, place));
  }

  async join(welcome: Bytes, tree: Bytes, context: MeetingContext): Promise<Result<Group>> {
    const { id, group, epoch } = read('welcome', welcome);
    const members = read('tree', tree);
    const own = members.find((member) => member.id === id);
    if (own === undefined || !this.#ids.has(id))
      return refuse('mls.unknown-key-package', 'a Welcome for no key package of this device');
    const place = { group, epoch, ownLeaf: own.leaf, members };
    return ok(new PreSharedGroup(this.#secret, context, place));
  }

  #newPackage(): Form<'keyPackage'> {
    const id = randomUUID();
    this.#ids.add(id);
    return { id, certificates: [...this.#own.certificates], signatureKey: this.#own.signatureKey };
  }
}

interface GroupPlace {
  readonly group: string;
  readonly epoch: number;
  readonly ownLeaf: number;
  readonly members: readonly Seated[];
}

class PreSharedGroup implements Group {
  readonly context: MeetingContext;
  readonly #secret: KeyObject;
  #place: GroupPlace;

  constructor(secret: KeyObject, context: MeetingContext, place: GroupPlace) {
    this.#secret = secret;
    this.context = context;
    this.#place = place;
  }

  epoch(): bigint {
    return BigInt(this.#place.epoch);
  }

  ownLeaf(): number {
    return this.#place.ownLeaf;
  }

  members(): readonly Member[] {
    return this.#place.members;
  }

  async commit({ add = [], remove = [] }: Change, judge: Judge): Promise<Result<OwnCommit>> {
    const { group, epoch, ownLeaf: committer, members } = this.#place;
    const stay = members.filter(({ leaf }) => !remove.includes(leaf));
    const free = freeLeaves(stay);
    const added = add.map((bytes) => ({ ...read('keyPackage', bytes), leaf: free.next().value ?? 0 }));
    const change = { epoch, committer, added, removed: [...remove] };
    const staged = this.#staged(change, judge);
    if (!staged.ok) return staged;
    const welcomes = added.map(({ id }) => write('welcome', { id, group, epoch: epoch + 1 }));
    const tree = write('tree', [...stay, ...added]);
    return ok({
      ...staged.value,
      message: write('commit', change),
      welcomes,
      tree,
      treeBlobHash: new Uint8Array(),
    });
  }

  async stage(message: Bytes, judge: Judge): Promise<Result<StagedEpoch>> {
    const change = read('commit', message);
    if (change.epoch === this.#place.epoch) return this.#staged(change, judge);
    const code = change.epoch < this.#place.epoch ? 'mls.old-epoch' : 'mls.missed-epoch';
    return refuse(code, `a commit of epoch ${change.epoch}`);
  }

  async adopt({ epoch, members }: StagedEpoch): Promise<Result<undefined>> {
    // It was staged here, so that everybody in it has an id.
    this.#place = { ...this.#place, epoch: Number(epoch), members: members as readonly Seated[] };
    return ok(undefined);
  }

  async baseKey(size: number): Promise<Result<Bytes>> {
    return ok(new Uint8Array(this.#derived('key')).slice(0, size));
  }

  async epochCode() {
    const digest = this.#derived('code');
    const digits = BigInt(`0x${digest.toString('hex')}`)
      .toString()
      .slice(-20);
    return ok({ digits, words: [...digest.subarray(0, 9)].map((byte) => `word${byte}`) });
  }

  /** One for good: nobody who was removed wants to read names here. */
  async hallKeys() {
    const { group } = this.#place;
    const key = createHmac('sha256', this.#secret).update(`hall ${group}`).digest();
    return ok([{ epoch: 0n, key: new Uint8Array(key) }]);
  }

  end(): void {}

  #derived(use: string): Buffer {
    const { group, epoch } = this.#place;
    return createHmac('sha256', this.#secret).update(`${use} ${group} ${epoch}`).digest();
  }

  #staged({ epoch, committer, added, removed }: Form<'commit'>, judge: Judge): Result<StagedEpoch> {
    const { members, ownLeaf } = this.#place;
    const gone = new Set(removed);
    const after = [...members.filter(({ leaf }) => !gone.has(leaf)), ...added];
    const refusal = judge(after);
    if (refusal !== undefined) return { ok: false, refusal };
    return ok({
      epoch: BigInt(epoch) + 1n,
      committer,
      added,
      removed: members.filter(({ leaf }) => gone.has(leaf)),
      members: after,
      selfRemoved: gone.has(ownLeaf),
    });
  }
}

/** The lowest first, as in a tree. */
function* freeLeaves(members: readonly Member[]): Generator<number, undefined> {
  const taken = new Set(members.map(({ leaf }) => leaf));
  for (let leaf = 0; ; leaf++) if (!taken.has(leaf)) yield leaf;
}
