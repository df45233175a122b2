import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TURN_CREDENTIAL_VALID_MS, turnMinter } from '../../../src/signaling/turn.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const URLS = ['turn:10.0.0.5:3478?transport=udp'];
const minterOf = (clock: FakeClock, secret = 'north') => {
  let made = 0;
  const randomBytes = (size: number) => new Uint8Array(size).fill(++made);
  return turnMinter({ urls: URLS, secret }, { clock, randomBytes });
};

test('a credential is what coturn computes: HMAC-SHA1 of a user name that begins with its end', () => {
  const clock = new FakeClock();
  const [server] = minterOf(clock)();
  const ends = Math.floor((clock.unixMs() + TURN_CREDENTIAL_VALID_MS) / 1_000);
  assert.deepEqual(server?.urls, URLS);
  assert.equal(server?.username, `${ends}:AQEBAQEBAQEB`);
  // printf NAME | openssl dgst -sha1 -hmac north -binary | base64
  assert.equal(server?.credential, 'DxlsAejjmTmW82ZdmpmQqlzD4mo=');
});

test('each is new, and follows the clock and the secret', () => {
  const clock = new FakeClock();
  const mint = minterOf(clock);
  const [first] = mint();
  const [second] = mint();
  clock.advance(5_000);
  const [later] = mint();
  const [other] = minterOf(clock, 'south')();
  const names = [first, second, later].map((server) => server?.username);
  assert.equal(new Set(names).size, 3);
  assert.equal(Number(later?.username.split(':')[0]) - Number(first?.username.split(':')[0]), 5);
  assert.notEqual(other?.credential, first?.credential);
});
