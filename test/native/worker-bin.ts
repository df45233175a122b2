/** The worker that set-up built or was given; scripts/run.mjs names it to every program that it runs. */
function workerFromEnvironment(): string {
  const path = process.env.BELFRY_WORKER_BIN;
  if (!path) throw new Error('BELFRY_WORKER_BIN is not set: run the tests with `npm test`.');
  return path;
}

export const workerBin: string = workerFromEnvironment();
