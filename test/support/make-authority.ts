/** `node make-authority.ts FOLDER`: opens the authority there, once a line comes in, and prints its fingerprint. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { openAuthority } from '../../src/app/authority/authority.ts';

console.log('ready');
await once(process.stdin, 'data');
process.stdin.destroy();
const authority = await openAuthority(
  { addresses: ['192.168.7.1'], names: [] },
  {
    folder: process.argv[2] ?? '',
    nowUnixMs: Date.now(),
    randomBytes: (size) => new Uint8Array(randomBytes(size)),
  },
);
const { certificate, key } = authority.keyed;
console.log(createHash('sha256').update(certificate).update(key).digest('hex'));
