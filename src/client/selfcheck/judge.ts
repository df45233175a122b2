import { changeReasons } from './changes.ts';
import { refusedReasons, sealingReasons } from './findings.ts';
import type { Report, SealingReport, StreamReport, Verdict, Witness } from './report.ts';

/** Of what was sent, at least this part must have opened: room for one frame in flight at the window's edge. */
export const REQUIRED_SHARE = 0.99;
/** Of what was due, at least this part must have been sent: a busy machine skips frames, and too few prove too little. */
const REQUIRED_SENT_SHARE = 0.5;
/** Never loss: somebody changed or swapped frames, or the sealing is broken. One is too many. */
const TAMPERED_CODES: ReadonlySet<string> = new Set([
  'frame.malformed',
  'frame.sender-mismatch',
  'frame.not-authentic',
]);

/** Whether every participant opened what every other sent, and the relay saw nothing in clear; if not, all reasons. */
export const judge = (report: Report, witness: Witness): Verdict => {
  const reasons = new Set([
    ...missingStreams(report),
    ...report.sealing.flatMap(sealingReasons),
    ...report.sealing.flatMap(unseenReasons),
    ...refusedReasons(tampered(report)),
    ...report.streams.flatMap(sentReasons),
    ...report.streams.flatMap(streamReasons),
    ...witnessReasons(witness),
    ...(report.changes === undefined ? [] : changeReasons(report.changes)),
    ...report.faults,
  ]);
  return { passed: reasons.size === 0, reasons: [...reasons] };
};

const missingStreams = ({ participants, streams }: Report): string[] => {
  const wanted = participants.length * (participants.length - 1) * 2;
  return streams.length === wanted ? [] : [`${streams.length} of ${wanted} streams were measured`];
};

const tampered = ({ refusedByCode }: Report): Record<string, number> =>
  Object.fromEntries(Object.entries(refusedByCode).filter(([code]) => TAMPERED_CODES.has(code)));

const unseenReasons = ({ name, looked }: SealingReport): string[] =>
  looked === 0 ? [`${name}'s sealing: no frame was looked at`] : [];

/** The same for every receiver of a source: said once. */
const sentReasons = ({ from, kind, sent, due }: StreamReport): string[] =>
  due > 0 && sent >= due * REQUIRED_SENT_SHARE
    ? []
    : [
        `${from}'s ${kind}: ${sent} of the ${due} frames that were due were sent, under half: the machine was too busy, or the sender stalled`,
      ];

const streamReasons = (stream: StreamReport): string[] => {
  const what = `${stream.to} of ${stream.from}'s ${stream.kind}`;
  const reasons: string[] = [];
  if (stream.opened < stream.sent * REQUIRED_SHARE)
    reasons.push(`${what}: opened ${stream.opened} of ${stream.sent} frames`);
  if (stream.wrong > 0) reasons.push(`${what}: ${stream.wrong} frames differ from what was sent`);
  if (stream.kind === 'video') reasons.push(...layerReasons(what, stream));
  return reasons;
};

const layerReasons = (what: string, { layers = { visited: [], of: 1 } }: StreamReport): string[] =>
  Array.from({ length: layers.of }, (_, layer) => layer)
    .filter((layer) => !layers.visited.includes(layer))
    .map((layer) => `${what}: no frame of layer ${layer} came`);

const witnessReasons = (witness: Witness): string[] => {
  if (witness === undefined) return [];
  if (witness.framesSeen === 0) return ['the relay’s witness saw no frame at all'];
  return witness.framesInClear === 0 ? [] : [`the relay saw ${witness.framesInClear} frames in clear`];
};
