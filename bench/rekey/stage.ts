import { performance } from 'node:perf_hooks';
import { type Bytes, utf8 } from '../../src/base/bytes.ts';
import { BelfryError, messageOf } from '../../src/base/errors.ts';
import { Standing } from '../../src/client/group/standing.ts';
import type { Group, MeetingContext } from '../../src/e2ee/mls/port.ts';
import type { WireGroupHeard } from '../../src/signaling/protocol/group-schemas.ts';
import { within } from './deadline.ts';
import type { Kept } from './light-blobs.ts';
import { Oracle } from './oracle.ts';
import { type Entrant, enter, type Guest, type Public, type Venue } from './people.ts';
import { type AskedCommit, RealMember } from './real.ts';
import { Taker } from './taker.ts';
import { Tally } from './tally.ts';
import { certain, chunksOf, epochsToFill, filledGroup } from './tree.ts';

/** Entries under way at once: enough to be quick, few enough not to be a flood. */
const ENTERING_AT_ONCE = 8;
/** People whom one commit adds while the group is led up: what a commit may name. */
const LED_UP_AT_ONCE = 128;
const HASH_BYTES = 32;
/** Troubles in an error's text: the first few tell the rest. */
const MAX_TOLD = 3;

export interface Cast {
  /** All members. */
  readonly size: number;
  /** Of those the ones with a device. */
  readonly real: number;
}

/** Of 127.0.0.0/8: hundreds of laptops share no address. */
const addressOfLaptop = (i: number): string => `127.0.${1 + Math.floor(i / 250)}.${1 + (i % 250)}`;

const contextOf = ({ meeting, suite }: Venue): MeetingContext => ({
  meeting,
  marking: 'bench',
  suite,
  chair: 'official-0',
  charterHash: new Uint8Array(HASH_BYTES),
});

export const inTurn = async <T, R>(all: readonly T[], run: (one: T) => Promise<R>): Promise<R[]> => {
  const done: R[] = [];
  for (let i = 0; i < all.length; i += ENTERING_AT_ONCE)
    done.push(...(await Promise.all(all.slice(i, i + ENTERING_AT_ONCE).map(run))));
  return done;
};

/**
 * A meeting whose group is full grown. The tree is built beside the relay, through the product's own port; the relay, which reads
 * no commit, is led to the same epoch by placeholders. The members with a device then join by a real Welcome.
 */
export class Stage {
  readonly venue: Venue;
  readonly context: MeetingContext;
  readonly standing = new Standing();
  readonly oracle = new Oracle();
  readonly takers: Taker[] = [];
  readonly reals: RealMember[] = [];
  /** With a device, and not of those who were here from the start. */
  readonly newcomers: RealMember[] = [];
  readonly taken = new Tally('commits fetched by takers');
  readonly adopted = new Tally('commits adopted by takers');
  readonly ready = new Tally('takers that are ready');
  readonly sealed = new Tally('members that seal');
  readonly faults: string[] = [];
  /** Somebody was asked for a commit that adds or removes. */
  onAsked: (asked: AskedCommit) => void = () => {};
  /** The one that the group is in. */
  epoch = 0;
  #generation = 0;
  readonly #public: Public;
  #guests = 0;
  #takers = 0;

  private constructor(people: Public, venue: Venue) {
    this.#public = people;
    this.venue = venue;
    this.context = contextOf(venue);
  }

  static async open(people: Public, venue: Venue, { size, real }: Cast): Promise<Stage> {
    const stage = new Stage(people, venue);
    return stage.explaining(async () => {
      await stage.#grow(size, real);
      return stage;
    });
  }

  /** Where something fails, what members had trouble with is most of the reason; and nobody stays. */
  async explaining<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      const trouble = [...new Set(this.problems)].slice(0, MAX_TOLD).join('; ') || 'nothing';
      this.end();
      throw new BelfryError('bench.stage', `${messageOf(error)}; members told of ${trouble}`);
    }
  }

  async #grow(size: number, real: number): Promise<void> {
    const guests = await inTurn([...Array(size).keys()], () => this.guest());
    const [founder, ...others] = guests.slice(0, size - real);
    if (founder === undefined) throw new Error('a group without a founder');
    const owners = others.map(({ owner }) => owner);
    const group = await filledGroup(founder.owner, owners, this.context);
    await inTurn([founder, ...others], (guest) => this.seatTaker(guest));
    await this.#leadUp(epochsToFill(others.length));
    this.reals.push(...(await inTurn(guests.slice(-real), (guest) => this.makeReal(guest))));
    await this.#welcomeReals(group);
    // Every second path fills the tree, here as well; the last leaf may be alone at its end.
    const renewing = this.reals.filter((_, i) => i % 2 === 0 || i === real - 1);
    for (const one of renewing) await this.#renew(one);
  }

  guest(): Promise<Guest> {
    return this.#public.guest(this.venue, this.#guests++);
  }

  async seatTaker(guest: Guest): Promise<Taker> {
    const taker = new Taker(await this.#enter(guest), addressOfLaptop(this.#takers++), this.oracle);
    taker.onAsked = (asked) => this.#asked(asked);
    taker.onTaken = (epoch, atMs) => this.taken.add(epoch, atMs);
    taker.onAdopted = (epoch) => this.adopted.add(epoch, performance.now());
    taker.onReady = (epoch) => this.ready.add(epoch, performance.now());
    taker.onFault = (error) => this.faults.push(String(error));
    this.takers.push(taker);
    return taker;
  }

  async makeReal(guest: Guest): Promise<RealMember> {
    const { context, standing, oracle } = this;
    const real = new RealMember(await this.#enter(guest), { context, standing, oracle });
    real.onSeal = (epoch) => this.sealed.add(epoch, performance.now());
    real.onAsked = (asked) => this.#asked(asked);
    return real;
  }

  /** All who are there have the bytes of the commit into `epoch`, and said so, and that they are ready. */
  async everybodyTook(epoch: number): Promise<void> {
    const all = [this.taken, this.adopted, this.ready];
    await Promise.all(all.map((one) => one.reached(epoch, this.takers.length)));
  }

  get problems(): readonly string[] {
    return [...this.faults, ...[...this.reals, ...this.newcomers].flatMap(({ problems }) => problems)];
  }

  /** Downloads that failed at first and were tried again, 200 ms later. */
  get retries(): number {
    const all = [...this.takers.map(({ blobs }) => blobs), ...this.reals, ...this.newcomers];
    return all.reduce((sum, { retries }) => sum + retries, 0);
  }

  end(): void {
    for (const some of [this.takers, this.reals, this.newcomers]) for (const one of some.splice(0)) one.end();
  }

  async #enter(guest: Guest): Promise<Entrant> {
    const entrant = await enter(this.venue, guest);
    const { official, announcement } = guest;
    const { certificate, publicKey } = official.signer;
    const { participant } = entrant;
    const { person, device } = official;
    const shown = { participant, number: announcement.number, name: participant, person, device };
    // Only the certificate is read of what somebody showed.
    const credentials = { certificate } as NonNullable<Parameters<Standing['admit']>[1]['credentials']>;
    this.standing.admit(shown, { announcement, credentials }, person, publicKey);
    return entrant;
  }

  /** Turns to renew a path are given by the stage: the tree is full already, which the relay cannot know. */
  #asked(asked: AskedCommit): void {
    if (asked.add.length + asked.remove.length > 0) this.onAsked(asked);
  }

  get #founder(): Taker {
    const [founder] = this.takers;
    if (founder === undefined) throw new Error('a group without a founder');
    return founder;
  }

  async #leadUp(toEpoch: number): Promise<void> {
    const founder = this.#founder;
    for (const taker of this.takers) taker.isLedUp = true;
    const junk = await founder.blobs.put(utf8('a placeholder'));
    const asked = new Promise<Extract<WireGroupHeard, { kind: 'ask-create' }>>((resolve) => {
      founder.onCreate = resolve;
    });
    await founder.say({ kind: 'enter', keyPackage: junk });
    this.#generation = (await within(() => 'the question to create a group', asked)).generation;
    await founder.say({ kind: 'created', generation: this.#generation, epoch: 0 });
    const chunks = chunksOf(this.takers.slice(1), LED_UP_AT_ONCE);
    while (this.epoch < toEpoch - chunks.length) await this.#commitJunk(junk, []);
    let members = 0;
    for (const chunk of chunks) {
      await Promise.all(chunk.map((taker) => taker.say({ kind: 'enter', keyPackage: junk })));
      await this.#commitJunk(junk, chunk);
      await this.adopted.reached(this.epoch, members);
      members += chunk.length;
    }
    for (const taker of this.takers) taker.isLedUp = false;
  }

  async #commitJunk(junk: Kept, added: readonly Taker[]): Promise<void> {
    const welcomes = added.map(({ entrant }) => ({ participant: entrant.participant, blob: junk }));
    const where = { generation: this.#generation, epoch: this.epoch };
    const tree = added.length === 0 ? {} : { tree: junk };
    await this.#founder.say({ kind: 'commit', ...where, commit: junk, welcomes, removed: [], ...tree });
    this.epoch += 1;
  }

  async #welcomeReals(group: Group): Promise<void> {
    const { blobs } = this.#founder;
    await Promise.all(
      this.reals.map(async (one) => {
        const entered = new Promise<void>((resolve) => {
          one.onEntered = resolve;
        });
        await one.sit();
        await within(() => 'a member’s entry into the group', entered);
      }),
    );
    const add = this.reals.map(({ keyPackage }) => keyPackage ?? new Uint8Array());
    const made = certain(await group.commit({ add }, () => undefined));
    const [commit, tree] = [await blobs.put(made.message), await blobs.put(made.tree)];
    const welcomes = await inTurn([...this.reals.entries()], async ([i, { entrant }]) => {
      const welcome: Bytes = made.welcomes[i] ?? new Uint8Array();
      return { participant: entrant.participant, blob: await blobs.put(welcome) };
    });
    const where = { generation: this.#generation, epoch: this.epoch };
    await this.#founder.say({ kind: 'commit', ...where, commit, welcomes, removed: [], tree });
    this.epoch += 1;
    await this.sealed.reached(this.epoch, this.reals.length);
    await this.adopted.reached(this.epoch, this.takers.length - 1);
  }

  async #renew(one: RealMember): Promise<void> {
    const where = { generation: this.#generation, epoch: this.epoch };
    one.hear({ kind: 'ask-commit', ...where, add: [], remove: [] });
    this.epoch += 1;
    await this.sealed.reached(this.epoch, this.reals.length);
    await this.everybodyTook(this.epoch);
  }
}
