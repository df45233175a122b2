import type { MeetingId } from '../../base/ids.ts';
import type { Label } from '../../trust/markings/label.ts';
import type { AuditSink } from '../ports.ts';

/** What a meeting is marked with at a moment, by which readers of the record know who may export it. */
export interface InForce {
  readonly marking: Label;
  /** At this marking some orders need two people. */
  readonly twoPersons: boolean;
}

/** Decisions are written with the marking in force, where their meeting has one: whoever decides by other rules need not know it. */
export const marked = (sink: AuditSink, inForce: (meeting: MeetingId) => InForce | undefined): AuditSink => ({
  write: (entry) =>
    sink.write(
      entry.kind === 'decision' && entry.marking === undefined
        ? { ...entry, ...inForce(entry.meeting) }
        : entry,
    ),
});
