import type { Clock } from '../../base/clock.ts';
import { BelfryError } from '../../base/errors.ts';
import { keysOf, newKeyPair } from '../../trust/signing/keys.ts';
import { enrol } from '../enrol/enrol.ts';
import type { Fetch } from '../enrol/fetch-port.ts';
import type { Enrolled } from '../people/enrolled.ts';
import { forgetfulLists } from './forgetful-lists.ts';

/** A relay, and the authority whose people meet there. */
export interface Place {
  readonly origin: string;
  /** SHA-256 of the authority's root. */
  readonly rootSha256: Uint8Array;
}

export interface CastTools {
  readonly fetch: Fetch;
  readonly clock: Clock;
}

/** A device that lives as long as this process: its key is kept nowhere. Throws the refusal's code. */
export const enrolHere = async (place: Place, code: string, tools: CastTools): Promise<Enrolled> => {
  const keys = await newKeyPair(false);
  const enrolled = await enrol({ ...place, ...tools, keys }, code);
  if (!enrolled.ok) throw BelfryError.from(enrolled.refusal);
  const { root, scale, certificate, statements } = enrolled.value;
  const { clearance } = statements;
  if (clearance === undefined)
    throw new BelfryError('device.not-cleared', 'the authority has not cleared this person');
  return {
    root,
    scale,
    certificate,
    clearance,
    signing: (await keysOf(keys)).signing,
    lists: forgetfulLists(),
  };
};
