import { readFileSync } from 'node:fs';
import { messageOf } from '../../../src/base/errors.ts';
import { ok, type Result, refuse } from '../../../src/base/result.ts';
import { formatLink, parseLink } from '../../../src/client/link.ts';

const STANDARD_INPUT = 0;

/** A link on each line; `-`: from the standard input. Never arguments, which all users of a machine see. */
export const readLinks = (path: string, needed: number): Result<readonly string[]> => {
  const text = textOf(path);
  if (!text.ok) return text;
  const lines = text.value.split('\n').filter((line) => line.trim() !== '');
  if (lines.length < needed)
    return refuse(
      'load.links',
      `the scenario has ${needed} meetings, and ${lines.length} links were given`,
      'give a link for each meeting, one on a line',
    );
  const links: string[] = [];
  for (const line of lines.slice(0, needed)) {
    const link = parseLink(line);
    if (!link.ok) return link;
    links.push(formatLink(link.value));
  }
  return ok(links);
};

const textOf = (path: string): Result<string> => {
  try {
    return ok(readFileSync(path === '-' ? STANDARD_INPUT : path, 'utf8'));
  } catch (error) {
    return refuse('load.links', `the links cannot be read: ${messageOf(error)}`);
  }
};
