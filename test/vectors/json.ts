const PLAIN_INTEGER = /^-?\d+$/;

/** The reviver as ECMAScript 2026 has it: `source` is the literal's text, for primitive values alone. */
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
type ExactParse = (text: string, reviver: Reviver) => unknown;

/** As `JSON.parse`, but integers beyond 2^53 come as `bigint` instead of a neighbour. Throws SyntaxError. */
export const parseExact = (text: string): unknown =>
  (JSON.parse as ExactParse)(text, (_key, value, { source }) => {
    const isInexact = typeof value === 'number' && !Number.isSafeInteger(value);
    return isInexact && source !== undefined && PLAIN_INTEGER.test(source) ? BigInt(source) : value;
  });
