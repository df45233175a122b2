import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { asId, type MeetingId } from '../../src/base/ids.ts';
import { formatLink } from '../../src/client/link.ts';
import { CODE_BYTES, writeCode } from '../../src/trust/devices/codes.ts';
import type { StatementDigest } from '../../src/trust/statement/statement.ts';
import { PROJECT_DIR } from '../support/source-tree.ts';

const LINK = formatLink({
  // Discard: nobody listens there.
  origin: 'http://127.0.0.1:9',
  meeting: asId<MeetingId>('AAAAAAAAAAAAAAAAAAAAAA'),
  charter: asId<StatementDigest>('A'.repeat(43)),
  root: new Uint8Array(32),
  code: writeCode(new Uint8Array(CODE_BYTES).fill(7)),
});
const LINKS = `${LINK}\n${LINK}\n${LINK}\n`;
const CODE = new URLSearchParams(new URL(LINK).hash.slice(1)).get('code') ?? '';

const run = (input: string, ...args: readonly string[]) => {
  const main = join(PROJECT_DIR, 'src/client/selfcheck/main.ts');
  const options = { input, encoding: 'utf8', timeout: 60_000 } as const;
  const ended = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', main, ...args],
    options,
  );
  return { status: ended.status, said: ended.stdout + ended.stderr };
};

describe('the self-check as a program', () => {
  it('answers wrong usage with status 2 and what would be right', () => {
    assert.equal(run(LINK, 'link').status, 2);
    const { status, said } = run('', '--seconds', '1');
    assert.equal(status, 2);
    assert.match(said, /--seconds takes 2 to 60/);
    assert.match(said, /Usage:/);
  });

  it('answers a broken link with status 2 and a code, and does not repeat it', () => {
    for (const broken of [LINK.slice(0, -1), '{"origin":"x"}', LINK.replace(/&code=.*/, ''), LINK]) {
      const { status, said } = run(`${broken}\n`);
      assert.equal(status, 2, broken);
      assert.match(said, /\[(link|selfcheck)\./);
      assert(!said.includes(CODE.slice(0, 12)));
    }
  });

  it('answers a relay that is not there with status 1 and the reason, within a bound', () => {
    const { status, said } = run(LINKS);
    assert.equal(status, 1);
    assert.match(said, /Self-check failed: .* \[enrolment\.network\]/);
    assert(!said.includes(CODE.slice(0, 12)));
  });
});
