import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { SetupFault } from '../../../scripts/lib/fault.mjs';
import { buildPage, hashInputs, pageBuilt } from '../../../scripts/lib/web.mjs';
import { PROJECT_DIR } from '../../support/source-tree.ts';

describe('the step that builds the page', () => {
  const project = mkdtempSync(join(tmpdir(), 'belfry-web-'));
  const write = (path: string, text: string): void => writeFileSync(join(project, path), text);
  const built = (name: string): string => readFileSync(join(project, 'web/dist', name), 'utf8');

  before(() => {
    mkdirSync(join(project, 'web/views'), { recursive: true });
    mkdirSync(join(project, 'src/base'), { recursive: true });
    write('web/index.html', '<!doctype html><title>one</title>');
    write('web/vite.config.ts', 'export default { root: import.meta.dirname };');
    symlinkSync(join(PROJECT_DIR, 'node_modules'), join(project, 'node_modules'));
  });
  after(() => rmSync(project, { recursive: true }));

  it('builds where nothing was built, and is done then', async () => {
    assert.equal(pageBuilt(project), false);
    await buildPage(project, process.execPath);
    assert.equal(pageBuilt(project), true);
    assert.match(built('index.html'), /one/);
  });

  it('is not done any more once a file of web/ or src/ changed, came or went', () => {
    const before = hashInputs(project);
    write('web/views/new.ts', 'export {};');
    assert.equal(pageBuilt(project), false);
    rmSync(join(project, 'web/views/new.ts'));
    assert.equal(hashInputs(project), before);
    write('src/base/new.ts', 'export {};');
    assert.equal(pageBuilt(project), false);
    rmSync(join(project, 'src/base/new.ts'));
    assert.equal(pageBuilt(project), true);
  });

  it('replaces the old page by the new one', async () => {
    write('web/index.html', '<!doctype html><title>two</title>');
    await buildPage(project, process.execPath);
    assert.match(built('index.html'), /two/);
  });

  it('says what the build said where it fails, and keeps the old page', async () => {
    write('web/index.html', '<!doctype html><script type="module" src="./missing.ts"></script>');
    await assert.rejects(
      buildPage(project, process.execPath),
      (fault) => fault instanceof SetupFault && /missing\.ts/.test(fault.report()),
    );
    assert.match(built('index.html'), /two/);
    assert.equal(pageBuilt(project), false);
  });
});
