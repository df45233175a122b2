import type { Refusal } from './result.ts';

/** A failure that ends an operation: broken I/O, a broken installation, a broken promise of a peer. */
export class BelfryError extends Error {
  readonly code: string;
  readonly remedy: string | undefined;
  readonly reference: string | undefined;

  constructor(
    code: string,
    message: string,
    options: { remedy?: string; reference?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'BelfryError';
    this.code = code;
    this.remedy = options.remedy;
    this.reference = options.reference;
  }

  static from({ code, message, ...more }: Refusal): BelfryError {
    return new BelfryError(code, message, more);
  }

  get refusal(): Refusal {
    const { code, message, remedy, reference } = this;
    return {
      code,
      message,
      ...(remedy === undefined ? {} : { remedy }),
      ...(reference === undefined ? {} : { reference }),
    };
  }
}

/** What a caught value says, whatever was thrown. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
