import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { utf8 } from '../../../../src/base/bytes.ts';
import { type BlobPlace, fetchBlobs } from '../../../../src/client/group/fetch-blobs.ts';

const TOKEN = 't'.repeat(43);
const HASH = 'h'.repeat(43);

describe('blobs by fetch', () => {
  let server: Server;
  let place: BlobPlace;
  let answer: { status: number; body: string | Uint8Array; location?: string };
  const asked: { line: string; token: string | undefined; body: string }[] = [];

  const bodyOf = async (request: IncomingMessage): Promise<string> => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    return Buffer.concat(parts).toString();
  };

  before(async () => {
    server = createServer(async (request, response) => {
      const line = `${request.method} ${request.url}`;
      asked.push({ line, token: request.headers.authorization, body: await bodyOf(request) });
      response.writeHead(answer.status, answer.location === undefined ? {} : { location: answer.location });
      response.end(answer.body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    place = { url: `http://127.0.0.1:${port}/v1/meetings/m/blobs`, token: TOKEN };
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it('are put and asked for with the token, under their hash', async () => {
    answer = { status: 200, body: JSON.stringify({ hash: HASH }) };
    assert.equal(await fetchBlobs.put(place, utf8('some bytes')), HASH);
    answer = { status: 200, body: 'some bytes' };
    assert.deepEqual(await fetchBlobs.get(place, HASH, 10), utf8('some bytes'));
    assert.deepEqual(asked, [
      { line: 'PUT /v1/meetings/m/blobs', token: `Bearer ${TOKEN}`, body: 'some bytes' },
      { line: `GET /v1/meetings/m/blobs/${HASH}`, token: `Bearer ${TOKEN}`, body: '' },
    ]);
  });

  it('are not read beyond what was asked for, nor from another address', async () => {
    answer = { status: 200, body: 'some bytes' };
    await assert.rejects(fetchBlobs.get(place, HASH, 9), { code: 'group.blob-too-large' });
    answer = { status: 302, body: '', location: `${place.url}/other` };
    await assert.rejects(fetchBlobs.get(place, HASH, 9));
  });

  it('that the relay refuses or answers with nonsense are not there', async () => {
    answer = { status: 403, body: '{"code": "http.forbidden"}' };
    await assert.rejects(fetchBlobs.get(place, HASH, 10), { code: 'group.blob-refused' });
    await assert.rejects(fetchBlobs.put(place, utf8('x')), { code: 'group.blob-refused' });
    answer = { status: 200, body: '{}' };
    await assert.rejects(fetchBlobs.put(place, utf8('x')), { code: 'group.blob-refused' });
    answer = { status: 200, body: 'x'.repeat(10_000) };
    await assert.rejects(fetchBlobs.put(place, utf8('x')), { code: 'group.blob-too-large' });
  });
});
