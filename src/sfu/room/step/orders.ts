import { dropProducer } from './drop.ts';
import type { RoomInput } from './input.ts';
import { call, type Turn, tell } from './turn.ts';

/** One that is being made goes on: whoever is muted may go on by itself anyway. */
export const onMute = (
  { participant: who }: Extract<RoomInput, { readonly kind: 'mute' }>,
  turn: Turn,
): void => {
  const producer = turn.state.participants.get(who)?.producers.get('microphone')?.producer;
  if (producer === undefined) return;
  const pending = { kind: 'mute', who, source: 'microphone', producer, paused: true } as const;
  call(turn, { kind: 'pause-producer', producer }, pending);
};

/** A producer whose answer is still on the way is not known to its owner: that answer then says that it is gone. */
export const onStop = (
  { participant, sources }: Extract<RoomInput, { readonly kind: 'stop' }>,
  turn: Turn,
): void => {
  for (const source of sources) {
    const held = turn.state.participants.get(participant)?.producers.get(source);
    if (held === undefined) continue;
    dropProducer(turn, participant, source);
    if (held.live)
      tell(turn, participant, { kind: 'producer-removed', producer: held.producer, why: 'stopped' });
  }
};
