import { BelfryError } from '../../base/errors.ts';
import type { Settings } from '../../config/settings.ts';
import type { Reach } from '../reach/reach.ts';
import { turnOf } from '../turn/turn.ts';
import { bad, type Finding, good } from './finding.ts';

/** Whether clients can be told of the TURN server that the settings name. */
export const checkTurn = async (settings: Settings, reach: Pick<Reach, 'announced'>): Promise<Finding> => {
  try {
    const turn = await turnOf(settings, reach);
    return good(turn === undefined ? 'no TURN server is named' : `clients are told ${turn.urls.join(', ')}`);
  } catch (error) {
    if (error instanceof BelfryError) return bad(error.message, error.remedy ?? 'see above');
    throw error;
  }
};
