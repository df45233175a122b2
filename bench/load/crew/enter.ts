import type { Clock } from '../../../src/base/clock.ts';
import { withDeadline } from '../../../src/base/deadline.ts';
import { BelfryError, messageOf } from '../../../src/base/errors.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { secureRandomBytes } from '../../../src/base/platform.ts';
import { type Result, refuse } from '../../../src/base/result.ts';
import type { OpenSocket } from '../../../src/client/connection/socket.ts';
import { groupKeys } from '../../../src/client/group/meeting-keys.ts';
import type { GroupTools } from '../../../src/client/group/tools.ts';
import { parseLink } from '../../../src/client/link.ts';
import { joinMeeting, type Meeting } from '../../../src/client/meeting.ts';
import type { Enrolled } from '../../../src/client/people/enrolled.ts';
import type { MediaPort } from '../../../src/client/ports.ts';
import { createWeriftMedia } from '../../../src/client/werift/adapter.ts';
import type { TryUdp } from '../../../src/client/werift/hop/path.ts';
import type { EncodedInput, ReceivedStream } from '../../../src/client/werift/media.ts';
import type { FrameKeys } from '../../../src/e2ee/frame-keys.ts';
import { createFrameKeys } from '../../../src/e2ee/keys/store.ts';
import { nodeDriver } from '../../../src/e2ee/sframe/node.ts';

/** Nobody waits longer to get into a meeting: it counts as failed. */
const ENTER_WITHIN_MS = 30_000;

export type LoadMeeting = Meeting<EncodedInput, ReceivedStream>;
export type LoadMedia = MediaPort<EncodedInput, ReceivedStream>;

export interface EnterOptions {
  readonly link: string;
  readonly device: Enrolled;
  readonly group: GroupTools;
  readonly name: string;
  readonly clock: Clock;
  readonly openSocket: OpenSocket;
  /** For weights that look at few packets. */
  readonly tryUdp?: TryUdp | undefined;
  /** Puts something between the SDK and its media, such as a bad path. */
  readonly around: (media: LoadMedia) => LoadMedia;
}

const platformOf = (clock: Clock) => ({ clock, randomBytes: secureRandomBytes, logger: silentLogger });

/** Who looks at few packets answers no estimate, and asks for none: the relay's history of it would grow. */
export const mediaOf = ({
  clock,
  tryUdp,
  frameKeys,
}: Pick<EnterOptions, 'clock' | 'tryUdp'> & { readonly frameKeys: FrameKeys }): LoadMedia =>
  createWeriftMedia({ ...platformOf(clock), frameKeys, tryUdp, withoutEstimation: tryUdp !== undefined });

/** The one way in: by certificate. Refusals are the SDK's own; `deadline.passed` where no answer came. */
export const enter = async ({
  link,
  device,
  group,
  name,
  around,
  ...options
}: EnterOptions): Promise<Result<LoadMeeting>> => {
  const parsed = parseLink(link);
  if (!parsed.ok) return parsed;
  const frameKeys = createFrameKeys({ driver: nodeDriver });
  const platform = platformOf(options.clock);
  const media = mediaOf({ ...options, frameKeys });
  const joining = joinMeeting({
    ...platform,
    link: parsed.value,
    name,
    device,
    keys: groupKeys(group),
    frameKeys,
    media: around(media),
    openSocket: options.openSocket,
    onListenerError: (error) => {
      throw error;
    },
  });
  const leaveLate = (late: Result<LoadMeeting>) => void (late.ok && late.value.leave());
  try {
    return await withDeadline(options.clock, ENTER_WITHIN_MS, 'the relay', joining, leaveLate);
  } catch (error) {
    return refuse(error instanceof BelfryError ? error.code : 'load.broke', messageOf(error));
  }
};
