import type { Refusal } from '../../base/result.ts';

/** Prints what was refused, and what to do; answers the status. */
export const printRefusal = ({ code, message, remedy, reference }: Refusal): 1 => {
  const told = reference === undefined ? '' : `, reference ${reference}`;
  console.error(`belfry: ${message} [${code}${told}]`);
  if (remedy !== undefined) console.error(`  What to do: ${remedy}`);
  return 1;
};
