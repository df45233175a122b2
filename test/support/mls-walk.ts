// Walks a group of MLS at random: `mls-walk.ts WALK`, in JSON. Prints what was walked, in JSON.
import { walk } from './mls-model.ts';

console.log(JSON.stringify(await walk(JSON.parse(process.argv[2] ?? ''))));
