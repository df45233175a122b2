import { Emitter } from '../../base/emitter.ts';
import { ok, type Result } from '../../base/result.ts';
import { VIDEO_PROFILES } from '../profiles.ts';
import type { FaultCode } from './fault-codes.ts';
import { captureFault } from './faults.ts';

export const DEVICE_KINDS = ['camera', 'microphone'] as const;
export type DeviceKind = (typeof DEVICE_KINDS)[number];

export interface DeviceChoice {
  readonly id: string;
  /** Empty until the person has allowed the kind. */
  readonly label: string;
}

export interface DeviceState {
  readonly track: MediaStreamTrack | undefined;
  readonly isStarting: boolean;
  readonly fault: FaultCode | undefined;
  readonly choices: readonly DeviceChoice[];
  /** The id of the one in use, or last in use. */
  readonly chosen: string | undefined;
}

export type DeviceStates = Readonly<Record<DeviceKind, DeviceState>>;

const IDLE: DeviceState = {
  track: undefined,
  isStarting: false,
  fault: undefined,
  choices: [],
  chosen: undefined,
};

const { widthPx, heightPx, framesPerSecond, maxFramesPerSecond } = VIDEO_PROFILES.camera;
/** Wishes, not demands: a camera that has less gives what it has. More pixels than this no layer sends. */
const CAMERA: MediaTrackConstraints = {
  width: { ideal: widthPx },
  height: { ideal: heightPx },
  frameRate: { ideal: framesPerSecond, max: maxFramesPerSecond },
};
const MICROPHONE: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
  channelCount: 1,
};
const WISHES = { camera: CAMERA, microphone: MICROPHONE } as const;
const PLATFORM_KIND = { camera: 'videoinput', microphone: 'audioinput' } as const;

/** The camera and the microphone of this device: at most one track of each, ended where it is not used. */
export class Devices {
  readonly #media: MediaDevices;
  readonly #changes: Emitter<DeviceStates>;
  readonly #unplugged: Emitter<DeviceKind>;
  #states: DeviceStates = { camera: IDLE, microphone: IDLE };

  constructor(media: MediaDevices, onListenerError: (error: unknown) => void) {
    this.#media = media;
    this.#changes = new Emitter(onListenerError);
    this.#unplugged = new Emitter(onListenerError);
    media.addEventListener('devicechange', () => void this.#list());
  }

  get states(): DeviceStates {
    return this.#states;
  }

  onChange(listener: (states: DeviceStates) => void): () => void {
    return this.#changes.on(listener);
  }

  /** A track ended that nobody here ended. */
  onUnplugged(listener: (kind: DeviceKind) => void): () => void {
    return this.#unplugged.on(listener);
  }

  /** Both in one request, so that the browser asks once; where that fails, each by itself, so that one may be missing. */
  async startBoth(): Promise<void> {
    for (const kind of DEVICE_KINDS) this.#set(kind, { isStarting: true, fault: undefined });
    const both = await this.#capture({ video: CAMERA, audio: MICROPHONE }, 'camera');
    if (!both.ok) for (const kind of DEVICE_KINDS) await this.start(kind);
    else for (const kind of DEVICE_KINDS) this.#take(kind, trackOf(kind, both.value));
    await this.#list();
  }

  /** Starts it, or changes to the device `id`. Refusals are fault codes; what ran before a refusal goes on. */
  async start(kind: DeviceKind, id?: string): Promise<Result<MediaStreamTrack>> {
    this.#set(kind, { isStarting: true, fault: undefined });
    const wish = id === undefined ? WISHES[kind] : { ...WISHES[kind], deviceId: { exact: id } };
    const captured = await this.#capture(kind === 'camera' ? { video: wish } : { audio: wish }, kind);
    if (!captured.ok) {
      this.#set(kind, { isStarting: false, fault: captured.refusal.code });
      return captured;
    }
    const track = trackOf(kind, captured.value);
    this.#take(kind, track);
    await this.#list();
    return ok(track);
  }

  /** Ends the track: the device's own light goes out. */
  stop(kind: DeviceKind): void {
    const { track } = this.#states[kind];
    this.#set(kind, { track: undefined, isStarting: false });
    track?.stop();
  }

  stopAll(): void {
    for (const kind of DEVICE_KINDS) this.stop(kind);
  }

  async #capture(
    constraints: MediaStreamConstraints,
    kind: DeviceKind,
  ): Promise<Result<MediaStream, { code: FaultCode; message: string }>> {
    try {
      return ok(await this.#media.getUserMedia(constraints));
    } catch (error) {
      return { ok: false, refusal: { code: captureFault(kind, error), message: 'not captured' } };
    }
  }

  #take(kind: DeviceKind, track: MediaStreamTrack): void {
    this.#states[kind].track?.stop();
    // Fires for what happens to the device, never for `stop`.
    track.addEventListener('ended', () => this.#onEnded(kind, track));
    this.#set(kind, { track, isStarting: false, fault: undefined, chosen: track.getSettings().deviceId });
  }

  #onEnded(kind: DeviceKind, track: MediaStreamTrack): void {
    if (this.#states[kind].track !== track) return;
    this.#set(kind, { track: undefined, fault: `unplugged.${kind}` });
    this.#unplugged.emit(kind);
  }

  async #list(): Promise<void> {
    const devices = await this.#media.enumerateDevices();
    for (const kind of DEVICE_KINDS) {
      const choices = devices
        .filter((device) => device.kind === PLATFORM_KIND[kind] && device.deviceId !== '')
        .map(({ deviceId, label }) => ({ id: deviceId, label }));
      this.#set(kind, { choices });
    }
  }

  #set(kind: DeviceKind, change: Partial<DeviceState>): void {
    this.#states = { ...this.#states, [kind]: { ...this.#states[kind], ...change } };
    this.#changes.emit(this.#states);
  }
}

const trackOf = (kind: DeviceKind, stream: MediaStream): MediaStreamTrack => {
  const track = (kind === 'camera' ? stream.getVideoTracks() : stream.getAudioTracks())[0];
  if (track === undefined) throw new TypeError(`the browser gave no track for the ${kind}`);
  return track;
};
