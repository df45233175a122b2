import type { MeetingId, ParticipantId, SessionId } from '../../base/ids.ts';
import type { Envelope } from '../../trust/statement/statement.ts';

/** What one line of the record says. Ids are random and name nobody; names, titles and addresses have no place here. */
export type AuditEntry =
  /** The process that writes began, or began again after one that ended without a word. */
  | { readonly kind: 'started'; readonly tornBytes: number }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'meeting-opened'; readonly meeting: MeetingId }
  | { readonly kind: 'meeting-ended'; readonly meeting: MeetingId; readonly why: string }
  /** Somebody asked for something, and a rule said yes or no. */
  | {
      readonly kind: 'decision';
      readonly meeting: MeetingId;
      readonly asked: string;
      readonly allowed: boolean;
      /** The code of the rule that decided. */
      readonly rule: string;
      readonly by: SessionId;
      readonly on?: ParticipantId;
      /** What a person who was refused was told, for operators to find the reason by. */
      readonly reference?: string;
    }
  /** A participant's device signed that it was shown this checkpoint (`COUNTERSIGNATURE`), and keeps it. */
  | {
      readonly kind: 'countersigned';
      readonly meeting: MeetingId;
      readonly participant: ParticipantId;
      readonly statement: Envelope;
    }
  | {
      readonly kind: 'participant-left';
      readonly meeting: MeetingId;
      readonly participant: ParticipantId;
      readonly why: string;
    };
