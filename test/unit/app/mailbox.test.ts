import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  keyIdsIn,
  type Mailbox,
  openMailbox,
  sweepMailbox,
  writeTo,
} from '../../../src/app/enrolment/folder.ts';
import { asId } from '../../../src/base/ids.ts';
import { secureRandomBytes } from '../../../src/base/platform.ts';
import type { KeyId } from '../../../src/trust/statement/statement.ts';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-01-31T12:00:00Z');
const keyId = (letter: string) => asId<KeyId>(letter.repeat(43));
let mailbox: Mailbox;

before(async () => {
  mailbox = { path: mkdtempSync(join(tmpdir(), 'belfry-mailbox-')), randomBytes: secureRandomBytes };
  await openMailbox(mailbox);
});
after(() => rmSync(mailbox.path, { recursive: true, force: true }));

const answered = async (letter: string, daysAgo: number): Promise<void> => {
  await writeTo(mailbox, 'answers', keyId(letter), '{}');
  const at = new Date(NOW - daysAgo * DAY_MS);
  utimesSync(join(mailbox.path, 'answers', `${keyId(letter)}.json`), at, at);
};

test('what is too old goes, and the oldest of more than may be', async () => {
  await answered('a', 31);
  await answered('b', 3);
  await answered('c', 1);
  await answered('d', 2);
  await sweepMailbox(mailbox, 'answers', NOW);
  assert.deepEqual((await keyIdsIn(mailbox, 'answers')).sort(), ['b', 'c', 'd'].map(keyId));
  await sweepMailbox(mailbox, 'answers', NOW, 2);
  assert.deepEqual((await keyIdsIn(mailbox, 'answers')).sort(), ['c', 'd'].map(keyId));
});
