import type { Random } from '../../bench/random.ts';
import { toBase64Url, utf8 } from '../../src/base/bytes.ts';
import { asId } from '../../src/base/ids.ts';
import { SOURCES } from '../../src/base/media.ts';
import { ACT, type Act, type Order, type OrderKind } from '../../src/trust/acts/act.ts';
import type { Head } from '../../src/trust/acts/head.ts';
import type { Place } from '../../src/trust/acts/place.ts';
import { ACT_FRESH_MS } from '../../src/trust/acts/rules.ts';
import type { DeviceId, PersonId } from '../../src/trust/devices/ids.ts';
import type { SigningKey } from '../../src/trust/signing/keys.ts';
import { ALGORITHMS } from '../../src/trust/statement/algorithms.ts';
import { type Envelope, type StatementDigest, signatureInput } from '../../src/trust/statement/statement.ts';
import type { Vouched } from '../../src/trust/statement/vouched.ts';
import type { Official } from './ministry.ts';
import { mutated } from './mutations.ts';

/** The meeting, as somebody sees it who means it harm. */
export interface Scene {
  readonly place: Place;
  /** All of this meeting's, and one who is of none. */
  readonly persons: readonly PersonId[];
  readonly devices: readonly DeviceId[];
  /** One that the scale does not have among them. */
  readonly levels: readonly string[];
  /** That were true once. */
  readonly pastHeads: readonly Head[];
  readonly nowUnixMs: number;
}

/** Of acts whose words are not even of an act's form. */
const SHAPELESS = 0.15;
/** Of acts that are as their signer may give them, as far as it knows. */
const HONEST = 0.4;

const digest = (random: Random): StatementDigest => asId(toBase64Url(random.bytes(32)));
const one = <T>(random: Random, items: readonly T[]): T => {
  const item = items[random.below(items.length)];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
};
const some = <T>(random: Random, items: readonly T[]): T[] =>
  random.shuffled(items).slice(0, 1 + random.below(items.length));
const whom = ({ persons }: Scene, random: Random) =>
  random.below(4) === 0
    ? ({ kind: 'all' } as const)
    : ({ kind: 'persons', persons: some(random, persons) } as const);
const marking = ({ place, levels }: Scene, random: Random) => {
  const groups = random.below(4) === 0 ? ['none-such'] : [...place.state.marking.groups];
  return { ...place.state.marking, level: one(random, levels), groups };
};

type Makers = {
  readonly [Kind in OrderKind]: (scene: Scene, random: Random) => Omit<Order & { kind: Kind }, 'kind'>;
};
const nothing = () => ({});
const person = ({ persons }: Scene, random: Random) => ({ person: one(random, persons) });

const MAKERS: Makers = {
  admit: (scene, random) => ({ whom: whom(scene, random) }),
  'turn-away': (scene, random) => ({ whom: whom(scene, random) }),
  'to-lobby': person,
  mute: (scene, random) => ({ whom: whom(scene, random) }),
  stop: (scene, random) => ({ ...person(scene, random), sources: some(random, SOURCES) }),
  'set-role': (scene, random) => ({
    ...person(scene, random),
    role: one(random, ['member', 'observer'] as const),
  }),
  grant: (scene, random) => ({ whom: whom(scene, random), sources: some(random, SOURCES) }),
  withdraw: (scene, random) => ({ whom: whom(scene, random), sources: some(random, SOURCES) }),
  'raise-hand': nothing,
  'lower-hand': person,
  remove: (scene, random) => ({ ...person(scene, random), isForGood: random.below(4) === 0 }),
  lock: nothing,
  unlock: nothing,
  'hand-over-chair': ({ persons }, random) => ({ to: one(random, persons) }),
  'take-chair': nothing,
  'declare-beside': ({ persons }, random) => ({ persons: some(random, persons).slice(1) }),
  'confirm-beside': ({ persons, place }, random) => {
    const room = one(random, persons);
    const named = random.below(2) === 0 ? place.state.declared.get(room) : undefined;
    return { room, persons: [...(named ?? some(random, persons).slice(1))] };
  },
  'raise-marking': (scene, random) => ({ marking: marking(scene, random) }),
  'lower-marking': (scene, random) => ({ marking: marking(scene, random) }),
  invite: ({ persons }, random) => ({ persons: some(random, persons) }),
  'allow-export': nothing,
  end: nothing,
  second: ({ place }, random) => ({ act: one(random, [...place.state.pending.keys(), digest(random)]) }),
};
/** An end or a removal would soon leave nobody to go on with: one in some. */
const FINAL: ReadonlySet<OrderKind> = new Set(['end', 'remove', 'to-lobby']);
const KINDS = (Object.keys(MAKERS) as OrderKind[]).flatMap((kind) =>
  FINAL.has(kind) ? [kind] : [kind, kind, kind],
);

const orderOf = (scene: Scene, random: Random): Order => {
  const kind = one(random, KINDS);
  // Sound: the table holds for each kind what its order consists of.
  return { kind, ...MAKERS[kind](scene, random) } as Order;
};

/** Each stays within an act's form. */
const CHANGES: readonly ((act: Act, scene: Scene, random: Random) => Partial<Act>)[] = [
  ({ number }, _, random) => ({
    number: one(random, [1, Math.max(1, number - 1), number + 1_000, number + 2 ** 40]),
  }),
  (_, { nowUnixMs }, random) => ({
    atUnixMs: one(random, [
      0,
      2 ** 53 - 1,
      ...[-ACT_FRESH_MS - 1, -ACT_FRESH_MS, ACT_FRESH_MS, ACT_FRESH_MS + 1].map((ms) => nowUnixMs + ms),
    ]),
  }),
  (_, { pastHeads }, random) => ({ seen: one(random, pastHeads) }),
  ({ seen }, _, random) => ({
    seen: one(random, [
      { ...seen, digest: digest(random) },
      { ...seen, n: seen.n + 1 },
      { n: 2 ** 53 - 1, digest: seen.digest },
    ]),
  }),
  (_, __, random) => ({ charter: digest(random) }),
  (_, __, random) => ({ meeting: asId(toBase64Url(random.bytes(16))) }),
  (_, { devices }, random) => ({ device: one(random, devices) }),
];

const changed = (act: Act, scene: Scene, random: Random): Act => {
  let now = act;
  if (random.fraction() < HONEST) return now;
  for (let left = 1 + random.below(2); left > 0; left--)
    now = { ...now, ...one(random, CHANGES)(now, scene, random) };
  return now;
};

const shapeless = (act: Act, random: Random): unknown => {
  const { id: _, ...rest } = JSON.parse(mutated({ id: 0, ...act }, random));
  return rest;
};

/** As an act, whatever it says: a device's own code signs nothing that is none. */
const signWords = async (words: unknown, { alg, keyId, privateKey }: SigningKey): Promise<Envelope> => {
  const bytes = utf8(JSON.stringify(words));
  const signature = await crypto.subtle.sign(ALGORITHMS[alg], privateKey, signatureInput(ACT.kind, bytes));
  return {
    kind: ACT.kind,
    alg,
    bytes: toBase64Url(bytes),
    signature: toBase64Url(new Uint8Array(signature)),
    signer: keyId,
  };
};

/** Something that `by` says in this meeting, well signed by that device, with the next number that it could have. */
export const hostileAct = async (by: Official, scene: Scene, random: Random): Promise<Vouched> => {
  const { state, head } = scene.place;
  const act: Act = {
    meeting: state.charter.meeting,
    charter: state.charterDigest,
    device: by.device,
    number: (state.lastNumbers.get(by.device) ?? 0) + 1,
    atUnixMs: scene.nowUnixMs,
    seen: head,
    order: orderOf(scene, random),
  };
  const { certificate, signing } = by.signer;
  const whole = changed(act, scene, random);
  const words = random.fraction() < SHAPELESS ? shapeless(whole, random) : whole;
  return { certificate, statement: await signWords(words, signing) };
};
