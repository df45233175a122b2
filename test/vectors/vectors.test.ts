import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseExact } from './json.ts';

const PROJECT = join(import.meta.dirname, '../..');
const SFRAME = join(PROJECT, '../shared/vectors/sframe.json');
const MLS = join(PROJECT, '../shared/vectors/mls-tree-validation.json');
const absent = (file: string) =>
  !existsSync(file) && `${file} is not here: vectors are not part of the project`;

const folder = mkdtempSync(join(tmpdir(), 'belfry-vectors-'));
after(() => rmSync(folder, { recursive: true }));

const runVectors = (...files: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(PROJECT, 'test/vectors/run.ts'), ...files],
    { encoding: 'utf8', cwd: PROJECT },
  );
  return { status, stderr, lines: stdout.trimEnd().split('\n') };
};

const written = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

test('the published SFrame vectors pass under every driver', { skip: absent(SFRAME) }, () => {
  const { status, lines } = runVectors(SFRAME);
  assert.deepEqual(lines, ['101 passed, 0 failed']);
  assert.equal(status, 0);
});

test('one wrong digit in a ciphertext fails its case, and says what was expected and got', {
  skip: absent(SFRAME),
}, () => {
  const text = readFileSync(SFRAME, 'utf8');
  const { status, lines } = runVectors(written('wrong.json', text.replace('6339af04', '6339af05')));
  assert.match(lines[0] ?? '', /aes_ctr_hmac\[0\]: node ct: expected 6339af05\w+, got 6339af04\w+$/);
  assert.deepEqual(lines.slice(1), ['100 passed, 1 failed']);
  assert.equal(status, 1);
});

test('a case of a wrong integer beyond 2^53 fails by its last digit', () => {
  const vector = '{"header": [{"kid": 0, "ctr": 18446744073709551614, "encoded": "0fffffffffffffffff"}]}';
  const { status, lines } = runVectors(written('uint64.json', vector));
  assert.match(lines[0] ?? '', /header\[0\]: encoded: expected 0f(ff){8}, got 0f(ff){7}fe$/);
  assert.equal(status, 1);
});

test('integers come exact, everything else as JSON.parse gives it', () => {
  assert.deepEqual(parseExact('[9007199254740993, 12, 1.5, "9007199254740993", 1e20]'), [
    9007199254740993n,
    12,
    1.5,
    '9007199254740993',
    1e20,
  ]);
});

test('an unknown suite is a failed case, not a crash', () => {
  const hex = '"00"';
  const fields = ['key', 'enc_key', 'auth_key', 'nonce', 'aad', 'pt', 'ct'].map(
    (name) => `"${name}": ${hex}`,
  );
  const { status, lines } = runVectors(
    written('suite.json', `{"aes_ctr_hmac": [{"cipher_suite": 9, ${fields.join(', ')}}]}`),
  );
  assert.match(lines[0] ?? '', /got an error: no cipher suite 9$/);
  assert.equal(status, 1);
});

const unusable: readonly (readonly [string, () => string[], RegExp])[] = [
  ['no file', () => [], /No vector file was named.*npm run vectors -- FILE/],
  ['an absent file', () => [join(folder, 'absent.json')], /absent\.json.*check the path/],
  ['no JSON', () => [written('text.json', 'hello')], /not JSON/],
  ['another format', () => [written('other.json', '{"packets": []}')], /no known vectors.*header/],
  ['an unknown list', () => [written('list.json', '{"header": [], "frames": []}')], /frames/],
  ['an empty file', () => [written('empty.json', '{"header": []}')], /holds no vector/],
  [
    'a value of the wrong form',
    () => [written('form.json', '{"header": [{"kid": -1, "ctr": 0, "encoded": "00"}]}')],
    /header\.0\.kid/,
  ],
];
for (const [what, files, message] of unusable) {
  test(`${what} ends with status 2 and says what to do`, () => {
    const { status, stderr, lines } = runVectors(...files());
    assert.match(stderr, message);
    assert.deepEqual(lines, ['']);
    assert.equal(status, 2);
  });
}

const MLS_CASES = {
  'passive-client-handling-commit': 13,
  'passive-client-welcome': 8,
  'tree-validation': 14,
};
for (const [kind, count] of Object.entries(MLS_CASES)) {
  const file = join(PROJECT, `../shared/vectors/mls-${kind}.json`);
  test(`the published MLS vectors of ${kind} pass under every driver`, { skip: absent(file) }, () => {
    const { status, lines } = runVectors(file);
    assert.deepEqual(lines, [`${count} passed, 0 failed`]);
    assert.equal(status, 0);
  });
}

test('one wrong digit in a hash fails its MLS case', { skip: absent(MLS) }, () => {
  const text = readFileSync(MLS, 'utf8');
  const { status, lines } = runVectors(written('mls.json', text.replace('6f9e6f49', '6f9e6f48')));
  assert.match(lines[0] ?? '', /tree\[0\]: node tree_hashes\[0\]: expected 6f9e6f48\w+, got 6f9e6f49\w+$/);
  assert.deepEqual(lines.slice(1), ['13 passed, 1 failed']);
  assert.equal(status, 1);
});
