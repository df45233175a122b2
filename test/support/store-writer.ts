// A busy relay, as far as its store goes: `node store-writer.ts PATH SEED` writes the plan of SEED into the store PATH, and
// a line for each write when that has been acknowledged, until it is killed.
import { writeSync } from 'node:fs';
import { openSqliteStore } from '../../src/signaling/store/sqlite.ts';
import { codeOf, planOf, take } from './store-plan.ts';

const [path = '', seed = ''] = process.argv.slice(2);
const store = openSqliteStore({ path, pid: process.pid });
for (const step of planOf(Number(seed))) writeSync(1, `${codeOf(take(store, step))}\n`);
