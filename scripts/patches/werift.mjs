/**
 * Node imports a key that it is given as bytes anew for each packet, which costs several times what sealing one does. As a KeyObject
 * it is imported once, when the session's keys are derived; and to make one for a single use costs less than that import.
 */
const keysImportedOnce = {
  package: 'werift',
  version: '0.25.2',
  file: 'lib/index.mjs',
  replacements: [
    {
      from: 'import { createCipheriv as createCipheriv4, createHmac as createHmac3 } from "crypto";',
      to: 'import { createCipheriv as createCipheriv4, createHmac as createHmac3, createSecretKey } from "crypto";',
    },
    {
      from: 'this.srtpSessionKey = srtpSessionKey;',
      to: 'this.srtpSessionKey = createSecretKey(srtpSessionKey);',
    },
    {
      from: 'this.srtcpSessionKey = srtcpSessionKey;',
      to: 'this.srtcpSessionKey = createSecretKey(srtcpSessionKey);',
    },
    {
      from: 'const cipher = createCipheriv4("aes-128-ecb", key, null);',
      to: 'const cipher = createCipheriv4("aes-128-ecb", createSecretKey(key), null);',
    },
    {
      from: 'const hash2 = createHmac(algorithm, secret);',
      to: 'const hash2 = createHmac(algorithm, createSecretKey(secret));',
    },
  ],
};

export const weriftPatches = [keysImportedOnce];
