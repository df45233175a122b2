import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findCycle, parseSource, readSources, type SourceFile } from './support/source-tree.ts';

/** Who may import whom: by part, the starts of allowed paths. A part may always import itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/base/': [],
  'src/framing/': ['src/base/'],
  'src/trust/': ['src/base/'],
  'src/e2ee/': ['src/base/', 'src/framing/', 'src/trust/'],
  'src/signaling/': ['src/base/', 'src/trust/'],
  'src/sfu/': ['src/base/', 'src/framing/'],
  'src/metrics/': ['src/base/'],
  'src/config/': ['src/base/'],
  'src/client/': ['src/base/', 'src/framing/', 'src/trust/', 'src/signaling/protocol/', 'src/e2ee/'],
  'src/app/': ['src/base/', 'src/config/', 'src/metrics/', 'src/sfu/', 'src/signaling/', 'src/trust/'],
  'web/': ['src/base/', 'src/client/'],
  'bin/': ['src/base/', 'src/app/', 'src/trust/', 'src/config/'],
};

/** A package that is in this table is used by the parts beside it and by nobody else; others are free for all of src. */
const PACKAGE_USERS: Readonly<Record<string, readonly string[]>> = {
  mediasoup: ['src/sfu/engine/mediasoup/'],
  werift: ['src/client/werift/'],
  'mediasoup-client': ['src/client/browser/'],
  'ts-mls': ['src/e2ee/mls/'],
  '@noble/ciphers': ['src/e2ee/'],
  '@noble/hashes': ['src/e2ee/'],
  ws: ['src/signaling/ws/'],
  'prom-client': ['src/metrics/'],
  pino: ['src/app/'],
  '@peculiar/x509': ['src/trust/signing/'],
  'reflect-metadata': ['src/trust/signing/'],
  zod: [
    'src/trust/',
    'src/app/people/',
    'src/config/',
    'src/signaling/protocol/',
    'src/client/',
    'web/no-eval.ts',
  ],
  preact: ['web/'],
  // The other is a lock, and keeps nothing.
  'node:sqlite': ['src/signaling/store/', 'src/app/people/lock.ts'],
};

/** Time and randomness are arguments there, nothing waits, nothing logs. */
const PURE = [
  'src/framing/',
  'src/trust/',
  'src/sfu/policy/',
  'src/sfu/capacity/',
  'src/sfu/room/step/',
  'src/signaling/meeting/',
  'src/signaling/delivery/',
  'src/client/store/',
];
/** Signatures come from the platform's asynchronous cryptography, dates in certificates from an argument. */
const SIGNING = 'src/trust/signing/';
const OF_SIGNING = new Set(['async', 'await', 'Promise', 'crypto', 'Date']);
const IMPURE_BASE = ['src/base/logger.ts', 'src/base/platform.ts'];
const IMPURE =
  /\bDate\b|Math\.random|\bset(?:Timeout|Interval|Immediate)\b|\bperformance\b|\basync\b|\bawait\b|\bPromise\b|\bprocess\b|\bconsole\b|\bcrypto\b/g;

/** What only a browser has. Everything else runs in Node as well, and is tested there. */
const DOM_USERS = ['src/client/browser/', 'src/client/page/', 'src/e2ee/transform/', 'web/'];
const DOM =
  /\bdocument\b\.|\bnavigator\b|\bRTC(?:PeerConnection|Rtp\w+|Encoded\w+|Configuration)\b|\bMediaStream\w*|\bHTML\w*Element\b/;

const sources = readSources(
  'src/**/*.ts',
  'bin/**/*.ts',
  'web/{main,join,no-eval}.{ts,tsx}',
  'web/{texts,views}/*.{ts,tsx}',
);
const everything = readSources(
  '{src,bin,bench,test}/**/*.ts',
  'web/{main,join,no-eval}.{ts,tsx}',
  'web/{texts,views}/*.{ts,tsx}',
  '{scripts,native}/**/*.mjs',
);
const isProjectPath = (path: string): boolean => /^(src|bin|bench|test|scripts|native|web)\//.test(path);
const isUnder = (path: string, prefixes: readonly string[]): boolean =>
  prefixes.some((prefix) => path.startsWith(prefix));

const partOf = (path: string): string | undefined =>
  Object.keys(MAY_IMPORT).find((part) => path.startsWith(part));

const forbiddenImports = (file: SourceFile): string[] => {
  const part = partOf(file.path);
  if (part === undefined) return [`${file.path} belongs to no part`];
  const allowed = [part, ...(MAY_IMPORT[part] ?? [])];
  return file.imports
    .filter((path) => isProjectPath(path) && !isUnder(path, allowed))
    .map((path) => `${file.path} imports ${path}`);
};

const forbiddenPackages = (file: SourceFile): string[] =>
  file.imports
    .filter((name) => PACKAGE_USERS[name] !== undefined && !isUnder(file.path, PACKAGE_USERS[name]))
    .map((name) => `${file.path} uses ${name}`);

const impurities = (file: SourceFile): string[] => {
  if (!isUnder(file.path, PURE)) return [];
  const found = [...file.code.matchAll(IMPURE)]
    .map(([word]) => word)
    .find((word) => !(file.path.startsWith(SIGNING) && OF_SIGNING.has(word)));
  const builtIn = file.imports.find((name) => name.startsWith('node:') || IMPURE_BASE.includes(name));
  return [found, builtIn].filter((what) => what !== undefined).map((what) => `${file.path}: ${what}`);
};

const domUses = ({ path, code }: SourceFile): string[] => {
  const found = isUnder(path, DOM_USERS) ? undefined : DOM.exec(code)?.[0];
  return found === undefined ? [] : [`${path}: ${found}`];
};

test('parts import only whom they may', () => {
  assert.deepEqual(sources.flatMap(forbiddenImports), []);
});

test('each package has its one place', () => {
  assert.deepEqual(sources.flatMap(forbiddenPackages), []);
});

test('what only a browser has is used in its few places', () => {
  assert.deepEqual(sources.flatMap(domUses), []);
});

test('base imports nothing, not even node', () => {
  const outside = sources
    .filter(({ path }) => path.startsWith('src/base/'))
    .flatMap(({ path, imports }) =>
      imports.filter((name) => !name.startsWith('src/base/')).map((name) => `${path} ${name}`),
    );
  assert.deepEqual(outside, []);
});

test('the real clock is taken where a program begins, and handed on', () => {
  const takers = sources
    .filter(({ imports }) => imports.includes('src/base/platform.ts'))
    .map(({ path }) => path);
  const beginnings = /^src\/app\/|^src\/client\/\w+\/main\.ts$|^web\//;
  assert.deepEqual(
    takers.filter((path) => !beginnings.test(path)),
    [],
  );
});

test('pure folders have no clock, no randomness, no waiting', () => {
  assert.deepEqual(sources.flatMap(impurities), []);
});

test('there is no import cycle, type imports included', () => {
  assert.equal(findCycle(everything), undefined);
});

test('no module keeps state: app wires everything', () => {
  const kept = sources.filter(({ code }) => /^(?:export )?(?:let|var)\s/m.test(code)).map(({ path }) => path);
  assert.deepEqual(kept, []);
});

/** Everything that the files of `from` import, and what that imports. */
const reachedFrom = (from: readonly string[]): string[] => {
  const byPath = new Map(sources.map((file) => [file.path, file]));
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const next of byPath.get(path)?.imports ?? []) if (byPath.has(next)) visit(next);
  };
  for (const path of from) visit(path);
  return [...reached];
};

test('the server is keyless: nothing that app reaches can hold a meeting key', () => {
  const app = sources.map(({ path }) => path).filter((path) => path.startsWith('src/app/'));
  assert.deepEqual(
    reachedFrom(app).filter((path) => isUnder(path, ['src/e2ee/', 'src/client/'])),
    [],
  );
});

test('the relay admits nobody: nothing that it runs can issue to people', () => {
  const issuing = ['src/app/people/', 'src/trust/signing/people-authority.ts'];
  const relay = reachedFrom(['src/app/start.ts']);
  assert.ok(relay.includes('src/signaling/hub.ts'), 'the relay is what was looked at');
  assert.deepEqual(
    relay.filter((path) => isUnder(path, issuing)),
    [],
  );
  const authority = reachedFrom(['bin/commands/ca/people.ts']);
  assert.ok(issuing.every((path) => authority.some((one) => one.startsWith(path))));
});

test('a port has at most ten methods', () => {
  const tooMany = sources
    .filter(({ path }) => /\/ports?\.ts$/.test(path))
    .flatMap(({ path, code }) =>
      [...code.matchAll(/export interface (\w+)[^{]*\{([\s\S]*?)\n\}/g)]
        .filter((match) => (match[2]?.match(/^ {2}\w+(?:<[^>]*>)?\(/gm)?.length ?? 0) > 10)
        .map((match) => `${path} ${match[1]}`),
    );
  assert.deepEqual(tooMany, []);
});

test('the rules see what they forbid', () => {
  const bad = parseSource(
    'src/sfu/policy/bad.ts',
    "import type { X } from '../../e2ee/keys.ts';\nimport ws from 'ws';\nexport const now = () => Date.now();\n",
  );
  assert.deepEqual(forbiddenImports(bad), ['src/sfu/policy/bad.ts imports src/e2ee/keys.ts']);
  assert.deepEqual(forbiddenPackages(bad), ['src/sfu/policy/bad.ts uses ws']);
  assert.deepEqual(impurities(bad), ['src/sfu/policy/bad.ts: Date']);
  const deep = parseSource('src/client/deep.ts', "import { encode } from 'ts-mls/codec/tlsEncoder.js';");
  assert.deepEqual(forbiddenPackages(deep), ['src/client/deep.ts uses ts-mls']);
  const dom = parseSource('src/client/bad.ts', 'export const pc = new RTCPeerConnection();');
  assert.deepEqual(domUses(dom), ['src/client/bad.ts: RTCPeerConnection']);
  const a = parseSource('src/a.ts', "export type { B } from './b.ts';");
  const b = parseSource('src/b.ts', "import type { A } from './a.ts';");
  assert.deepEqual(findCycle([a, b]), ['src/a.ts', 'src/b.ts', 'src/a.ts']);
  const quiet = parseSource('src/framing/ok.ts', "// Date\n/* async */ export const text = 'Math.random';");
  assert.deepEqual(impurities(quiet), []);
});
