import type { ParticipantId } from '../../base/ids.ts';
import type { Source } from '../../base/media.ts';
import type { MeetingState, StreamState } from '../store/state.ts';
import type { Stream } from '../streams.ts';

type TrackStream = Stream<MediaStreamTrack>;

/** One person of the verified roster, and what there is to see and hear of them now. */
export interface Person {
  readonly participant: ParticipantId;
  readonly name: string;
  readonly hue: number;
  readonly camera: MediaStreamTrack | undefined;
  readonly screen: MediaStreamTrack | undefined;
  readonly microphone: MediaStreamTrack | undefined;
  readonly isMuted: boolean;
}

/** Everybody but this client, in the order in which the roster names them. */
export const peopleOf = (state: MeetingState, streams: Iterable<TrackStream>): readonly Person[] => {
  const playable = [...streams];
  return [...state.participants.values()].map(({ participant, name, number }) => {
    const track = (source: Source) => playableTrack(state, playable, participant, source);
    return {
      participant,
      name,
      hue: hueOf(number),
      camera: track('camera'),
      screen: track('screen'),
      microphone: track('microphone'),
      isMuted: track('microphone') === undefined,
    };
  });
};

const playableTrack = (
  state: MeetingState,
  streams: readonly TrackStream[],
  participant: ParticipantId,
  source: Source,
): MediaStreamTrack | undefined =>
  streams.findLast(
    (stream) =>
      stream.participant === participant &&
      stream.source === source &&
      isFlowing(state.streams.get(stream.consumer)),
  )?.output;

const isFlowing = (stream: StreamState | undefined): boolean => stream !== undefined && !stream.paused;

/** Spread over the circle by the golden angle, so that neighbours differ. */
export const hueOf = (number: number): number => Math.round((number * 137.508) % 360);

/** The first letters of the first and last word; a dot where there is none. */
export const initialsOf = (name: string): string => {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map(
    (word) => [...(word ?? '')][0] ?? '',
  );
  return letters.join('').toLocaleUpperCase() || '·';
};
