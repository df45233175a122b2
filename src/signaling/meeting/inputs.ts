import type { ParticipantId, SessionId } from '../../base/ids.ts';
import type { MediaEvent } from '../../base/media.ts';
import type { Result } from '../../base/result.ts';
import type { RtpCapabilities } from '../../base/rtp.ts';
import type { SignedCheckpoint } from '../../trust/record/checkpoint.ts';
import type { Request, RequestKind, RequestOf } from '../protocol/messages.ts';

/**
 * `hello` belongs to the session, what has to be proven to the door, the chain of entries to conduct, and what signs the record to
 * whoever keeps it; all others to the meeting.
 */
type OtherKind = 'hello' | 'challenge' | 'convene' | 'act' | 'history' | 'countersign';
export type MeetingRequestKind = Exclude<RequestKind, OtherKind>;
export type MeetingRequest = Exclude<Request, { kind: OtherKind }>;
export type MediaRequestKind = Exclude<MeetingRequestKind, 'enter' | 'leave' | 'group'>;
export type WireMediaRequest = { [Kind in MediaRequestKind]: RequestOf<Kind> }[MediaRequestKind];

/** Who asks, by the session alone, never by anything in a message. An entry comes with a freshly drawn participant. */
export interface Caller {
  readonly session: SessionId;
  readonly participant: ParticipantId;
}

export type LeftWhy = 'left' | 'connection-lost' | 'removed';
export type EndWhy = 'ended' | 'server-stopping' | 'media-lost';

export type MeetingInput =
  | { readonly kind: 'request'; readonly from: Caller; readonly request: MeetingRequest }
  | {
      readonly kind: 'entered';
      readonly participant: ParticipantId;
      readonly result: Result<RtpCapabilities>;
      /** Freshly drawn. */
      readonly blobToken: string;
    }
  | { readonly kind: 'session-ended'; readonly participant: ParticipantId; readonly why: LeftWhy }
  | { readonly kind: 'media-event'; readonly to: ParticipantId; readonly event: MediaEvent }
  /** Somebody may be here no longer, by a rule of that code. */
  | { readonly kind: 'expelled'; readonly participant: ParticipantId; readonly rule: string }
  /** Another device of the same person takes its place. */
  | { readonly kind: 'replaced'; readonly participant: ParticipantId }
  /** Out, and before the door again. */
  | { readonly kind: 'sent-back'; readonly participant: ParticipantId }
  | { readonly kind: 'list-published'; readonly number: number }
  | { readonly kind: 'checkpoint'; readonly checkpoint: SignedCheckpoint }
  | { readonly kind: 'end'; readonly why: EndWhy };
