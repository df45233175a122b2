import type { Refusal } from '../../../src/base/result.ts';
import { STATUS, type Status } from '../order.ts';

export const printRefusal = ({ code, message, remedy }: Refusal): void => {
  console.error(`belfry load: ${message} [${code}]`);
  if (remedy !== undefined) console.error(`  What to do: ${remedy}`);
};

/** An order that means nothing. */
export const usage = (refusal: Refusal): Status => {
  printRefusal(refusal);
  return STATUS.usage;
};
