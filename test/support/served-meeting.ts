import type { MeetingLink } from '../../src/client/link.ts';
import { type BelfryProcess, runBelfry } from './belfry-process.ts';
import { originOf, PeopleHome } from './people-home.ts';

const FREE_PORTS = ['--port', '0', '--metrics-port', '0', '--media-port', '0', '--workers', '1'];

/** `belfry serve` on loopback, with a meeting whose people come by certificate. */
export interface ServedMeeting {
  readonly process: BelfryProcess;
  readonly origin: string;
  /** Without a code. */
  readonly link: MeetingLink;
  readonly people: PeopleHome;
  linkFor(name: string): Promise<string>;
  stop(): Promise<void>;
}

export const serveMeeting = async (
  names?: readonly string[],
  flags: readonly string[] = [],
): Promise<ServedMeeting> => {
  const people = await PeopleHome.open(names);
  const serve = runBelfry(['serve', ...FREE_PORTS, ...people.flags, ...flags]);
  const stop = async (): Promise<void> => {
    await serve.stop();
    await people.end();
  };
  try {
    const origin = await originOf(serve);
    const link = await people.convene({ origin });
    const linkFor = (name: string) => people.linkFor(name, link);
    return { process: serve, origin, link, people, linkFor, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
