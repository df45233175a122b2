import { performance } from 'node:perf_hooks';
import { READY_WITHIN_MS } from '../../src/e2ee/epochs/limits.ts';
import { within } from './deadline.ts';
import type { AskedCommit, RealMember } from './real.ts';
import type { Stage } from './stage.ts';
import type { Taker } from './taker.ts';
import { agreementOf } from './tree.ts';

/** One change of keys, in milliseconds since somebody left or asked to join, and what it cost. */
export interface Change {
  /** Of each member with a device: until it sends under the new keys or, where somebody joined, opens under them. */
  readonly pathMs: readonly number[];
  /** Until the last of them sends: where somebody joined that is after all others opened, and the relay said so. */
  readonly lastSendsMs: number;
  /** Until the relay had asked a committer. */
  readonly askMs: number;
  /** The committer's own work: to compute and to bring what others fetch. */
  readonly createMs: number;
  /** From its word until the bytes are at each member with a device. */
  readonly fanOutMs: readonly number[];
  /** Each alone. */
  readonly processMs: readonly number[];
  readonly processCpuMs: readonly number[];
  readonly createCpuMs: number;
  /** By socket and beside it. */
  readonly takerBytes: readonly number[];
  readonly allBytes: number;
}

const cpuMs = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1_000;

const received = ({ takers, reals }: Stage): number =>
  [...takers, ...reals].reduce((sum, one) => sum + one.receivedBytes, 0);

interface Asked {
  readonly asked: AskedCommit;
  readonly atMs: number;
}

const asked = (stage: Stage): Promise<Asked> => {
  const question = new Promise<Asked>((resolve) => {
    stage.onAsked = (work) => resolve({ asked: work, atMs: performance.now() });
  });
  return within(() => 'the relay to ask somebody for a commit', question);
};

const momentOf = (moments: ReadonlyMap<number, number>, epoch: number): number => {
  const atMs = moments.get(epoch);
  if (atMs === undefined) throw new Error(`a member did not come to epoch ${epoch}`);
  return atMs;
};

/** A removal is sealed under as soon as it is processed; where somebody joined, all wait for each other. */
type Until = 'sealAtMs' | 'openAtMs';

/** Lets one member in after the other: each has the processor for itself. */
const processed = async (others: readonly RealMember[], epoch: number, until: Until) => {
  const costs: { readonly ms: number; readonly cpu: number }[] = [];
  for (const one of others) {
    const [fromMs, cpu] = [performance.now(), process.cpuUsage()];
    const opened = one.opened(epoch);
    one.letIn();
    await opened;
    costs.push({
      ms: momentOf(one[until], epoch) - fromMs,
      cpu: cpuMs(process.cpuUsage(cpu)),
    });
    await one.toldReady(epoch);
  }
  return costs;
};

/** From the last member's own work, the end of its path, until the last one sends. */
const sinceLast = ({ reals }: Stage, epoch: number, until: Until): number => {
  const lastOf = (what: Until) => Math.max(...reals.map((one) => momentOf(one[what], epoch)));
  return Math.max(0, lastOf('sealAtMs') - lastOf(until));
};

/** `committer`: whoever is asked, a member with a device makes the commit, each in its turn. */
const follow = async (
  stage: Stage,
  committer: RealMember,
  until: Until,
  begin: () => Promise<unknown>,
): Promise<Change> => {
  const epoch = stage.epoch + 1;
  const others = stage.reals.filter((one) => one !== committer);
  for (const one of others) one.hold();
  const [bytes, takerBytes] = [received(stage), stage.takers.map((one) => one.receivedBytes)];
  const sent = committer.sentBytes;
  const question = asked(stage);
  const startMs = performance.now();
  const begun = begin();
  const { asked: work, atMs: askedAtMs } = await question;
  const [cpu, said] = [process.cpuUsage(), committer.saidCommit(epoch)];
  committer.hear(work);
  await said;
  const createCpuMs = cpuMs(process.cpuUsage(cpu));
  await Promise.all([begun, committer.toldReady(epoch), stage.everybodyTook(epoch)]);
  await Promise.all(others.map((one) => one.bytesHere(epoch)));
  const costs = await processed(others, epoch, until);
  stage.epoch = epoch;
  await stage.sealed.reached(epoch, stage.reals.length);
  const saidAtMs = momentOf(committer.saidCommitAtMs, epoch);
  const arrivedAtMs = others.map((one) => momentOf(one.bytesAtMs, epoch));
  const pathMs = [
    momentOf(committer[until], epoch) - startMs,
    ...arrivedAtMs.map((atMs, i) => atMs - startMs + (costs[i]?.ms ?? Number.NaN)),
  ];
  return {
    pathMs,
    lastSendsMs: Math.max(...pathMs) + sinceLast(stage, epoch, until),
    askMs: askedAtMs - startMs,
    createMs: saidAtMs - askedAtMs,
    fanOutMs: arrivedAtMs.map((atMs) => atMs - saidAtMs),
    processMs: costs.map(({ ms }) => ms),
    processCpuMs: costs.map(({ cpu: one }) => one),
    createCpuMs,
    takerBytes: stage.takers.map((one, i) => one.receivedBytes - (takerBytes[i] ?? 0)),
    allBytes: received(stage) - bytes + committer.sentBytes - sent,
  };
};

export const leave = (stage: Stage, committer: RealMember, leaver: Taker): Promise<Change> => {
  stage.takers.splice(stage.takers.indexOf(leaver), 1);
  return follow(stage, committer, 'sealAtMs', () => leaver.leave());
};

interface Asking {
  readonly joiner: Taker;
  readonly ask: () => Promise<void>;
}

/** Somebody at the door, who has opened its connection and shown its certificate, and brought its key package. */
export const asking = async (stage: Stage): Promise<Asking> => {
  const guest = await stage.guest();
  const keyPackage = await (await agreementOf(guest.owner)).keyPackage();
  const joiner = await stage.seatTaker(guest);
  const blob = await joiner.blobs.put(keyPackage);
  // It is added by the commit, and has none to take.
  stage.takers.splice(stage.takers.indexOf(joiner), 1);
  return { joiner, ask: () => joiner.say({ kind: 'enter', keyPackage: blob }) };
};

export const join = async (stage: Stage, committer: RealMember): Promise<Change> => {
  const { joiner, ask } = await asking(stage);
  const change = await follow(stage, committer, 'openAtMs', ask);
  stage.takers.push(joiner);
  return change;
};

/** Frames that one member sends under the new keys before another has them: nothing where the other was sooner. */
const gaps = (sendsMs: readonly number[], opensMs: readonly number[]): number[] =>
  sendsMs.flatMap((sends, i) => opensMs.filter((_, j) => j !== i).map((opens) => Math.max(0, opens - sends)));

/** Each sends as soon as it processed the removal. */
export const gapsOfLeave = ({ pathMs }: Change): number[] => gaps(pathMs, pathMs);

/** Each opens at once, and sends when all others do, or after a second. */
export const gapsOfJoin = ({ pathMs, lastSendsMs }: Change): number[] =>
  gaps(
    pathMs.map((opens) => Math.min(lastSendsMs, opens + READY_WITHIN_MS)),
    pathMs,
  );
