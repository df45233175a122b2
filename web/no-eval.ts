import { config } from 'zod';

// Imported first: schemas made after this are not compiled with `eval`, which the page's policy forbids.
config({ jitless: true });
