import { BelfryError } from '../../src/base/errors.ts';
import { end, startProgram } from '../program.ts';
import type { Found, Order } from './cases.ts';

/** What the program of a case prints. */
export type Told = { readonly found: unknown } | { readonly failed: string };

/** A member on a laptop has one group: each case has a process of its own, which pays for no earlier case's garbage. */
export const apart = async <O extends Order>(order: O): Promise<Found<O>> => {
  const program = await startProgram('bench/rekey/case.ts', [JSON.stringify(order)], /(\{.*\})\n/);
  await end(program);
  const told = JSON.parse(program.found) as Told;
  if ('failed' in told) throw new BelfryError('bench.stage', told.failed);
  return told.found as Found<O>;
};
