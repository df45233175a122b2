import { createHash } from 'node:crypto';

const hash = (algorithm: string, data: Uint8Array) => {
  const bytes = createHash(algorithm).update(data).digest();
  return new Uint8Array(bytes).buffer;
};

/**
 * Signatures that cost nothing, for runs that make hundreds of thousands: they bind the text and not the key, whose name a
 * statement says beside. Answers settle without leaving the event loop's turn. Ends with the function that it returns.
 */
export const cheapenCrypto = (): (() => void) => {
  const key = { type: 'public' } as CryptoKey;
  const cheap = {
    digest: async (_: unknown, data: Uint8Array) => hash('sha256', data),
    importKey: async () => key,
    sign: async (_: unknown, __: unknown, data: Uint8Array) => hash('sha512', data),
    verify: async (_: unknown, __: unknown, signature: Uint8Array, data: Uint8Array) =>
      Buffer.from(signature).equals(Buffer.from(hash('sha512', data))),
  };
  // Beside those of the prototype, which come to light again when these are gone.
  for (const [name, value] of Object.entries(cheap))
    Object.defineProperty(crypto.subtle, name, { value, configurable: true });
  return () => {
    for (const name of Object.keys(cheap)) Reflect.deleteProperty(crypto.subtle, name);
  };
};
