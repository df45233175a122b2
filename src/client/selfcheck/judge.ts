import type { Report, StreamReport, Verdict, Witness } from './report.ts';

/** Of what was sent, at least this part must have opened: room for one frame in flight at the window's edge. */
export const REQUIRED_SHARE = 0.99;

/** Whether every participant opened what every other sent, and the relay saw nothing in clear; if not, all reasons. */
export const judge = (report: Report, witness: Witness): Verdict => {
  const reasons = [
    ...missingStreams(report),
    ...report.streams.flatMap(streamReasons),
    ...witnessReasons(witness),
    ...report.faults,
  ];
  return { passed: reasons.length === 0, reasons };
};

const missingStreams = ({ participants, streams }: Report): string[] => {
  const wanted = participants.length * (participants.length - 1) * 2;
  return streams.length === wanted ? [] : [`${streams.length} of ${wanted} streams were measured`];
};

const streamReasons = (stream: StreamReport): string[] => {
  const what = `${stream.to} of ${stream.from}'s ${stream.kind}`;
  const reasons: string[] = [];
  if (stream.sent === 0) reasons.push(`${what}: nothing was sent`);
  if (stream.opened < stream.sent * REQUIRED_SHARE)
    reasons.push(`${what}: opened ${stream.opened} of ${stream.sent} frames`);
  if (stream.wrong > 0) reasons.push(`${what}: ${stream.wrong} frames differ from what was sent`);
  if (stream.kind === 'video' && !isSwitched(stream)) reasons.push(`${what}: the layer was not switched`);
  return reasons;
};

const isSwitched = ({ layers }: StreamReport): boolean =>
  layers?.before !== undefined && layers.after !== undefined && layers.before !== layers.after;

const witnessReasons = (witness: Witness): string[] => {
  if (witness === undefined) return [];
  if (witness.framesSeen === 0) return ['the relay’s witness saw no frame at all'];
  return witness.framesInClear === 0 ? [] : [`the relay saw ${witness.framesInClear} frames in clear`];
};
