import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isLoopback } from '../../../../src/signaling/http/loopback.ts';
import { judgeUpgrade } from '../../../../src/signaling/http/upgrade-guard.ts';

const GOOD = {
  path: '/v1/meet',
  secure: false,
  host: '127.0.0.1:8470',
  origin: undefined,
  subprotocols: 'belfry.v1',
};

describe('upgrade guard', () => {
  it('takes programs, and pages of its own origin', () => {
    assert.equal(judgeUpgrade(GOOD), undefined);
    assert.equal(judgeUpgrade({ ...GOOD, origin: 'http://127.0.0.1:8470' }), undefined);
    assert.equal(judgeUpgrade({ ...GOOD, host: 'LOCALHOST:1', origin: 'http://localhost:1' }), undefined);
    assert.equal(judgeUpgrade({ ...GOOD, subprotocols: 'x, belfry.v1 ,y' }), undefined);
  });

  it('refuses pages of other origins', () => {
    for (const origin of ['http://127.0.0.1:8471', 'http://127.0.0.1', 'http://evil.example', 'null', ''])
      assert.equal(judgeUpgrade({ ...GOOD, origin }), 'http.origin', origin);
    assert.equal(judgeUpgrade({ ...GOOD, origin: 'http://x', host: undefined }), 'http.origin');
  });

  it('takes by TLS only pages that came by TLS', () => {
    const secure = { ...GOOD, secure: true, host: 'relay.local' };
    assert.equal(judgeUpgrade({ ...secure, origin: 'https://relay.local' }), undefined);
    assert.equal(judgeUpgrade({ ...secure, origin: 'http://relay.local' }), 'http.origin');
    assert.equal(
      judgeUpgrade({ ...secure, host: '[fd00::2]:8470', origin: 'https://[fd00::2]:8470' }),
      undefined,
    );
  });

  it('refuses other paths and subprotocols', () => {
    for (const path of ['/', '/v1/meet/', '/V1/MEET', '/v1'])
      assert.equal(judgeUpgrade({ ...GOOD, path }), 'http.not-found');
    for (const subprotocols of [undefined, '', 'belfry.v2', 'belfry.v1x'])
      assert.equal(judgeUpgrade({ ...GOOD, subprotocols }), 'http.subprotocol');
  });
});

describe('isLoopback', () => {
  it('knows literals only', () => {
    const yes = ['127.0.0.1', '127.1.2.3', '::1', '0:0:0:0:0:0:0:1'];
    const no = [
      'localhost',
      '0.0.0.0',
      '::',
      '10.0.0.1',
      '127.0.0.1.example',
      '::ffff:127.0.0.1',
      'fe80::1%lo',
      '',
      '128.0.0.1',
    ];
    assert.deepEqual(
      yes.map(isLoopback),
      yes.map(() => true),
    );
    assert.deepEqual(
      no.map(isLoopback),
      no.map(() => false),
    );
  });
});
