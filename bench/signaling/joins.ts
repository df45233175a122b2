import { performance } from 'node:perf_hooks';
import type { MeetingId } from '../../src/base/ids.ts';
import { runStep, type Step } from './arrivals.ts';
import { Member } from './member.ts';
import type { Officials } from './officials.ts';

/** A cabinet fills up, then the next: a meeting's others hear of each who comes. */
export const PEOPLE_PER_MEETING = 25;

type Arrive = (i: number) => Promise<{ readonly member: Member; readonly servedMs: number }>;

/** Everybody of a step leaves, before the next one begins. */
const stepOf = async (
  rate: number,
  seconds: number,
  arrive: Arrive,
  leave: (member: Member) => Promise<unknown>,
) => {
  const members: Member[] = [];
  const step = await runStep(rate, seconds, async (i) => {
    const { member, servedMs } = await arrive(i);
    members.push(member);
    return servedMs;
  });
  await Promise.allSettled(members.map(leave));
  for (const member of members) member.end();
  return step;
};

/** From the connection to the reply that lets in: the device proves itself, and the relay judges all that it shows. */
export const enterBelfry = (url: string, officials: Officials, meetings: readonly MeetingId[]) => {
  const arrive: Arrive = async (i) => {
    const meeting = meetings[Math.floor(i / PEOPLE_PER_MEETING) % meetings.length];
    if (meeting === undefined) throw new Error('a relay without a meeting');
    const member = await officials.enter(url, meeting, i);
    return { member, servedMs: performance.now() };
  };
  return (rate: number, seconds: number): Promise<Step> =>
    stepOf(rate, seconds, arrive, (member) => member.ask('leave', {}));
};

/** A connection and two messages there and back: what any server on websockets needs at least. */
export const joinBare = (url: string) => {
  const arrive: Arrive = async () => {
    const member = await Member.open(url);
    for (const size of [40, 250]) {
      const echo = member.answer(() => true);
      member.send('x'.repeat(size));
      await echo;
    }
    return { member, servedMs: performance.now() };
  };
  return (rate: number, seconds: number): Promise<Step> => stepOf(rate, seconds, arrive, async () => {});
};
