import type { ParticipantId, SessionId } from '../../base/ids.ts';
import type { MediaRequest } from '../../base/media.ts';
import type { Result } from '../../base/result.ts';
import type { AuditEntry } from '../audit/entry.ts';
import type { CloseCode } from '../protocol/codes.ts';
import type { WireGroupSaid } from '../protocol/group-schemas.ts';
import type { RosterEntry, ServerEvent } from '../protocol/messages.ts';
import type { Meeting } from './state.ts';

/** What a session is to the meeting: a place held while its room is being entered, or a participant. */
export interface Standing {
  readonly participant: ParticipantId;
  readonly admitted: boolean;
}

/** What a meeting wants done, in this order; the shell runs them. */
export type Effect =
  /** Answers request `re` of a session. */
  | {
      readonly kind: 'reply';
      readonly session: SessionId;
      readonly re: number;
      readonly result: Result<unknown>;
    }
  /** The reply to `enter`; what the meeting's chain tells of that moment is added to it. */
  | {
      readonly kind: 'welcome';
      readonly session: SessionId;
      readonly re: number;
      readonly participant: ParticipantId;
      /** Whoever of it has no room in the reply follows at once. */
      readonly roster: readonly RosterEntry[];
      readonly body: object;
    }
  | { readonly kind: 'event'; readonly to: readonly SessionId[]; readonly event: ServerEvent }
  | { readonly kind: 'standing'; readonly session: SessionId; readonly standing: Standing | undefined }
  /** Into the record, before what follows can be seen. */
  | { readonly kind: 'audit'; readonly entry: AuditEntry }
  /** Tells the record's newest checkpoint: at a meeting's end, which the others of the relay's meetings do not wait for. */
  | { readonly kind: 'tell-checkpoint'; readonly to: readonly SessionId[] }
  /** Enters the media room; its outcome comes back as the input `entered`. */
  | { readonly kind: 'enter'; readonly participant: ParticipantId; readonly number: number }
  | { readonly kind: 'depart'; readonly participant: ParticipantId }
  /** The outcome is the reply to `re`. */
  | {
      readonly kind: 'media';
      readonly session: SessionId;
      readonly re: number;
      readonly participant: ParticipantId;
      readonly request: MediaRequest;
    }
  /** Opens the meeting's group, and its blobs by that token, to somebody who came in. */
  | {
      readonly kind: 'seat';
      readonly session: SessionId;
      readonly participant: ParticipantId;
      readonly blobToken: string;
    }
  /** Its outcome is the reply to `re`. */
  | {
      readonly kind: 'group';
      readonly session: SessionId;
      readonly re: number;
      readonly participant: ParticipantId;
      readonly said: WireGroupSaid;
    }
  | { readonly kind: 'close-session'; readonly session: SessionId; readonly code: CloseCode }
  | { readonly kind: 'close-room' };

export interface Step {
  readonly meeting: Meeting;
  readonly effects: readonly Effect[];
}

export const step = (meeting: Meeting, ...effects: readonly Effect[]): Step => ({ meeting, effects });
