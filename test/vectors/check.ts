import { type Bytes, toHex } from '../../src/base/bytes.ts';
import { messageOf } from '../../src/base/errors.ts';

/** One value of a vector and what the project made of it, as text. */
export interface Check {
  readonly what: string;
  readonly expected: string;
  readonly got: string;
}

export const bytesCheck = (what: string, expected: Bytes, got: Bytes): Check => ({
  what,
  expected: toHex(expected),
  got: toHex(got),
});

export const valueCheck = (what: string, expected: unknown, got: unknown): Check => ({
  what,
  expected: String(expected),
  got: String(got),
});

/** One entry of a vector file. It passes when every check of it does, under every driver. */
export interface VectorCase {
  readonly name: string;
  run(): Promise<readonly Check[]>;
}

/** `undefined` after a pass, else one line: the first check that failed. */
export const failureOf = async ({ name, run }: VectorCase): Promise<string | undefined> => {
  try {
    const failed = (await run()).find(({ expected, got }) => expected !== got);
    return failed && `${name}: ${failed.what}: expected ${failed.expected}, got ${failed.got}`;
  } catch (error) {
    return `${name}: expected an answer, got an error: ${messageOf(error)}`;
  }
};
