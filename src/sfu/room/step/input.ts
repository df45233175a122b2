import type { ParticipantId } from '../../../base/ids.ts';
import type { MediaRequest, Source } from '../../../base/media.ts';
import type { Result } from '../../../base/result.ts';
import type { EngineEvent, EngineReply } from '../../engine/port.ts';
import type { Ask, Call } from './state.ts';

/** What happens to a room. */
export type RoomInput =
  /** Answered by an `opened` effect. */
  | { readonly kind: 'open'; readonly ask: Ask }
  | { readonly kind: 'close' }
  /** Does nothing where `entryRefusal` refuses. */
  | { readonly kind: 'enter'; readonly participant: ParticipantId; readonly senderNumber: number }
  | { readonly kind: 'leave'; readonly participant: ParticipantId }
  /** Orders from outside: nobody waits for an answer. */
  | { readonly kind: 'mute'; readonly participant: ParticipantId }
  | { readonly kind: 'stop'; readonly participant: ParticipantId; readonly sources: readonly Source[] }
  /** From now on the frames of these carry one of their numbers; several may have the same one, of different epochs. */
  | {
      readonly kind: 'expect-senders';
      readonly numbers: ReadonlyMap<ParticipantId, readonly number[]>;
    }
  /** Answered by an `answer` effect. */
  | {
      readonly kind: 'request';
      readonly ask: Ask;
      readonly participant: ParticipantId;
      readonly request: MediaRequest;
    }
  | { readonly kind: 'reply'; readonly call: Call; readonly result: Result<EngineReply> }
  | { readonly kind: 'event'; readonly event: RoomEvent }
  /** `wakeAt` of the last step has come. */
  | { readonly kind: 'tick' };

/** The engine's events that concern one room. */
export type RoomEvent = Extract<EngineEvent, { readonly room: unknown }>;
