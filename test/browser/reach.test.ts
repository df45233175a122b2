import assert from 'node:assert/strict';
import { randomBytes as nodeRandomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { permittedFor } from '../../src/trust/hosts/permitted.ts';
import { createAuthority, issueHostCertificate } from '../../src/trust/signing/authority.ts';
import { meetOverLan, openPage } from '../support/lan-meeting.ts';
import { NO_NETWORKS } from '../support/network-namespaces.ts';
import { launchTrusting, NO_TRUSTING_CHROMIUM } from '../support/trusting-chromium.ts';
import { connectHosts } from '../support/two-hosts.ts';

const LIMITS = { skip: NO_TRUSTING_CHROMIUM, timeout: 180_000 };
const FIRST_FRAMES = 3;

const NETWORKS = [
  { name: 'b4', relay: ['10.79.0.1/24'], client: ['10.79.0.2/24'] },
  { name: 'b6', relay: ['fd79::1/64'], client: ['fd79::2/64'] },
];

for (const { name, relay, client } of NETWORKS)
  test(`browsers on another machine open the printed link and meet, ${name}`, LIMITS, async (t) => {
    const hosts = connectHosts(name, { relay, client });
    if (hosts === undefined) return t.skip(NO_NETWORKS);
    await meetOverLan(hosts, FIRST_FRAMES, (ada) => ada.getByText('2 people verified').waitFor());
  });

/** What a browser says of an HTTPS server on 127.0.0.1 whose authority was made for `permittedAddress` alone. */
const opens = async (permittedAddress: string, isTrusted: boolean): Promise<string> => {
  const at = { nowUnixMs: Date.now(), randomBytes: (size: number) => new Uint8Array(nodeRandomBytes(size)) };
  const base = permittedFor({ addresses: [], names: [] });
  const authority = await createAuthority({ ...base, ranges: [`${permittedAddress}/32`] }, at);
  const { certificate, key } = await issueHostCertificate(
    authority,
    { addresses: ['127.0.0.1'], names: [] },
    at,
  );
  const server = createServer({ cert: certificate, key }, (_, response) => response.end('opened'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const browser = await launchTrusting({ root: isTrusted ? authority.certificate : undefined });
  try {
    const { port } = server.address() as AddressInfo;
    const page = await openPage(browser, `https://127.0.0.1:${port}/`);
    return (await page.textContent('body')) ?? '';
  } catch (error) {
    return String(error);
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
};

test('a browser opens what its root may vouch for, and nothing else', LIMITS, async () => {
  assert.equal(await opens('127.0.0.1', true), 'opened');
  assert.match(await opens('127.0.0.1', false), /ERR_CERT_AUTHORITY_INVALID/);
  assert.match(
    await opens('127.0.0.2', true),
    /ERR_CERT_INVALID|ERR_CERT_AUTHORITY_INVALID|ERR_CERT_NAME_CONSTRAINT/,
  );
});
