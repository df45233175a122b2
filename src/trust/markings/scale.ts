import { z } from 'zod';
import { isId } from '../../base/ids.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import { distinct } from '../statement/schemas.ts';
import type { StatementKind } from '../statement/statement.ts';
import { type Located, parseLocated } from './located-json.ts';

/** A whole deployment's groups fit many times. */
const MAX_SCALE_CHARS = 262_144;
const MAX_LEVELS = 32;
const MAX_GROUPS = 1_000;
const MAX_LANGUAGES = 32;

const id = z.string().refine(isId, 'must be 1 to 64 characters of A-Z a-z 0-9 _ -');
const text = z.string().min(1, 'must not be empty').max(100, 'must have at most 100 characters');
const named = { id, names: z.record(z.string(), text) };

const shape = z.strictObject({
  /** What clearances and charters call it: levels of two scales are never compared. */
  scale: id,
  languages: z
    .array(z.string().regex(/^[a-z]{2}$/, 'must be a language of two small letters'))
    .min(1, 'must name a language')
    .max(MAX_LANGUAGES)
    .refine(distinct, 'must name no language twice'),
  /** From the lowest to the highest; `marking` is what stands on documents, whatever the reader's language. */
  levels: z
    .array(z.strictObject({ ...named, marking: text }))
    .min(1, 'must have a level')
    .max(MAX_LEVELS),
  /** In a meeting marked above this level some orders need two people; where it is absent they need two in every meeting. */
  twoPersonsAbove: id.optional(),
  /** Groups of people with a need to know. */
  groups: z.array(z.strictObject(named)).max(MAX_GROUPS),
});
export type Scale = z.infer<typeof shape>;

type Part = 'levels' | 'groups';
const PARTS: readonly Part[] = ['levels', 'groups'];

/** What a schema cannot say: names in exactly the languages, and no id twice. */
const schema = shape.superRefine((scale, context) => {
  const { twoPersonsAbove } = scale;
  if (twoPersonsAbove !== undefined && !scale.levels.some(({ id }) => id === twoPersonsAbove))
    context.addIssue({ code: 'custom', path: ['twoPersonsAbove'], message: 'is no level of this scale' });
  for (const part of PARTS) {
    const ids = new Set<string>();
    for (const [at, { id, names }] of scale[part].entries()) {
      if (ids.has(id)) context.addIssue({ code: 'custom', path: [part, at, 'id'], message: 'is here twice' });
      ids.add(id);
      for (const fault of nameFaults(names, scale.languages))
        context.addIssue({ code: 'custom', path: [part, at, 'names', fault.language], message: fault.why });
    }
  }
});

const nameFaults = (names: Readonly<Record<string, string>>, languages: readonly string[]) => [
  ...languages
    .filter((language) => !Object.hasOwn(names, language))
    .map((language) => ({ language, why: 'is missing' })),
  ...Object.keys(names)
    .filter((language) => !languages.includes(language))
    .map((language) => ({ language, why: 'is no language of this scale' })),
];

/**
 * Signed by the authority's clearance office: whoever could exchange the scale could call the highest marking the lowest.
 * Devices and relay take a scale in this form alone; the file that people edit is the authority's own.
 */
export const SCALE: StatementKind<Scale> = { kind: 'scale', schema, maxBytes: MAX_SCALE_CHARS };

export type ScaleRefusal = Refusal<'scale.too-large' | 'scale.malformed'>;

/** The scale that `text` describes, or the line of its first fault. */
export const readScale = (text: string): Result<Scale, ScaleRefusal> => {
  if (text.length > MAX_SCALE_CHARS)
    return refuse('scale.too-large', `a scale has at most ${MAX_SCALE_CHARS} characters`);
  const located = parseLocated(text);
  if (!located.ok) return refuse('scale.malformed', located.refusal.message);
  const parsed = schema.safeParse(located.value.value);
  return parsed.success ? ok(parsed.data) : refuse('scale.malformed', describe(located.value, parsed.error));
};

/** The fault that stands first in the file. */
const describe = ({ lineOf }: Located, { issues }: z.ZodError): string => {
  const [first] = issues
    .map((issue) => ({ path: pathOf(issue), message: messageOf(issue) }))
    .map(({ path, message }) => ({ line: lineOf(path), path, message }))
    .sort((a, b) => a.line - b.line);
  const place = first === undefined || first.path.length === 0 ? 'the file' : first.path.join('.');
  return `line ${first?.line ?? 1}: ${place} ${first?.message ?? 'is malformed'}`;
};

const pathOf = (issue: z.core.$ZodIssue): readonly PropertyKey[] =>
  issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path;

const messageOf = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'unrecognized_keys') return 'is no part of a scale';
  return issue.code === 'invalid_type' ? `must be here, as ${issue.expected}` : issue.message;
};
