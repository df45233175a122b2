import type { MeetingId, ParticipantId, ProducerId } from '../base/ids.ts';
import type { MediaEvent, MediaReply, MediaRequest, Source } from '../base/media.ts';
import type { Result } from '../base/result.ts';
import type { RtpCapabilities } from '../base/rtp.ts';
import type { Scale } from '../trust/markings/scale.ts';
import type { SignedCheckpoint } from '../trust/record/checkpoint.ts';
import type { CurrentList, SeenList } from '../trust/revocation/list.ts';
import type { PeopleRoot } from '../trust/signing/people-certificate.ts';
import type { KeyId } from '../trust/statement/statement.ts';
import type { Vouched } from '../trust/statement/vouched.ts';
import type { AuditEntry } from './audit/entry.ts';
import type { KeptList, NewEntries, OneTime, StoredMeeting } from './store/kept.ts';
import type { Written } from './store/refusals.ts';

/** Where decisions are kept that nobody may bend afterwards. */
export interface AuditSink {
  /** In the record when it returns. Refused with `audit.unwritable`: then nobody may be let in by it. */
  write(entry: AuditEntry): Result<undefined>;
}

/** Where the record tells that it was signed. */
export interface Checkpoints {
  /** Hears of each, once it is in the file. */
  onCheckpoint(listener: (checkpoint: SignedCheckpoint) => void): () => void;
}

/** The newest list of revocations that was found good, and as it travels. */
export interface PublishedList {
  readonly vouched: Vouched;
  readonly current: CurrentList;
}

/** By what the relay judges who may enter. It can check all of it, and make none of it. */
export interface PeopleTrust {
  readonly root: PeopleRoot;
  readonly scale: Scale;
  /** `undefined` until one was found good; one that has expired is still given out. */
  list(): PublishedList | undefined;
  /** Each newer list. */
  onList(listener: () => void): () => void;
}

/** Where requests for certificates wait for the authority, and its answers for the devices. The relay can make neither. */
export interface EnrolmentMailbox {
  /** Again of the same key is fine. Refused with `enrolment.full`. */
  put(keyId: KeyId, request: string): Promise<Result<undefined>>;
  answerTo(keyId: KeyId): Promise<string | undefined>;
  /** Which devices its person has, as the authority said when one came that this one had not asked for. */
  toldTo(keyId: KeyId): Promise<string | undefined>;
  /** Whenever there may be word for a key: also when there is none, or the same as before. */
  onTold(listener: (keyId: KeyId) => void): () => void;
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
   * `senderNumber`: the number that every sealed frame of this participant must carry, until `expectSenders`. No event goes to a participant
   * before its first request.
   */
  enter(meeting: MeetingId, participant: ParticipantId, senderNumber: number): Result<undefined>;
  /**
   * The numbers that frames of these participants may carry from now on, instead. They may overlap: leaves of a group are
   * unique in an epoch alone. Who is not there is left out.
   */
  expectSenders(meeting: MeetingId, numbers: ReadonlyMap<ParticipantId, readonly number[]>): void;
  /** Also for somebody who never entered: leaving is idempotent. */
  leave(meeting: MeetingId, participant: ParticipantId): void;
  /** Ids of others, and in rooms of others, are refused like those that do not exist: `media.unknown`. */
  request(meeting: MeetingId, participant: ParticipantId, request: MediaRequest): Promise<Result<MediaReply>>;
  /** Its microphone is paused, if it sends one; it may resume by itself. Idempotent, like `stop`. */
  mute(meeting: MeetingId, participant: ParticipantId): void;
  /** Its streams of these sources are closed, those that are being made as well; it is told `producer-removed`. */
  stop(meeting: MeetingId, participant: ParticipantId, sources: readonly Source[]): void;
  /** What a producer of this participant shows; `undefined` of others and of none. */
  sourceOf(meeting: MeetingId, participant: ParticipantId, producer: ProducerId): Source | undefined;
  onEvent(listener: (meeting: MeetingId, to: ParticipantId, event: MediaEvent) => void): () => void;
}

/**
 * What a relay keeps over a restart. What was written is on the disk when the call returns; what is refused with
 * `store.full` or `store.unwritable` must not be acted upon. Ids and sizes were judged before: wrong ones are thrown
 * (`store.invalid`), and so is a store that broke under way (`store.damaged`).
 */
export interface Store {
  /** Refused with `meeting.exists` also for a meeting that has ended: a charter opens its meeting once. */
  openMeeting(meeting: StoredMeeting): Written;
  /** Forgets its charter, title and entries, and keeps that it was. */
  endMeeting(id: MeetingId, endedUnixMs: number): Written;
  /** The oldest first. */
  openMeetings(): readonly StoredMeeting[];
  /** All or none, after the newest that is kept of the meeting. Refused with `store.full` beyond the bounds of a meeting's chain. */
  appendEntries(entries: NewEntries): Written;
  /** In order, as many as `maxBytes` hold and at least one, if there is one. */
  entriesAfter(meeting: MeetingId, n: number, maxBytes: number): readonly string[];
  /** True for one caller, ever: `once.used` for all others, also where the clock was set back after a sweep. */
  useOnce(oneTime: OneTime): Written;
  /** Forgets what nobody accepts any more. */
  sweep(nowUnixMs: number): Written;
  /** The newest list of revocations, as `judgeRevocation` found it good; it only rises, for each authority. */
  seeList(list: KeptList): Written;
  /** `root`: the SHA-256 of the authority's. */
  lastSeenList(root: string): SeenList | undefined;
  /** Idempotent. */
  close(): void;
}
