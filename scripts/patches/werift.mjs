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

/**
 * Its X25519 is JavaScript: 2 ms for each key and each secret, twice in every handshake. OpenSSL's takes a tenth, and refuses the public
 * keys of low order that RFC 8422 section 5.11 has refused. What stands before a raw key is of RFC 8410.
 */
const x25519OfOpenssl = {
  package: 'werift',
  version: '0.25.2',
  file: 'lib/index.mjs',
  replacements: [
    {
      from: 'import nacl from "tweetnacl";',
      to: `import { createPrivateKey as x25519PrivateKey, createPublicKey as x25519PublicKey, diffieHellman as x25519Secret, generateKeyPairSync as x25519Pair } from "crypto";
var x25519PrivatePrefix = Buffer.from("302e020100300506032b656e04220420", "hex");
var x25519PublicPrefix = Buffer.from("302a300506032b656e032100", "hex");`,
    },
    {
      from: 'return Buffer.from(nacl.scalarMult(privateKey, publicKey));',
      to: `return x25519Secret({
        privateKey: x25519PrivateKey({ key: Buffer.concat([x25519PrivatePrefix, privateKey]), format: "der", type: "pkcs8" }),
        publicKey: x25519PublicKey({ key: Buffer.concat([x25519PublicPrefix, publicKey]), format: "der", type: "spki" })
      });`,
    },
    { from: 'import nacl2 from "tweetnacl";\n', to: '' },
    {
      from: `const keys = nacl2.box.keyPair();
      return {
        curve: namedCurve,
        privateKey: Buffer.from(keys.secretKey.buffer),
        publicKey: Buffer.from(keys.publicKey.buffer)
      };`,
      to: `const keys = x25519Pair("x25519", {
        privateKeyEncoding: { format: "der", type: "pkcs8" },
        publicKeyEncoding: { format: "der", type: "spki" }
      });
      return {
        curve: namedCurve,
        privateKey: keys.privateKey.subarray(x25519PrivatePrefix.length),
        publicKey: keys.publicKey.subarray(x25519PublicPrefix.length)
      };`,
    },
  ],
};

/** It reads the bits of a byte from their text, eight times for each header of each packet. */
const bitsByArithmetic = {
  package: 'werift',
  version: '0.25.2',
  file: 'lib/index.mjs',
  replacements: [
    {
      from: `  let bin = bits.toString(2).split("");
  bin = [...Array(8 - bin.length).fill("0"), ...bin];
  const s = bin.slice(startIndex, startIndex + length).join("");
  const v = Number.parseInt(s, 2);
  return v;`,
      to: `  return bits >> 8 - startIndex - length & (1 << length) - 1;`,
    },
  ],
};

/**
 * A kernel's usual room is what somebody in a meeting of 25 receives in a tenth of a second, and packets count in it as several times
 * their size: a busy process lost them. Browsers ask for more as well. A kernel gives less where its net.core.rmem_max is below.
 */
const roomForBursts = {
  package: 'werift',
  version: '0.25.2',
  file: 'lib/index.mjs',
  replacements: [
    {
      from: 'this.socket = createSocket2(socketType);',
      to: 'this.socket = createSocket2({ type: socketType, recvBufferSize: 1048576 });',
    },
  ],
};

export const weriftPatches = [keysImportedOnce, x25519OfOpenssl, bitsByArithmetic, roomForBursts];
