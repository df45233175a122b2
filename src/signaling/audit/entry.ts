import type { MeetingId, ParticipantId, SessionId } from '../../base/ids.ts';
import type { OrderKind } from '../../trust/acts/act.ts';
import type { DeviceId, PersonId } from '../../trust/devices/ids.ts';
import type { Label } from '../../trust/markings/label.ts';
import type { Envelope } from '../../trust/statement/statement.ts';

/**
 * What one line of the record says. Ids are random, and what they stand for the deployment writes down elsewhere; names, titles and
 * addresses have no place here.
 */
export type AuditEntry =
  /** The process that writes began, or began again after one that ended without a word. */
  | { readonly kind: 'started'; readonly tornBytes: number }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'meeting-opened'; readonly meeting: MeetingId }
  | { readonly kind: 'meeting-ended'; readonly meeting: MeetingId; readonly why: string }
  /** Whose session it is that entered or waits, by the certificate that it showed: all other lines name it by session and participant. */
  | {
      readonly kind: 'identified';
      readonly meeting: MeetingId;
      readonly session: SessionId;
      readonly participant: ParticipantId;
      readonly person: PersonId;
      readonly device: DeviceId;
    }
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
      /** In force when it was decided, once there is a chain of entries. */
      readonly marking?: Label;
      readonly twoPersons?: boolean;
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
  /** An order in a meeting, taken or refused. */
  | {
      readonly kind: 'act';
      readonly meeting: MeetingId;
      /** `unreadable`: nobody who may was found to have signed it. */
      readonly order: OrderKind | 'unreadable';
      readonly allowed: boolean;
      /** `acts`, or the code of the rule that refused it. */
      readonly rule: string;
      readonly by: SessionId;
      /** Those whom it names or touches: participants who are in, sessions that wait, and persons who are not here. */
      readonly on: readonly (ParticipantId | SessionId | PersonId)[];
      /** In force after it. */
      readonly marking: Label;
      /** At this marking some orders need two people; `false`: they do not. */
      readonly twoPersons: boolean;
    }
  /** The meeting may be exported, by as many people as its marking asks for: whoever ordered it, and whoever agreed. */
  | {
      readonly kind: 'export-allowed';
      readonly meeting: MeetingId;
      readonly by: readonly SessionId[];
      readonly marking: Label;
      readonly twoPersons: boolean;
    }
  /** The relay stopped a stream that its witness could read, or that was in another's name. */
  | {
      readonly kind: 'stream-stopped';
      readonly meeting: MeetingId;
      readonly participant: ParticipantId;
      /** Of most frames in clear it cannot be told that they are not in another's name. */
      readonly why: 'in-clear' | 'wrong-sender';
    }
  | {
      readonly kind: 'participant-left';
      readonly meeting: MeetingId;
      readonly participant: ParticipantId;
      readonly why: string;
    };
