import { browser } from './browser/browser.ts';
import { http } from './load/http.ts';
import { sframe } from './micro/sframe.ts';
import { peers } from './peers/peers.ts';
import { rekey } from './rekey/rekey.ts';
import type { Scenario } from './scenario.ts';
import { sealed } from './sealed/sealed.ts';
import { signaling } from './signaling/signaling.ts';

/** Every benchmark by its name: `npm run bench -- NAME`. */
export const SCENARIOS: { readonly [name: string]: Scenario } = {
  sframe,
  http,
  signaling,
  browser,
  peers,
  rekey,
  sealed,
};
