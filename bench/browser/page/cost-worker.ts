import type { CostOrder } from './api.ts';
import { measureCosts } from './costs.ts';

/** Sealing runs in a worker, so its cost is measured in one. Takes one order, and posts one answer. */
const scope = globalThis as unknown as {
  onmessage: ((event: { readonly data: CostOrder }) => void) | null;
  postMessage(message: unknown): void;
};
scope.onmessage = ({ data }) => {
  measureCosts(data).then(
    (samples) => scope.postMessage({ samples }),
    (error: unknown) => scope.postMessage({ error: String(error) }),
  );
};
