import { secureRandomBytes, systemClock } from '../src/base/platform.ts';
import { createBrowserMedia } from '../src/client/browser/adapter.ts';
import { browserGroupTools } from '../src/client/browser/group-tools.ts';
import { createTransformWorker } from '../src/client/browser/worker.ts';
import type { OpenSocket } from '../src/client/connection/socket.ts';
import { openWebSocket } from '../src/client/connection/web-socket.ts';
import { groupKeys } from '../src/client/group/meeting-keys.ts';
import { joinMeeting } from '../src/client/meeting.ts';
import type { Join } from '../src/client/page/page.ts';
import { type Enrolled, NOT_ENROLLED } from '../src/client/people/enrolled.ts';

/** Sockets closed before they opened, until the person is told: about one second. */
const SLOW_AFTER_FAILURES = 2;

/** Every join has a worker, a media stack and keys of its own, which end with it. */
export const makeJoin =
  (onListenerError: (error: unknown) => void, device: () => Enrolled | undefined): Join =>
  async (link, name, { onSlow, signal, ...told }) => {
    const enrolled = device();
    if (enrolled === undefined) return NOT_ENROLLED;
    const browserMedia = createBrowserMedia({
      worker: createTransformWorker(),
      clock: systemClock,
      onListenerError,
    });
    const { media, frameKeys, close } = browserMedia;
    const openSocket = tellingFailures(onSlow);
    const joined = await joinMeeting({
      link,
      name,
      device: enrolled,
      keys: groupKeys(browserGroupTools),
      ...told,
      signal,
      media,
      frameKeys,
      openSocket,
      ...PLATFORM,
      onListenerError,
    });
    if (!joined.ok) close();
    else joined.value.onChange(({ phase }) => phase.kind === 'closed' && close());
    return joined;
  };

const PLATFORM = { clock: systemClock, randomBytes: secureRandomBytes } as const;

const tellingFailures = (onSlow: () => void): OpenSocket => {
  let failures = 0;
  let hasOpened = false;
  return (url, handlers) =>
    openWebSocket(url, {
      ...handlers,
      onOpen() {
        hasOpened = true;
        handlers.onOpen();
      },
      onMessage: (data) => handlers.onMessage(data),
      onClose(reason) {
        failures += 1;
        if (!hasOpened && failures === SLOW_AFTER_FAILURES) onSlow();
        handlers.onClose(reason);
      },
    });
};
