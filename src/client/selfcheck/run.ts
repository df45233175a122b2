import type { RandomBytes } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import { BelfryError, messageOf } from '../../base/errors.ts';
import { type Logger, silentLogger } from '../../base/logger.ts';
import { loadShippedClips } from '../clips/files.ts';
import type { OpenSocket } from '../connection/socket.ts';
import type { MeetingLink } from '../link.ts';
import { outcomeOf } from '../outcome.ts';
import type { Enrolled } from '../people/enrolled.ts';
import { measureChanges } from './changes.ts';
import { causesOf, type Stopped, stoppedReason } from './findings.ts';
import { Headless } from './headless.ts';
import { type MeasureOptions, measure, refusedByCode, startMedia } from './measure.ts';
import { MeasuredStream } from './measured-stream.ts';
import type { Changes, Report, Witness } from './report.ts';

/** Socket, join, ICE and DTLS of one participant; a relay that is not there is not waited for longer. */
const JOIN_WITHIN_MS = 15_000;

export interface CheckedPerson {
  readonly name: string;
  readonly device: Enrolled;
}

export interface SelfCheckOptions extends MeasureOptions {
  readonly link: MeetingLink;
  readonly people: readonly CheckedPerson[];
  /** Comes midway, then the last of the others is removed by the first. */
  readonly fourth?: CheckedPerson | undefined;
  readonly openSocket: OpenSocket;
  readonly randomBytes: RandomBytes;
  readonly askWitness: () => Promise<Witness>;
}

export interface SelfCheckOutcome {
  readonly report: Report;
  readonly witness: Witness;
}

/**
 * Three participants meet with real media; what each opened of what the others sent over a window is compared byte for
 * byte. Throws a coded error where it does not come to a measurement.
 */
export const runSelfCheck = async (options: SelfCheckOptions): Promise<SelfCheckOutcome> => {
  const faults: string[] = [];
  const people: Headless[] = [];
  const streams: MeasuredStream[] = [];
  try {
    await joinAll(options, people, (fault) => faults.push(fault));
    streams.push(...measuredStreams(people));
    await startMedia(options, people, streams);
    const measured = await measure(options, people, streams);
    const witness = await outcomeOf(options.askWitness);
    if (!witness.ok) faults.push(witness.refusal.message);
    const absent = absentees(people);
    const changes = await changesOf(options, people, (fault) => faults.push(fault));
    const report = {
      ...measured,
      changes,
      faults: [...faults, ...absent, ...stopped(people).map(stoppedReason)],
    };
    return { report, witness: witness.ok ? witness.value : undefined };
  } catch (error) {
    for (const person of people) options.say(conditionOf(person));
    throw withCauses(error, knownCauses(people, streams, faults));
  } finally {
    await Promise.all(people.map(({ meeting }) => meeting.leave()));
  }
};

const joinAll = async (
  options: SelfCheckOptions,
  people: Headless[],
  onFault: (fault: string) => void,
): Promise<void> => {
  const { clock, say } = options;
  const clips = await loadShippedClips();
  const logger = faultLogger(onFault);
  const startMs = clock.nowMs();
  const settled = await Promise.allSettled(
    options.people.map((person) => {
      const joining = Headless.join({ ...options, ...person, clips, logger, onFault });
      return withDeadline(
        clock,
        JOIN_WITHIN_MS,
        `the relay, asked to let ${person.name} in,`,
        joining,
        leave,
      );
    }),
  );
  people.push(...settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  say(`${people.length} participants joined after ${((clock.nowMs() - startMs) / 1000).toFixed(1)} s`);
};

const changesOf = async (
  options: SelfCheckOptions,
  people: readonly Headless[],
  onFault: (fault: string) => void,
): Promise<Changes | undefined> => {
  const { clock, say, fourth } = options;
  if (fourth === undefined) return undefined;
  const clips = await loadShippedClips();
  const joinFourth = () => {
    const joining = Headless.join({ ...options, ...fourth, clips, logger: faultLogger(onFault), onFault });
    return withDeadline(clock, JOIN_WITHIN_MS, `the relay, asked to let ${fourth.name} in,`, joining, leave);
  };
  return measureChanges({ clock, say, people, joinFourth });
};

const leave = ({ meeting }: Headless): void => {
  void meeting.leave();
};

const faultLogger = (onFault: (fault: string) => void): Logger => ({
  ...silentLogger,
  error: (event, fields) => onFault(`${event} ${JSON.stringify(fields ?? {})}`),
});

const measuredStreams = (people: readonly Headless[]): MeasuredStream[] =>
  people.flatMap((to) =>
    people
      .filter((from) => from !== to)
      .flatMap((from) =>
        (['microphone', 'camera'] as const).map((source) => new MeasuredStream(from, to, source)),
      ),
  );

/** Each must still be in, in the join that it began with: else its numbers are of two meetings. */
const absentees = (people: readonly Headless[]): string[] =>
  people
    .filter(({ id, meeting }) => meeting.state.phase.kind !== 'in' || meeting.state.self?.participant !== id)
    .map(({ name, meeting }) => `${name} fell out of the meeting [${meeting.state.problem?.code ?? 'lost'}]`);

const stopped = (people: readonly Headless[]): Stopped[] =>
  people.flatMap(({ name, stoppedFor }) => (stoppedFor === undefined ? [] : [{ name, code: stoppedFor }]));

const knownCauses = (
  people: readonly Headless[],
  streams: readonly MeasuredStream[],
  faults: readonly string[],
): string[] =>
  causesOf({
    wrong: streams.reduce((sum, { arrivals }) => sum + arrivals.wrong, 0),
    refusedByCode: refusedByCode(people),
    sealing: people.map(({ sealing }) => sealing),
    stopped: stopped(people),
    faults,
  });

/** The same failure, why it came said first. */
const withCauses = (error: unknown, causes: readonly string[]): unknown => {
  if (causes.length === 0) return error;
  const code = error instanceof BelfryError ? error.code : 'selfcheck.failed';
  return new BelfryError(code, [...causes, messageOf(error)].join('; '), { cause: error });
};

/** For whoever has to find out why nothing could be measured. */
const conditionOf = ({ name, meeting }: Headless): string => {
  const { phase, refusedFrames, unverified, problem } = meeting.state;
  const refused = Object.entries(refusedFrames).map(([code, count]) => `${count} frames refused, ${code}`);
  const strangers = unverified.size === 0 ? [] : [`${unverified.size} people unverified`];
  const problems = problem === undefined ? [] : [`${problem.message} [${problem.code}]`];
  return `${name}: ${[phase.kind, ...refused, ...strangers, ...problems].join('; ')}`;
};
