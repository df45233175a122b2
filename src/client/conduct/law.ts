import type { Law } from '../../trust/acts/state.ts';
import type { Scale } from '../../trust/markings/scale.ts';

/** What the deployment rules: the authority signed the scale that this device got when it enrolled. */
export const lawOf = (scale: Scale): Law => ({ scale, twoPersonsAbove: scale.levels.length });
