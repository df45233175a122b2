import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { PROJECT_DIR } from '../support/source-tree.ts';
import { launchChromium } from './chromium.ts';

/** The page of test/browser/device, built, served, and open in a browser of its own. */
export interface DeviceSite {
  readonly page: Page;
  close(): Promise<void>;
}

const buildInto = (outDir: string) =>
  build({
    configFile: false,
    logLevel: 'error',
    root: join(PROJECT_DIR, 'test/browser/device'),
    worker: { format: 'es' },
    build: { outDir, emptyOutDir: true, target: 'esnext', minify: false },
  });

const serve = async (folder: string): Promise<Server> => {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page');
    const name = pathname === '/' ? 'index.html' : pathname.slice(1);
    response.setHeader('content-type', name.endsWith('.js') ? 'text/javascript' : 'text/html');
    response.end(readFileSync(join(folder, name)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

export const openDeviceSite = async (): Promise<DeviceSite> => {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-device-'));
  await buildInto(folder);
  const server = await serve(folder);
  const browser = await launchChromium();
  const { port } = server.address() as AddressInfo;
  const { page } = await browser.openPage(`http://127.0.0.1:${port}/`);
  return {
    page,
    async close() {
      await browser.close();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
