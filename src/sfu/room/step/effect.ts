import type { ParticipantId, WorkerId } from '../../../base/ids.ts';
import type { MediaEvent, MediaReply, Source } from '../../../base/media.ts';
import type { Result } from '../../../base/result.ts';
import type { RtpCapabilities } from '../../../base/rtp.ts';
import type { EngineVerb } from '../../engine/port.ts';
import type { Verdict } from '../witness.ts';
import type { Ask, Call } from './state.ts';

/** What the shell does for a room, in this order. */
export type RoomEffect =
  /** The result comes back as a `reply` input with the same `call`; without one nobody waits for it. */
  | { readonly kind: 'verb'; readonly call: Call | undefined; readonly verb: EngineVerb }
  | { readonly kind: 'answer'; readonly ask: Ask; readonly result: Result<MediaReply> }
  | { readonly kind: 'opened'; readonly ask: Ask; readonly result: Result<RtpCapabilities> }
  | { readonly kind: 'tell'; readonly to: ParticipantId; readonly event: MediaEvent }
  | { readonly kind: 'notice'; readonly notice: RoomNotice }
  /** The room is over and takes no more input. `lost`: not by closing it, and it had been open: its people must be told. */
  | { readonly kind: 'ended'; readonly lost: boolean };

/** What an operator should know. */
export type RoomNotice =
  | { readonly kind: 'router-lost'; readonly worker: WorkerId }
  | { readonly kind: 'router-reopened'; readonly worker: WorkerId }
  | { readonly kind: 'reopen-failed'; readonly failures: number; readonly code: string }
  | { readonly kind: 'room-lost' }
  | { readonly kind: 'transport-lost'; readonly participant: ParticipantId }
  | { readonly kind: 'watch-refused'; readonly participant: ParticipantId; readonly code: string }
  | { readonly kind: 'consume-refused'; readonly participant: ParticipantId; readonly code: string }
  /** The witness closed a stream. */
  | {
      readonly kind: 'seen-in-clear';
      readonly participant: ParticipantId;
      readonly source: Source;
      readonly verdict: Verdict;
    };
