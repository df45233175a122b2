import type { CommandGroup } from '../command-line.ts';
import { desk, publish } from './ca/desk.ts';
import { clear, enroll, init, revoke, sign } from './ca/people.ts';
import { root } from './ca/root.ts';

export const ca: CommandGroup = {
  name: 'ca',
  summary: 'the authorities: root of this relay; init, enroll, sign, revoke, clear, desk, publish for people',
  description: `Two authorities, which know nothing of each other. That of the relay vouches for hosts; belfry serve --lan makes it.
That for people vouches for devices and clearances; it lives in a folder of its own, on another host, because a relay
that could admit people would have to be trusted.`,
  commands: [root, init, enroll, sign, revoke, clear, desk, publish],
};
