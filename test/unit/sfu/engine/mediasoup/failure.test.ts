import assert from 'node:assert/strict';
import { it } from 'node:test';
import { errors } from 'mediasoup';
import { reasonOf, refusalOf } from '../../../../../src/sfu/engine/mediasoup/failure.ts';

it('what mediasoup throws becomes a refusal with the right code', () => {
  const code = (thrown: unknown) => {
    const outcome = refusalOf(thrown);
    return outcome.ok ? 'ok' : outcome.refusal.code;
  };
  assert.equal(code(new errors.WorkerClosedError('Channel closed')), 'media.unavailable');
  assert.equal(code(new errors.NotFoundError('no such Producer')), 'media.unknown');
  assert.equal(code(new TypeError('missing codecs')), 'media.refused');
  assert.equal(code('a string'), 'media.refused');
});

it('reasons lose what mediasoup names in them', () => {
  assert.equal(
    reasonOf("uv_udp_bind() failed [protocol:udp, ip:'192.0.2.1', port:4000]: address in use"),
    'uv_udp_bind() failed: address in use',
  );
  assert.equal(reasonOf('Producer with id "c0ffee" not found [method:x'), 'Producer with id … not found');
  assert.equal(reasonOf('x'.repeat(1_000)).length, 200);
});
