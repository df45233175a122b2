import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { utf8 } from '../../../../src/base/bytes.ts';
import { DEFAULT_LIMITS } from '../../../../src/signaling/limits.ts';
import { ANSWER_CODES, CLOSE_CODES, HTTP_CODES } from '../../../../src/signaling/protocol/codes.ts';
import { decode } from '../../../../src/signaling/protocol/decode.ts';
import * as WIRE_LIMITS from '../../../../src/signaling/protocol/limits.ts';
import {
  eventEnvelope,
  eventSchemas,
  heartbeatSchema,
  replyEnvelope,
  requestSchemas,
} from '../../../../src/signaling/protocol/messages.ts';

const DOCUMENT = readFileSync(new URL('../../../../docs/protocol.md', import.meta.url), 'utf8');
const rows = DOCUMENT.split('\n').filter((line) => line.startsWith('|'));
const cellsOf = (name: string): string[] | undefined =>
  rows.map((row) => row.split('|').map((cell) => cell.trim())).find((cells) => cells.includes(`\`${name}\``));
const blocks = (label: string): unknown[] =>
  [...DOCUMENT.matchAll(new RegExp(`\`\`\`json ${label}\\n(.*?)\`\`\``, 'gs'))].map((match) =>
    JSON.parse(match[1] ?? ''),
  );

describe('docs/protocol.md', () => {
  it('names every request and every event', () => {
    const kinds = [...Object.keys(requestSchemas), ...Object.keys(eventSchemas), 'ack', 'heartbeat'];
    const missing = kinds.filter(
      (kind) => !DOCUMENT.includes(`\`${kind}\``) && !DOCUMENT.includes(`### ${kind}\n`),
    );
    assert.deepEqual(missing, []);
  });

  it('has every code with its meaning, status and fate', () => {
    for (const [code, meaning] of Object.entries(ANSWER_CODES))
      assert.deepEqual(cellsOf(code), ['', `\`${code}\``, meaning, ''], code);
    for (const [code, { status, session, meaning }] of Object.entries(CLOSE_CODES))
      assert.deepEqual(cellsOf(code), ['', String(status), `\`${code}\``, session, meaning, ''], code);
    for (const [code, { status, meaning }] of Object.entries(HTTP_CODES))
      assert.deepEqual(cellsOf(code), ['', String(status), `\`${code}\``, meaning, ''], code);
  });

  it('has no code that the server does not have', () => {
    const known = { ...ANSWER_CODES, ...CLOSE_CODES, ...HTTP_CODES };
    const families =
      /^(?:protocol|request|order|entry|join|media|internal|session|meeting|server|hello|resume|rate|ack|connection|http)\.[a-z0-9-]+$/;
    const named = [...DOCUMENT.matchAll(/`([a-z0-9.-]+)`/g)].map((match) => match[1] ?? '');
    assert.deepEqual(
      named.filter((name) => families.test(name) && !Object.hasOwn(known, name)),
      [],
    );
  });

  it('has every limit with its value', () => {
    const number = (value: number): string => value.toLocaleString('en');
    const limits: Record<string, number | { burst: number; perSecond: number }> = {
      ...WIRE_LIMITS,
      ...DEFAULT_LIMITS,
    };
    for (const [name, value] of Object.entries(limits)) {
      const text =
        typeof value === 'number' ? number(value) : `${number(value.burst)}, ${number(value.perSecond)}`;
      assert.equal(cellsOf(name)?.[2], text, name);
    }
  });

  it('shows client messages that the server takes', () => {
    const examples = blocks('client');
    assert.ok(examples.length >= 6);
    for (const example of examples) {
      const decoded = decode(utf8(JSON.stringify(example)), false);
      assert.ok(decoded.ok, JSON.stringify(decoded));
    }
  });

  it('shows server messages as they are', () => {
    const examples = blocks('server');
    assert.ok(examples.length >= 4);
    for (const example of examples) {
      const fits = [replyEnvelope, eventEnvelope, heartbeatSchema].some(
        (schema) => schema.safeParse(example).success,
      );
      assert.ok(fits, JSON.stringify(example));
    }
  });
});
