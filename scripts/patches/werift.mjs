/**
 * Node imports a key that it is given as bytes anew for each packet, which costs several times what sealing one does. As a KeyObject
 * it is imported once, when the session's keys are derived.
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
  ],
};

export const weriftPatches = [keysImportedOnce];
