import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { readPages, servePage } from '../../../../src/signaling/http/pages.ts';

const folder = mkdtempSync(join(tmpdir(), 'belfry-pages-'));
const root = join(folder, 'dist');

const build = (): void => {
  mkdirSync(join(root, 'assets'), { recursive: true });
  writeFileSync(join(root, 'index.html'), '<!doctype html>page');
  writeFileSync(join(root, 'assets', 'index-AbCd_123.js'), 'script');
  writeFileSync(join(root, 'assets', 'plain.css'), 'style');
  writeFileSync(join(root, '.inputs'), 'hidden');
  writeFileSync(join(root, 'notes.txt'), 'of another type');
  writeFileSync(join(folder, 'secret.html'), 'outside');
  symlinkSync(join(folder, 'secret.html'), join(root, 'link.html'));
};

describe('the page over HTTP', () => {
  let port: number;
  const server = createServer((incoming, response) => {
    const pages = readPages(root);
    if (pages === undefined || !servePage(pages, incoming.url ?? '', incoming, response))
      response.writeHead(404).end('nothing');
  });

  before(async () => {
    build();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  /** The path as it is: no client's tidying stands between it and the server. */
  const ask = async (path: string, method = 'GET') => {
    const asked = request({ port, host: '127.0.0.1', path, method, agent: false }).end();
    const [response] = await once(asked, 'response');
    return { status: response.statusCode, headers: response.headers, body: await text(response) };
  };

  it('gives out the page at / and its files at their paths', async () => {
    const page = await ask('/');
    assert.equal(page.status, 200);
    assert.equal(page.body, '<!doctype html>page');
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
    assert.equal((await ask('/index.html')).body, page.body);
    const script = await ask('/assets/index-AbCd_123.js');
    assert.equal(script.body, 'script');
    assert.equal(script.headers['content-type'], 'text/javascript; charset=utf-8');
  });

  it('answers HEAD with the same head and no body', async () => {
    const { status, headers, body } = await ask('/', 'HEAD');
    assert.deepEqual([status, headers['content-length'], body], [200, '19', '']);
  });

  it('knows no other method', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      assert.equal((await ask('/', method)).status, 404);
  });

  it('lets what has a hash in its name be kept, and nothing else', async () => {
    assert.match((await ask('/assets/index-AbCd_123.js')).headers['cache-control'] ?? '', /immutable/);
    for (const path of ['/', '/assets/plain.css'])
      assert.equal((await ask(path)).headers['cache-control'], 'no-store');
  });

  it('sends the policy with every file', async () => {
    for (const path of ['/', '/assets/index-AbCd_123.js']) {
      const { headers } = await ask(path);
      const policy = headers['content-security-policy'] ?? '';
      assert.match(policy, /^default-src 'none'; script-src 'self';/);
      assert.doesNotMatch(policy, /unsafe|\*|http/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['referrer-policy'], 'no-referrer');
      assert.match(
        headers['permissions-policy'] ?? '',
        /camera=\(self\), microphone=\(self\), display-capture=\(self\)/,
      );
      assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
    }
  });

  it('gives out nothing that is not a file of the page', async () => {
    const outside = [
      '/../secret.html',
      '/..%2fsecret.html',
      '/assets/../../secret.html',
      '//index.html',
      '/assets',
      '/assets/',
      '/.inputs',
      '/notes.txt',
      '/link.html',
      '/INDEX.HTML',
      '/index.html%00',
      '/__proto__',
    ];
    for (const path of outside) assert.equal((await ask(path)).status, 404, path);
  });
});

describe('readPages', () => {
  it('finds no page in a folder without one, or where there is no folder', () => {
    const empty = mkdtempSync(join(tmpdir(), 'belfry-pages-'));
    assert.equal(readPages(empty), undefined);
    assert.equal(readPages(join(empty, 'nowhere')), undefined);
    rmSync(empty, { recursive: true });
  });

  it('refuses to take more into memory than a page', () => {
    const large = mkdtempSync(join(tmpdir(), 'belfry-pages-'));
    writeFileSync(join(large, 'index.html'), Buffer.alloc(9 * 1024 * 1024));
    assert.throws(() => readPages(large), { code: 'pages.too-large' });
    writeFileSync(join(large, 'index.html'), '');
    for (let i = 0; i < 64; i++) writeFileSync(join(large, `${i}.js`), '');
    assert.throws(() => readPages(large), { code: 'pages.too-large' });
    rmSync(large, { recursive: true });
  });
});
