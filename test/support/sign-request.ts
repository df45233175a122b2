/** `node sign-request.ts FOLDER REQUEST`: signs the request there, once a line comes in, and prints `ok` or the code. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { sign } from '../../src/app/people/enrolment.ts';
import { BelfryError } from '../../src/base/errors.ts';
import { inFolder } from './people-folder.ts';

const [folder = '', request = ''] = process.argv.slice(2);
console.log('ready');
await once(process.stdin, 'data');
process.stdin.destroy();
try {
  await sign(inFolder(folder), readFileSync(request, 'utf8'));
  console.log('ok');
} catch (error) {
  console.log(error instanceof BelfryError ? error.code : String(error));
}
