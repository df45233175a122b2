import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { checkGivenWorker, parseVersionLine } from '../../../native/build.mjs';
import { hashInputs, workerVersion } from '../../../native/inputs.mjs';
import { linesToSource, stanzasToSource } from '../../../native/srtp.mjs';
import { PROJECT_DIR } from '../../../scripts/lib/paths.mjs';

describe('parseVersionLine', () => {
  it('reads the line, and nothing else', () => {
    const said = { version: '3.27.1', inputs: '0123456789ab', srtp: 'openssl' };
    assert.deepEqual(parseVersionLine('mediasoup-worker 3.27.1 inputs 0123456789ab srtp openssl\n'), said);
    for (const line of ['', 'mediasoup-worker 3.27.1', 'x mediasoup-worker 1 inputs 2 srtp 3']) {
      assert.equal(parseVersionLine(line), null);
    }
  });
});

describe('checkGivenWorker', () => {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-given-'));
  after(() => rmSync(folder, { recursive: true }));

  function script(name: string, body: string): string {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  it('accepts the version of the npm package', () => {
    const line = `mediasoup-worker ${workerVersion(PROJECT_DIR)} inputs 0 srtp nss`;
    const path = script('right', `echo ${line}`);
    assert.equal(checkGivenWorker(path), path);
  });

  it('refuses another version, and names both', () => {
    const path = script('other', 'echo mediasoup-worker 3.19.3 inputs 0 srtp nss');
    assert.throws(() => checkGivenWorker(path), /does not match/);
  });

  it('refuses a binary that does not say its version, as mediasoup’s own', () => {
    const path = script('foreign', 'echo "you don\'t seem to be my real father!" >&2; exit 41');
    assert.throws(() => checkGivenWorker(path), /not a media worker of Belfry/);
  });

  it('refuses what is not there', () => {
    assert.throws(() => checkGivenWorker(join(folder, 'nothing')), /does not exist/);
  });
});

describe('hashInputs', () => {
  const packages = new Map([['libssl-dev', '3.0.22']]);

  it('is the same for the same inputs, whatever their order', () => {
    const two = [...packages, ['cmake', '3.25'] as const];
    assert.equal(
      hashInputs(PROJECT_DIR, new Map(two), 'openssl'),
      hashInputs(PROJECT_DIR, new Map(two.toReversed()), 'openssl'),
    );
  });

  it('changes with a library’s version and with the SRTP library', () => {
    const hash = hashInputs(PROJECT_DIR, packages, 'openssl');
    assert.match(hash, /^[0-9a-f]{12}$/);
    assert.notEqual(hash, hashInputs(PROJECT_DIR, new Map([['libssl-dev', '3.0.23']]), 'openssl'));
    assert.notEqual(hash, hashInputs(PROJECT_DIR, packages, 'nss'));
  });
});

describe('asking apt’s own sources for source packages', () => {
  it('keeps a stanza’s places and keys', () => {
    const text =
      'Types: deb\nURIs: mirror:/etc/mirrors\nSuites: bookworm\nComponents: main\nSigned-By: /k.gpg\n';
    assert.equal(stanzasToSource(text), text.replace('Types: deb', 'Types: deb-src'));
    assert.equal(stanzasToSource('Types: deb deb-src\n'), 'Types: deb-src\n');
  });

  it('keeps a line’s places and options, and drops comments', () => {
    const text =
      '# deb old\ndeb [signed-by=/k.gpg] mirror:/m bookworm main\ndeb-src mirror:/m bookworm main\n';
    assert.equal(linesToSource(text), 'deb-src [signed-by=/k.gpg] mirror:/m bookworm main\n');
  });
});
