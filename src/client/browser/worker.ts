/** The sealing worker. Bundlers find the file by this very form of call. */
export const createTransformWorker = (): Worker =>
  new Worker(new URL('../../e2ee/transform/worker.ts', import.meta.url), {
    type: 'module',
    name: 'belfry-transform',
  });
