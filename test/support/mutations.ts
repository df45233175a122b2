import type { Random } from '../../bench/random.ts';

type Json = unknown;
type JsonObject = Record<string, Json>;

/** What a value may turn into: of every type, at and beyond the bounds that schemas have. */
const STRANGE: readonly ((random: Random) => Json)[] = [
  () => null,
  () => true,
  () => '',
  () => [],
  () => ({}),
  () => -1,
  () => 0.5,
  () => 2 ** 53,
  () => 1e308,
  (random) => random.below(2 ** 31),
  (random) => 'x'.repeat(random.below(5_000)),
  (random) => '\u0000\ud83d\ufffd%s\r\n"'.repeat(1 + random.below(20)),
  (random) => Array.from({ length: random.below(200) }, (_, i) => i),
  (random) => Object.fromEntries(Array.from({ length: random.below(50) }, (_, i) => [`k${i}`, i])),
  (random) => nested(1 + random.below(14)),
  () => ({ toString: 1, constructor: { prototype: 1 } }),
];

const nested = (depth: number): Json => (depth === 0 ? 1 : { a: nested(depth - 1) });

const pick = <T>(random: Random, items: readonly T[]): T => {
  const item = items[random.below(items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
};

/** Every place in `value`, as the object or array that holds it and its key there. */
const placesIn = (value: Json): { readonly holder: JsonObject; readonly key: string }[] => {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as JsonObject;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesIn(holder[key])]);
};

type Change = (message: JsonObject, random: Random) => void;

const CHANGES: readonly Change[] = [
  (message, random) => {
    const { holder, key } = pick(random, placesIn(message));
    holder[key] = pick(random, STRANGE)(random);
  },
  (message, random) => {
    const { holder, key } = pick(random, placesIn(message));
    delete holder[key];
  },
  (message, random) => {
    const { holder } = pick(random, placesIn(message));
    holder[pick(random, ['extra', 'kind', 'id', '', 'constructor'])] = pick(random, STRANGE)(random);
  },
  /** Two values change places. */
  (message, random) => {
    const [one, other] = [pick(random, placesIn(message)), pick(random, placesIn(message))];
    const value = structuredClone(one.holder[one.key]);
    one.holder[one.key] = structuredClone(other.holder[other.key]);
    other.holder[other.key] = value;
  },
  () => {},
];

/** `message` with one to three changes that leave it JSON; the id stays, so that it can be answered. */
export const mutated = (message: object, random: Random): string => {
  const copy = structuredClone(message) as JsonObject;
  const { id } = copy;
  for (let left = 1 + random.below(3); left > 0 && placesIn(copy).length > 0; left--)
    pick(random, CHANGES)(copy, random);
  return JSON.stringify({ ...copy, id });
};

/** The text with some of its bytes changed, cut out or doubled: hardly ever a message, sometimes not even text. */
export const mangled = (text: string, random: Random): Uint8Array => {
  let bytes = Buffer.from(text);
  for (let left = 1 + random.below(8); left > 0; left--) {
    const at = random.below(bytes.length + 1);
    const scrap = pick(random, [
      random.bytes(1),
      random.bytes(random.below(20)),
      bytes.subarray(at, at + 40),
      new Uint8Array(),
    ]);
    bytes = Buffer.concat([bytes.subarray(0, at), scrap, bytes.subarray(at + random.below(4))]);
  }
  return bytes;
};
