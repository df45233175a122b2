/** An expected outcome as a value: a refusal has a code and is never thrown. A throw is a bug or broken I/O. */
export type Result<T, R extends Refusal = Refusal> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: R };

/**
 * Why something was not done, in a form for programs (`code`), people (`message`: what happened and why) and,
 * where there is one, the way out (`remedy`). Never holds names, addresses or secrets.
 */
export interface Refusal<Code extends string = string> {
  readonly code: Code;
  readonly message: string;
  readonly remedy?: string;
  /** What a person may tell an operator, who finds the true reason under it. */
  readonly reference?: string;
}

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

export const refuse = <Code extends string>(
  code: Code,
  message: string,
  remedy?: string,
): { readonly ok: false; readonly refusal: Refusal<Code> } => ({
  ok: false,
  refusal: remedy === undefined ? { code, message } : { code, message, remedy },
});
