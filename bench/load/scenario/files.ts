import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { messageOf } from '../../../src/base/errors.ts';
import { ok, type Result, refuse } from '../../../src/base/result.ts';
import { type Scenario, scenarioSchema } from './schema.ts';

const SHIPPED = join(import.meta.dirname, '../scenarios');

export const shippedNames = (): string[] =>
  readdirSync(SHIPPED)
    .filter((file) => file.endsWith('.json'))
    .map((file) => basename(file, '.json'))
    .sort();

/** One that the project ships, by its name, or any file (a path with a slash, or that ends in .json). */
export const readScenario = (nameOrPath: string): Result<Scenario> => {
  const isPath = nameOrPath.includes('/') || nameOrPath.endsWith('.json');
  if (!isPath && !shippedNames().includes(nameOrPath))
    return refuse(
      'scenario.unknown',
      `there is no scenario ${nameOrPath}`,
      `name one of ${shippedNames().join(', ')}, or a file`,
    );
  const path = isPath ? nameOrPath : join(SHIPPED, `${nameOrPath}.json`);
  const json = jsonOf(path);
  return json.ok ? asScenario(json.value, path) : json;
};

const jsonOf = (path: string): Result<unknown> => {
  try {
    return ok(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    return refuse('scenario.unreadable', `${path} cannot be read as JSON: ${messageOf(error)}`);
  }
};

/** What is wrong is named by its place, the first of it. */
export const asScenario = (json: unknown, path: string): Result<Scenario> => {
  const parsed = scenarioSchema.safeParse(json);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  const place = issue?.path.length ? `${issue.path.join('.')}: ` : '';
  return refuse(
    'scenario.invalid',
    `${path} is no scenario: ${place}${issue?.message}`,
    'docs/load.md explains every field',
  );
};
