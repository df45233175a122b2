import type { MeetingId, ParticipantId } from '../base/ids.ts';
import type { MediaEvent, MediaReply, MediaRequest } from '../base/media.ts';
import type { Result } from '../base/result.ts';
import type { RtpCapabilities } from '../base/rtp.ts';
import type { AuditEntry } from './audit/entry.ts';

/** Where decisions are kept that nobody may bend afterwards. */
export interface AuditSink {
  /** In the record when it returns. Refused with `audit.unwritable`: then nobody may be let in by it. */
  write(entry: AuditEntry): Result<undefined>;
}

/**
 * What signaling needs from the media side. `app/bridge` fulfils it with the sfu; tests with a fake. Every call has a
 * deadline inside: a promise here always settles, with `media.unavailable` at the latest after it.
 */
export interface MediaPlane {
  /** Makes the meeting's room if there is none yet; answers what the room can route. */
  openRoom(meeting: MeetingId): Promise<Result<RtpCapabilities>>;
  /** Ends the room and everything in it. Unknown meetings are fine: closing is idempotent. */
  closeRoom(meeting: MeetingId): void;
  /**
   * `senderNumber`: the number that every sealed frame of this participant must carry. No event goes to a participant
   * before its first request.
   */
  enter(meeting: MeetingId, participant: ParticipantId, senderNumber: number): Result<undefined>;
  /** Also for somebody who never entered: leaving is idempotent. */
  leave(meeting: MeetingId, participant: ParticipantId): void;
  /** Ids of others, and in rooms of others, are refused like those that do not exist: `media.unknown`. */
  request(meeting: MeetingId, participant: ParticipantId, request: MediaRequest): Promise<Result<MediaReply>>;
  onEvent(listener: (meeting: MeetingId, to: ParticipantId, event: MediaEvent) => void): () => void;
}
