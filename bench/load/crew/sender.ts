import type { Bytes } from '../../../src/base/bytes.ts';
import type { Source } from '../../../src/base/media.ts';
import type { EncodedClip } from '../../../src/client/clips/clip.ts';
import type { ShippedClips } from '../../../src/client/clips/files.ts';
import type { DueFrame, EncodedInput } from '../../../src/client/werift/media.ts';
import type { Random } from '../../random.ts';
import { marked } from '../measure/mark.ts';
import { exponential } from '../scenario/arrivals.ts';
import type { Sends } from '../scenario/schema.ts';
import type { LoadMeeting } from './enter.ts';
import type { Tally } from './tally.ts';

const MS_PER_S = 1_000;

export interface SenderOptions {
  readonly sends: Sends;
  readonly clips: ShippedClips;
  readonly tally: Tally;
  readonly clock: number;
  /** The visit's number. */
  readonly sender: number;
  readonly monotonicOf: (nowMs: number) => number;
  readonly random: Random;
}

/** Marks the frames of one source on their way into the seal, and counts those that fell due and those that left. */
class Marker {
  readonly #options: SenderOptions;
  #sequence = -1;
  #lastTick: number | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  readonly mark = (frame: Bytes, { layer, tick, dueMs }: DueFrame): Bytes => {
    const { clock, sender, monotonicOf } = this.#options;
    // Every layer of a picture leaves in one go, the lowest first.
    if (layer === 0) this.#count(tick, dueMs);
    return marked(frame, { clock, sender, sequence: this.#sequence, dueMs: monotonicOf(dueMs) });
  };

  /** Silence is not offered: what falls due in it is not missing. */
  pause(): void {
    this.#lastTick = undefined;
  }

  #count(tick: number, dueMs: number): void {
    const { tally } = this.#options;
    this.#sequence += 1;
    const before = this.#lastTick ?? tick - 1;
    // Media that was built anew counts from nothing, and while there was none nothing fell due.
    tally.add('framesDue', tick > before ? tick - before : 1);
    tally.add('framesSent');
    tally.took('sent-late', performance.now() - dueMs);
    this.#lastTick = tick;
  }
}

/** What one participant sends. */
export class LoadSender {
  readonly #options: SenderOptions;
  readonly #meeting: LoadMeeting;
  readonly #microphone: Marker;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SenderOptions, meeting: LoadMeeting) {
    this.#options = options;
    this.#meeting = meeting;
    this.#microphone = new Marker(options);
  }

  /** Codes of refusals. */
  async start(): Promise<string[]> {
    const { sends, clips } = this.#options;
    const codes: string[] = [];
    const produce = async (source: Source, input: EncodedInput, paused: boolean) => {
      const outcome = await this.#meeting.produce(source, input, paused);
      if (!outcome.ok) codes.push(outcome.refusal.code);
    };
    if (sends.microphone !== 'off') {
      const talks = sends.microphone === 'always';
      await produce('microphone', this.#input(clips.microphone, this.#microphone), !talks);
      if (!talks) this.#changeAfter('silence');
    }
    if (sends.cameraLayers > 0)
      await produce(
        'camera',
        this.#input(clips.camera.slice(0, sends.cameraLayers), new Marker(this.#options)),
        false,
      );
    return codes;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #input(layers: readonly EncodedClip[], marker: Marker): EncodedInput {
    return { layers, marked: marker.mark };
  }

  #changeAfter(state: 'talk' | 'silence'): void {
    const { sends, random } = this.#options;
    if (typeof sends.microphone === 'string') return;
    const { talkSeconds, silenceSeconds } = sends.microphone;
    const seconds = exponential(state === 'talk' ? talkSeconds : silenceSeconds, random);
    this.#timer = setTimeout(() => {
      void this.#meeting.setPaused('microphone', state === 'talk');
      if (state === 'talk') this.#microphone.pause();
      this.#changeAfter(state === 'talk' ? 'silence' : 'talk');
    }, seconds * MS_PER_S);
  }
}
