interface Kinded {
  readonly kind: string;
}

/** One handler per member of the union `U`: a member without one does not compile. */
export type Table<U extends Kinded, Args extends readonly unknown[], Out = void> = {
  readonly [K in U['kind']]: (item: Extract<U, { readonly kind: K }>, ...args: Args) => Out;
};

/** The one place that trusts `kind` to pick the handler of the right member. */
export const dispatch = <U extends Kinded, Args extends readonly unknown[], Out>(
  table: Table<U, Args, Out>,
  item: U,
  ...args: Args
): Out => {
  const handler = table[item.kind as U['kind']] as (item: U, ...args: Args) => Out;
  return handler(item, ...args);
};
