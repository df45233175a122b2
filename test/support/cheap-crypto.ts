import { createHash } from 'node:crypto';
import { mock } from 'node:test';

/**
 * Signatures that cost nothing, for runs that make hundreds of thousands: they bind the text and not the key, whose name a
 * statement says beside. Answers settle without leaving the event loop's turn. Ends with the function that it returns.
 */
export const cheapenCrypto = (): (() => void) => {
  const digest = (algorithm: string, data: Uint8Array) =>
    new Uint8Array(createHash(algorithm).update(data).digest()).buffer;
  const { subtle } = crypto;
  const key = { type: 'public' } as CryptoKey;
  const mocks = [
    mock.method(subtle, 'digest', async (_: unknown, data: Uint8Array) => digest('sha256', data)),
    mock.method(subtle, 'importKey', async () => key),
    mock.method(subtle, 'sign', async (_: unknown, __: unknown, data: Uint8Array) => digest('sha512', data)),
    mock.method(subtle, 'verify', async (_: unknown, __: unknown, signature: Uint8Array, data: Uint8Array) =>
      Buffer.from(signature).equals(Buffer.from(digest('sha512', data))),
    ),
  ];
  return () => {
    for (const one of mocks) one.mock.restore();
  };
};
