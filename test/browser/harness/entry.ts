import { fromBase64Url } from '../../../src/base/bytes.ts';
import { asId, type MeetingId } from '../../../src/base/ids.ts';
import { browserGroupTools } from '../../../src/client/browser/group-tools.ts';
import { groupKeys } from '../../../src/client/group/meeting-keys.ts';
import type { MeetingOptions } from '../../../src/client/meeting.ts';
import { takeDevice } from '../../support/handed-device.ts';
import type { PageEntry } from './api.ts';

type Entering = Pick<MeetingOptions<unknown, unknown>, 'link' | 'device' | 'keys'>;

/** How a page enters with the device that it was handed; media keys come from the meeting's group. */
export const entryOf = async ({ meeting, secret, device }: PageEntry): Promise<Entering> => ({
  link: {
    origin: location.origin,
    meeting: asId<MeetingId>(meeting),
    secret: fromBase64Url(secret) ?? new Uint8Array(),
  },
  device: await takeDevice(device),
  keys: groupKeys(browserGroupTools),
});
