import type { z } from 'zod';
import { type Refusal, type Result, refuse } from '../../src/base/result.ts';
import type { VectorCase } from './check.ts';
import { parseExact } from './json.ts';
import { mlsCases } from './mls.ts';
import { mlsFile } from './mls-schema.ts';
import { sframeFile } from './schema.ts';
import { sframeCases } from './sframe.ts';

const SFRAME_LISTS = Object.keys(sframeFile.shape);
const KNOWN =
  `known are the SFrame working group's, an object with lists ${SFRAME_LISTS.join(', ')}, ` +
  `and the MLS working group's tree validation and passive clients, a list of cases`;

const hasOneOf = (json: unknown, keys: readonly string[]): boolean =>
  typeof json === 'object' && json !== null && keys.some((key) => Object.hasOwn(json, key));

/** The MLS working group's files are lists whose entries name a suite and none of SFrame's lists. */
const looksLikeMls = (json: unknown): boolean => Array.isArray(json) && hasOneOf(json[0], ['cipher_suite']);

const parseText = (text: string): Result<unknown> => {
  try {
    return { ok: true, value: parseExact(text) };
  } catch (error) {
    return refuse('vectors.not-json', `not JSON: ${String(error)}`, 'give the file as it was published');
  }
};

const unknownFormat = (why: string): { ok: false; refusal: Refusal } =>
  refuse('vectors.unknown-format', why, KNOWN);

const casesOf = <File>(
  file: z.ZodSafeParseResult<File>,
  toCases: (file: File) => readonly VectorCase[],
): Result<readonly VectorCase[]> => {
  if (!file.success) {
    const [issue] = file.error.issues;
    return unknownFormat(`at ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const cases = toCases(file.data);
  return cases.length > 0 ? { ok: true, value: cases } : unknownFormat('the file holds no vector');
};

/** The cases of one vector file, or why there are none. */
export const readVectors = (text: string): Result<readonly VectorCase[]> => {
  const json = parseText(text);
  if (!json.ok) return json;
  if (hasOneOf(json.value, SFRAME_LISTS)) return casesOf(sframeFile.safeParse(json.value), sframeCases);
  if (looksLikeMls(json.value)) return casesOf(mlsFile.safeParse(json.value), mlsCases);
  return unknownFormat('the file has the form of no known vectors');
};
