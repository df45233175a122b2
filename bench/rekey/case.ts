// One case of the benchmark of changes of keys: `case.ts ORDER`. It prints one line of JSON, what it found or why it failed, and
// stays until it is ended.
import { BelfryError, messageOf } from '../../src/base/errors.ts';
import type { Told } from './apart.ts';
import { measure, type Order } from './cases.ts';

const [, , order] = process.argv;
if (order === undefined) throw new BelfryError('bench.usage', 'case.ts ORDER');

const tell = (told: Told): void => console.log(JSON.stringify(told));
const fail = (error: unknown): void => tell({ failed: messageOf(error) });

// A benchmark that is killed takes its cases along.
process.stdin.resume().once('end', () => process.exit(1));
process.once('uncaughtException', fail);
await measure(JSON.parse(order) as Order).then((found) => tell({ found }), fail);
