import assert from 'node:assert/strict';
import { test } from 'node:test';
import { otherKeysOf } from '../../../src/app/people/register.ts';
import { asId } from '../../../src/base/ids.ts';
import type { PersonId } from '../../../src/trust/devices/ids.ts';
import type { KeyId } from '../../../src/trust/statement/statement.ts';

const NOW = 1_000;
const ONE = asId<PersonId>('one');

test('a person’s devices in use hear of a new one: none that was revoked or has expired, and nobody else', () => {
  const device = (keyId: string, change: object = {}) => ({
    ...{ person: ONE, device: keyId, keyId, untilUnixMs: NOW + 1, isRevoked: false },
    ...change,
  });
  const register = {
    devices: [
      device('new'),
      device('used'),
      device('revoked', { isRevoked: true }),
      device('expired', { untilUnixMs: NOW }),
      device('foreign', { person: 'two' }),
    ],
  } as unknown as Parameters<typeof otherKeysOf>[0];
  assert.deepEqual(otherKeysOf(register, ONE, { keyId: asId<KeyId>('new'), nowUnixMs: NOW }), ['used']);
});
