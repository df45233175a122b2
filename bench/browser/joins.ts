import type { Series } from '../rows.ts';
import { summarize } from '../stats.ts';
import type { JoinTimes } from './page/api.ts';
import type { Theatre } from './theatre.ts';

/*
 * From the call of join to the first picture: a fresh page, whose workers start in this time, enters by certificate
 * a meeting in which another page sends camera and microphone already, and comes into its group. The relay is the whole one, witness included.
 */

const JOINS = { full: 20, quick: 3 } as const;

const STEPS = [
  { key: 'enteredMs', name: 'in the meeting' },
  { key: 'connectedMs', name: 'ICE and DTLS done' },
  { key: 'firstFrameMs', name: 'first decoded frame' },
] as const;

const joinOnce = async (theatre: Theatre, link: string, number: number): Promise<JoinTimes> => {
  const person = await theatre.person(`Joiner ${number}`);
  await person.join({ link, sealing: 'sealed', impaired: false });
  const times = await person.times();
  await person.leave();
  return times;
};

export const measureJoins = async (theatre: Theatre, quick: boolean): Promise<readonly JoinTimes[]> => {
  const [link] = await theatre.startRelay();
  const sender = await theatre.person('Sender');
  await sender.join({ link, sealing: 'sealed', impaired: false });
  await sender.send();
  // The first join of all also waits for the camera to start: it is not among the samples.
  await joinOnce(theatre, link, 0);
  const joins: JoinTimes[] = [];
  for (let number = 1; number <= (quick ? JOINS.quick : JOINS.full); number++)
    joins.push(await joinOnce(theatre, link, number));
  await sender.leave();
  return joins;
};

export const joinSteps = (joins: readonly JoinTimes[]) =>
  STEPS.map(({ key, name }) => ({ name, samples: joins.map((times) => times[key]) }));

export const joinSeries = (joins: readonly JoinTimes[]): Series[] =>
  joinSteps(joins).map(({ name, samples }) => ({
    case: name,
    measure: 'time since the call of join',
    unit: 'ms',
    samples,
  }));

export const joinNotes = (joins: readonly JoinTimes[]): string[] => {
  const summary = summarize(joins.map(({ firstFrameMs }) => firstFrameMs));
  if (summary === undefined) return [];
  const { n, p50, p95 } = summary;
  return [
    `join to first decoded frame: p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms of ${n} joins`,
    'In a join: proof and signed presence, and the group of the meeting (MLS, suite x25519), which gives the media keys.',
  ];
};
