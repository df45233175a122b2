import type { Scenario } from './scenario.ts';

type Load = () => Promise<Scenario>;

/** Every benchmark by its name, loaded where it is wanted: `npm run bench -- NAME`. */
export const SCENARIOS: { readonly [name: string]: Load } = {
  sframe: async () => (await import('./micro/sframe.ts')).sframe,
  http: async () => (await import('./load/http.ts')).http,
  signaling: async () => (await import('./signaling/signaling.ts')).signaling,
  browser: async () => (await import('./browser/browser.ts')).browser,
  peers: async () => (await import('./peers/peers.ts')).peers,
  rekey: async () => (await import('./rekey/rekey.ts')).rekey,
  sealed: async () => (await import('./sealed/sealed.ts')).sealed,
};
