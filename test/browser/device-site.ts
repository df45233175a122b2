import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { builtPage } from './built-page.ts';
import { launchChromium } from './chromium.ts';

/** The page of test/browser/device, built, served, and open in a browser of its own. */
export interface DeviceSite {
  readonly page: Page;
  close(): Promise<void>;
}

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
  const { folder, remove } = await builtPage('device');
  const server = await serve(folder);
  const browser = await launchChromium();
  const { port } = server.address() as AddressInfo;
  const { page } = await browser.openPage(`http://127.0.0.1:${port}/`);
  return {
    page,
    async close() {
      await browser.close();
      server.close();
      remove();
    },
  };
};
