import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { fetchList, MAX_LIST_BYTES } from '../../../../src/client/people/fetch-list.ts';

describe('fetching the list', () => {
  let server: Server;
  let url: string;
  let answer: RequestListener;

  before(async () => {
    server = createServer((request, response) => {
      response.setHeader('connection', 'close');
      answer(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/revocation`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const signal = new AbortController().signal;

  it('gives the bytes as they came', async () => {
    answer = (request, response) => response.end(`of ${request.url}`);
    assert.equal(new TextDecoder().decode(await fetchList(url, signal)), 'of /v1/revocation');
  });

  it('takes no other answer than the list itself', async () => {
    answer = (_, response) => response.writeHead(404).end('none');
    await assert.rejects(fetchList(url, signal), { code: 'list.unreachable' });
    answer = (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    await assert.rejects(fetchList(url, signal), TypeError);
  });

  it('reads no more than a list can have', async () => {
    answer = (_, response) => response.end(Buffer.alloc(MAX_LIST_BYTES + 1));
    await assert.rejects(fetchList(url, signal), { code: 'list.too-large' });
    answer = (_, response) => response.end(Buffer.alloc(MAX_LIST_BYTES));
    assert.equal((await fetchList(url, signal)).length, MAX_LIST_BYTES);
  });

  it('ends when it is told to', async () => {
    const aborting = new AbortController();
    answer = (_, response) => {
      response.write('{');
      aborting.abort();
    };
    await assert.rejects(fetchList(url, aborting.signal), { name: 'AbortError' });
  });
});
