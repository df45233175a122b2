import { asId, type MeetingId } from '../../../src/base/ids.ts';
import { browserGroupTools } from '../../../src/client/browser/group-tools.ts';
import { groupKeys } from '../../../src/client/group/meeting-keys.ts';
import type { MeetingOptions } from '../../../src/client/meeting.ts';
import type { StatementDigest } from '../../../src/trust/statement/statement.ts';
import { takeDevice } from '../../support/handed-device.ts';
import type { PageEntry } from './api.ts';

type Entering = Pick<MeetingOptions<unknown, unknown>, 'link' | 'device' | 'keys'>;

/** How a page enters with the device that it was handed; media keys come from the meeting's group. */
export const entryOf = async ({ meeting, charter, device }: PageEntry): Promise<Entering> => ({
  link: {
    origin: location.origin,
    meeting: asId<MeetingId>(meeting),
    charter: asId<StatementDigest>(charter),
  },
  device: await takeDevice(device),
  keys: groupKeys(browserGroupTools),
});
