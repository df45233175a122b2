import type { MeetingState } from '../../../src/client/store/state.ts';
import type { Received } from './api.ts';

/** mediasoup's prober sends under it, and it is no stream of anybody. */
const PROBATOR_SSRC = 1234;
const MS_PER_S = 1_000;

type Report = Readonly<Record<string, unknown>>;

const isInbound = (report: Report): boolean => report.type === 'inbound-rtp' && report.ssrc !== PROBATOR_SSRC;

const readAll = async (connections: readonly RTCPeerConnection[]): Promise<readonly Report[]> => {
  const open = connections.filter(({ connectionState }) => connectionState !== 'closed');
  const reports = await Promise.all(open.map(async (one) => [...(await one.getStats()).values()]));
  return reports.flat().filter(isInbound);
};

export const readReceived = async (
  connections: readonly RTCPeerConnection[],
  { refusedFrames, problem }: Pick<MeetingState, 'refusedFrames' | 'problem'>,
): Promise<Received> => {
  const reports = await readAll(connections);
  const sum = (name: string, of = reports): number =>
    of.reduce((total, report) => total + (typeof report[name] === 'number' ? report[name] : 0), 0);
  const sound = reports.filter(({ kind }) => kind === 'audio');
  return {
    atMs: performance.now(),
    framesDecoded: sum('framesDecoded'),
    freezeCount: sum('freezeCount'),
    totalFreezesMs: MS_PER_S * sum('totalFreezesDuration'),
    concealedSamples: sum('concealedSamples'),
    totalSamples: sum('totalSamplesReceived'),
    soundWaitedMs: MS_PER_S * sum('jitterBufferDelay', sound),
    soundPlayed: sum('jitterBufferEmittedCount', sound),
    keyFrames: sum('keyFramesDecoded'),
    nacks: sum('nackCount'),
    resent: sum('retransmittedPacketsReceived'),
    refusedFrames,
    problem: problem?.code,
  };
};
