import type { Refusal } from './result.ts';

/** A failure that ends an operation: broken I/O, a broken installation, a broken promise of a peer. */
export class BelfryError extends Error {
  readonly code: string;
  readonly remedy: string | undefined;

  constructor(code: string, message: string, options: { remedy?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'BelfryError';
    this.code = code;
    this.remedy = options.remedy;
  }

  static from(refusal: Refusal): BelfryError {
    return new BelfryError(
      refusal.code,
      refusal.message,
      refusal.remedy === undefined ? {} : { remedy: refusal.remedy },
    );
  }
}

/** What a caught value says, whatever was thrown. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
