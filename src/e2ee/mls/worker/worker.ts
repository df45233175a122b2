import { webMlsCrypto } from '../crypto/web.ts';
import { AgreementDesk } from './desk.ts';
import type { AskMessage } from './messages.ts';

/** The parts of a dedicated worker's global scope that are used. */
interface Scope {
  onmessage: ((event: { readonly data: AskMessage }) => void) | null;
  postMessage(message: unknown): void;
}

// Sound: browsers run this file as a dedicated worker and nowhere else; the compiler's `dom` has no types for its scope.
const scope = globalThis as unknown as Scope;
const desk = new AgreementDesk({ crypto: webMlsCrypto, clock: { unixMs: () => Date.now() } });
scope.onmessage = async ({ data }) => scope.postMessage(await desk.answer(data));
