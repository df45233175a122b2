// Sets up whatever is missing on this machine, the tests' tools included: `npm run setup`.
import { runMain } from './lib/fault.mjs';
import { ensureReady } from './lib/steps.mjs';

await runMain(async () => {
  const { node, worker, ran } = await ensureReady({ forTests: true });
  console.log(ran.length > 0 ? `Set up: ${ran.join(', ')}.` : 'Everything is in place.');
  console.log(`Node:         ${node}`);
  console.log(`Media worker: ${worker}`);
});
