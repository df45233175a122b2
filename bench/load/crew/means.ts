import type { Devices } from './devices.ts';
import type { Groups } from './groups.ts';

/** What the participants of one process come with. */
export interface Means {
  readonly devices: Devices;
  readonly groups: Groups;
}
