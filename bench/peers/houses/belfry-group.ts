import type { ParticipantId } from '../../../src/base/ids.ts';
import { senderNumber } from '../../../src/signaling/group/senders.ts';
import type { WireGroupHeard, WireGroupSaid } from '../../../src/signaling/protocol/group-schemas.ts';
import { within } from '../../rekey/deadline.ts';
import { type Kept, LightBlobs } from '../../rekey/light-blobs.ts';
import type { Entrant } from '../../rekey/people.ts';

type HeardOf<Kind extends WireGroupHeard['kind']> = Extract<WireGroupHeard, { kind: Kind }>;
interface Epoch {
  readonly generation: number;
  readonly epoch: number;
}

/** The relay keeps bytes of a group and never reads them: these serve for all of its kinds. */
const PLACEHOLDER = new TextEncoder().encode('a placeholder');
const GROUP_EVENT = '"event":{"kind":"group"';
const MAX_WAIT_MS = 20_000;
const LOOPBACK = '127.0.0.1';

/** Who is in the group; the relay may ask any of them for what leads there. */
class Gathering {
  readonly #people: readonly Entrant[];
  readonly #bytes: Kept;
  readonly #in = new Set<ParticipantId>();
  readonly #settled = Promise.withResolvers<Epoch>();

  constructor(people: readonly Entrant[], bytes: Kept) {
    this.#people = people;
    this.#bytes = bytes;
  }

  async gather(): Promise<Epoch> {
    for (const one of this.#people) one.member.onMessage = (text) => this.#take(one, text);
    const entered = this.#people.map((one) => say(one, { kind: 'enter', keyPackage: this.#bytes }));
    const settled = within(() => 'a group of all who send', this.#settled.promise, MAX_WAIT_MS);
    const [epoch] = await Promise.all([settled, ...entered]);
    return epoch;
  }

  #take(one: Entrant, text: Buffer): void {
    if (!text.includes(GROUP_EVENT)) return;
    const { event } = JSON.parse(String(text)) as { readonly event: { readonly heard: WireGroupHeard } };
    this.#hear(one, event.heard).catch(this.#settled.reject);
  }

  async #hear(one: Entrant, heard: WireGroupHeard): Promise<void> {
    if (heard.kind === 'ask-create') await this.#create(one, heard);
    if (heard.kind === 'ask-commit') await say(one, this.#commitOf(heard));
    if (heard.kind === 'commit')
      await say(one, { kind: 'adopted', generation: heard.generation, epoch: heard.past.epoch + 1 });
    if (heard.kind === 'welcome') this.#isIn(one, heard);
  }

  async #create(one: Entrant, { generation }: HeardOf<'ask-create'>): Promise<void> {
    await say(one, { kind: 'created', generation, epoch: 0 });
    this.#isIn(one, { generation, epoch: 0 });
  }

  #commitOf({ generation, epoch, add }: HeardOf<'ask-commit'>): WireGroupSaid {
    const bytes = this.#bytes;
    const welcomes = add.map(({ participant }) => ({ participant, blob: bytes }));
    const where = { generation, epoch };
    const tree = add.length === 0 ? {} : { tree: bytes };
    return { kind: 'commit', ...where, commit: bytes, welcomes, removed: [], ...tree };
  }

  #isIn({ participant }: Entrant, { generation, epoch }: Epoch): void {
    this.#in.add(participant);
    if (this.#in.size === this.#people.length) this.#settled.resolve({ generation, epoch });
  }
}

const say = ({ member }: Entrant, said: WireGroupSaid) => member.ask('group', { said });

/**
 * A group of so many in the relay's eyes: its witness takes the frames of members alone, by leaf and epoch. Answers by what numbers.
 * What members would compute takes part in nothing that is measured here, so they compute nothing.
 */
export const gather = async (people: readonly Entrant[]): Promise<readonly number[]> => {
  const [first] = people;
  if (first === undefined) return [];
  const bytes = await new LightBlobs(first.place, LOOPBACK).put(PLACEHOLDER);
  const { generation, epoch } = await new Gathering(people, bytes).gather();
  const beReady = async (one: Entrant, leaf: number) => {
    await say(one, { kind: 'ready', generation, epoch, digest: bytes.hash, leaf });
    return senderNumber(leaf, epoch);
  };
  return Promise.all(people.map(beReady));
};
