/** Copies: what is in a state never changes under who holds it. */
export const withKey = <K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> =>
  new Map(map).set(key, value);

export const withoutKeys = <K, V>(map: ReadonlyMap<K, V>, keys: Iterable<K>): ReadonlyMap<K, V> => {
  const left = new Map(map);
  for (const key of keys) left.delete(key);
  return left;
};

export const withItem = <T>(set: ReadonlySet<T>, item: T): ReadonlySet<T> => new Set(set).add(item);

export const withoutItems = <T>(set: ReadonlySet<T>, items: Iterable<T>): ReadonlySet<T> => {
  const left = new Set(set);
  for (const item of items) left.delete(item);
  return left;
};
