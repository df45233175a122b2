import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, it, mock } from 'node:test';
import { runCommandLine } from '../../../bin/command-line.ts';
import { ca as caCommands } from '../../../bin/commands/ca.ts';

interface Run {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

/** One command line in this process; those for people get the folder of `home`. */
const ca = async (home: string, ...args: string[]): Promise<Run> => {
  const lines = { log: [] as string[], error: [] as string[] };
  const mocks = (['log', 'error'] as const).map((name) =>
    mock.method(console, name, (text: string) => void lines[name].push(text)),
  );
  const hasFolder = args.includes('--folder') || args.includes('--help');
  try {
    const all = hasFolder ? args : [...args, '--folder', join(home, 'people')];
    const status = await runCommandLine([caCommands], ['ca', ...all]);
    return { status, output: lines.log.join('\n'), errors: lines.error.join('\n') };
  } finally {
    for (const one of mocks) one.mock.restore();
  }
};
const done = async (home: string, ...args: string[]): Promise<string> => {
  const { status, output, errors } = await ca(home, ...args);
  assert.equal(status, 0, errors);
  return output;
};

describe('belfry ca for people', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'belfry-ca-'));
  });

  it('says what is wrong and what helps, status 1', async () => {
    const none = await ca(home, 'enroll');
    assert.equal(none.status, 1);
    assert.match(none.errors, /people \[people\.none\]\n {2}What to do: belfry ca init/);
    const broken = join(home, 'broken.json');
    writeFileSync(broken, '{\n  "scale": office\n}');
    const scale = await ca(home, 'init', '--scale', broken);
    assert.equal(scale.status, 1);
    assert.match(scale.errors, /broken\.json cannot be used: line 2: a value should stand here/);
    await done(home, 'init');
    for (const [args, expected] of [
      [['init'], /\[people\.exists\]/],
      [['sign', join(home, 'nothing.json')], /nothing\.json cannot be read.*\[people\.input\]/],
      [['sign', broken], /\[json\.malformed\]/],
      [['revoke', 'nobody'], /\[people\.unknown\]/],
      [['clear', 'nobody', '--level', 'secret'], /\[people\.unknown\][\s\S]*belfry ca enroll/],
    ] as const) {
      const { status, errors } = await ca(home, ...args);
      assert.equal(status, 1, args.join(' '));
      assert.match(errors, expected);
    }
    await done(home, 'enroll', '--person', 'alice');
    const level = await ca(home, 'clear', 'alice', '--level', 'geheim');
    assert.match(level.errors, /\[label\.unknown-level\][\s\S]*restricted, confidential, secret, top-secret/);
  });

  it('takes no wrong command line: status 2, and nothing is made', async () => {
    for (const args of [
      ['init', 'extra'],
      ['enroll', '--person', 'two words'],
      ['enroll', '--person'],
      ['sign'],
      ['sign', 'one.json', 'two.json'],
      ['revoke'],
      ['revoke', 'alice', '--renew'],
      ['clear', 'alice'],
      ['clear', '--level', 'secret'],
      ['root', '--folder', home],
      ['init', '--group', 'north'],
    ]) {
      const { status, errors } = await ca(home, ...args);
      assert.equal(status, 2, args.join(' '));
      assert.match(errors, /belfry ca .*--help/, args.join(' '));
    }
    assert.ok(!existsSync(join(home, 'people')));
  });

  it('explains each of its commands', async () => {
    const help = await done(home, '--help');
    for (const name of ['root', 'init', 'enroll', 'sign', 'revoke', 'clear']) {
      assert.match(help, new RegExp(`^  ${name} `, 'm'));
      assert.match(await done(home, name, '--help'), new RegExp(`^Usage: belfry ca ${name} `));
    }
  });
});
