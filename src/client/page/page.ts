import type { Clock } from '../../base/clock.ts';
import { Emitter } from '../../base/emitter.ts';
import type { Source } from '../../base/media.ts';
import type { Refusal, Result } from '../../base/result.ts';
import type { Order } from '../../trust/acts/act.ts';
import type { DeviceId } from '../../trust/devices/ids.ts';
import type { MeetingLink } from '../link.ts';
import type { Meeting } from '../meeting.ts';
import type { CharterFacts } from '../people/charter-facts.ts';
import { cameraLayerFor } from '../profiles.ts';
import type { MeetingState } from '../store/state.ts';
import type { StreamEvent } from '../streams.ts';
import { type ConductFacts, conductChangesAtUnixMs, conductFacts } from './conduct.ts';
import { type DeviceKind, Devices } from './devices.ts';
import { NOTHING_READ, type ReadingStep, readOn } from './epoch.ts';
import type { FaultCode } from './fault-codes.ts';
import { endFault, joinFault, problemFault } from './faults.ts';
import { shareScreen } from './screen.ts';
import { type PageState, type Screen, withNotice } from './state.ts';

type BrowserMeeting = Meeting<MediaStreamTrack, MediaStreamTrack>;

export interface JoinProgress {
  /** The relay has not answered a few times; it goes on being asked. */
  readonly onSlow: () => void;
  readonly onCharter: (charter: CharterFacts) => void;
  /** The chair has to let this person in. */
  readonly onWaiting: () => void;
  /** Another device of this person leaves the meeting for this one. */
  readonly onReplacing: () => void;
  /** The relay says that there is word of this person's devices. */
  readonly onOwnDevices: () => void;
  /** The person gave up. */
  readonly signal: AbortSignal;
}

export type Join = (
  link: MeetingLink,
  name: string,
  progress: JoinProgress,
) => Promise<Result<BrowserMeeting>>;

export interface PageOptions {
  readonly link: MeetingLink;
  readonly media: MediaDevices;
  readonly join: Join;
  readonly clock: Clock;
  /** Leads to the form for a code. */
  readonly onEnrolAgain: (fault: FaultCode | undefined) => void;
  /** Asks whether this person has other devices by now: when it enters, and when the relay says that there is word. */
  readonly hearOfDevices?: () => void;
  /** The person knows the devices that were shown. */
  readonly onDevicesKnown?: () => Promise<void>;
  readonly onListenerError: (error: unknown) => void;
}

/**
 * What the person can do, and what there is to see of it. A camera that is off is ended and no longer sent; a muted
 * microphone is kept, because it comes back while somebody already speaks.
 */
export class Page {
  readonly #options: PageOptions;
  readonly #devices: Devices;
  readonly #changes: Emitter<PageState>;
  #state: PageState;
  #meeting: BrowserMeeting | undefined;
  #problem: Refusal | undefined;
  /** What the shared window plays, while it is shared. */
  #screenSound: MediaStreamTrack | undefined;
  /** The layer that was asked for of each camera. A new stream is a new track. */
  readonly #shownLayers = new WeakMap<MediaStreamTrack, number>();
  /** Which attempt to join is the newest: an older one that comes in was cancelled. */
  #attempt = 0;
  #joining = new AbortController();
  #cancelLook: () => void = () => {};

  constructor(options: PageOptions) {
    const { media, onListenerError } = options;
    this.#options = options;
    this.#changes = new Emitter(onListenerError);
    this.#devices = new Devices(media, onListenerError);
    this.#state = {
      screen: { kind: 'check' },
      name: '',
      devices: this.#devices.states,
      isMuted: false,
      ownScreen: undefined,
      streams: new Map(),
      notices: [],
      conduct: undefined,
      reading: NOTHING_READ,
      charter: undefined,
      newDevices: [],
    };
    this.#devices.onChange((devices) => this.#set({ devices }));
    this.#devices.onUnplugged((kind) => void this.#onUnplugged(kind));
  }

  get state(): PageState {
    return this.#state;
  }

  onChange(listener: (state: PageState) => void): () => void {
    return this.#changes.on(listener);
  }

  startDevices(): Promise<void> {
    return this.#devices.startBoth();
  }

  setName(name: string): void {
    this.#set({ name });
  }

  async choose(kind: DeviceKind, id: string): Promise<void> {
    await this.#devices.start(kind, id);
  }

  async join(): Promise<void> {
    const attempt = ++this.#attempt;
    this.#options.hearOfDevices?.();
    this.#joining = new AbortController();
    const show = (how: { readonly isSlow?: boolean; readonly isWaiting?: boolean }) =>
      this.#show({ kind: 'joining', isSlow: false, isWaiting: false, ...how });
    show({});
    const isCurrent = () => attempt === this.#attempt;
    const joined = await this.#options.join(this.#options.link, this.#state.name.trim(), {
      onSlow: () => isCurrent() && show({ isSlow: true }),
      onWaiting: () => isCurrent() && show({ isWaiting: true }),
      onReplacing: () => isCurrent() && this.#notice('device.replacing'),
      onOwnDevices: () => this.#options.hearOfDevices?.(),
      signal: this.#joining.signal,
      onCharter: (charter) => isCurrent() && this.#set({ charter }),
    });
    if (attempt !== this.#attempt) {
      if (joined.ok) await joined.value.leave();
      return;
    }
    if (joined.ok) await this.#enter(joined.value);
    else this.#end(joinFault(joined.refusal), joined.refusal);
  }

  cancelJoin(): void {
    this.#attempt += 1;
    this.#joining.abort();
    this.#show({ kind: 'check' });
  }

  async leave(): Promise<void> {
    const meeting = this.#meeting;
    this.#end(undefined, undefined);
    await meeting?.leave();
  }

  async backToCheck(): Promise<void> {
    this.#set({ screen: { kind: 'check' }, notices: [] });
    await this.startDevices();
  }

  /** Whether enrolling this device once more could help. */
  get mayEnrolAgain(): boolean {
    const { screen } = this.#state;
    return screen.kind === 'over' && screen.fault !== undefined && OF_DEVICE.has(screen.fault);
  }

  enrolAgain(): void {
    const { screen } = this.#state;
    this.#options.onEnrolAgain(screen.kind === 'over' ? screen.fault : undefined);
  }

  async toggleCamera(): Promise<void> {
    if (this.#state.devices.camera.isStarting) return;
    if (this.#state.devices.camera.track === undefined) return this.#startGranted('camera');
    this.#devices.stop('camera');
    await this.#meeting?.stop('camera');
  }

  async toggleMicrophone(): Promise<void> {
    const { track, isStarting } = this.#state.devices.microphone;
    if (isStarting) return;
    if (track === undefined) return this.#startGranted('microphone');
    const isMuted = !this.#state.isMuted;
    track.enabled = !isMuted;
    this.#set({ isMuted });
    await this.#meeting?.setPaused('microphone', isMuted);
  }

  async toggleScreen(): Promise<void> {
    if (this.#state.ownScreen !== undefined) return this.#stopScreen();
    if (!this.#maySend('screen')) return this.#notice('media.not-granted');
    const shared = await shareScreen(this.#options.media);
    if (!shared.ok) return this.#notice(shared.refusal.code);
    const { video, audio } = shared.value;
    video.addEventListener('ended', () => void this.#stopScreen());
    this.#set({ ownScreen: video });
    this.#screenSound = audio;
    await this.#produce('screen', video);
    if (audio !== undefined && this.#state.ownScreen === video) await this.#produce('screen-audio', audio);
  }

  /** Signed by this device, and carried out where the meeting's rules allow it. */
  async order(order: Order): Promise<void> {
    const ordered = await this.#meeting?.order(order);
    if (ordered?.ok === false) this.#notice('order.refused');
  }

  /** What the meeting is called from now on. */
  async entitle(title: string): Promise<void> {
    const said = await this.#meeting?.entitle(title.trim());
    if (said?.ok === false) this.#notice('order.refused');
  }

  /** The person opened the code of the keys, closed it, or found that it is the others' too. */
  readCode(step: ReadingStep): void {
    const { screen, reading } = this.#state;
    const epochs = screen.kind === 'meeting' ? screen.meeting.epochs : [];
    this.#set({ reading: readOn(reading, step, epochs) });
  }

  async toggleHand(): Promise<void> {
    const { conduct } = this.#state;
    if (conduct === undefined) return;
    await this.order(
      conduct.hand === undefined ? { kind: 'raise-hand' } : { kind: 'lower-hand', person: conduct.self },
    );
  }

  /** Asks for no sharper picture than is drawn: what nobody draws sharply, nobody sends. */
  readonly showAt = (camera: MediaStreamTrack, heightPx: number): void => {
    const stream = [...this.#state.streams.values()].find(({ output }) => output === camera);
    const spatialLayer = cameraLayerFor(heightPx);
    if (stream === undefined || this.#shownLayers.get(camera) === spatialLayer) return;
    this.#shownLayers.set(camera, spatialLayer);
    // Where the relay says no the picture stays as it is: nothing that a person could act on.
    void this.#meeting?.preferLayers(stream.participant, 'camera', { spatialLayer });
  };

  /** A device that is new is shown until it was written down that the person knows it. */
  async dismiss(code: FaultCode): Promise<void> {
    if (code === 'device.new') await this.#options.onDevicesKnown?.();
    const notices = this.#state.notices.filter((other) => other !== code);
    this.#set({ notices, ...(code === 'device.new' && { newDevices: [] }) });
  }

  /** This person has devices that this one did not know of. */
  tellNewDevices(newDevices: readonly DeviceId[]): void {
    this.#set({ newDevices });
    this.#notice('device.new');
  }

  async #enter(meeting: BrowserMeeting): Promise<void> {
    this.#meeting = meeting;
    this.#show({ kind: 'meeting', meeting: meeting.state });
    this.#conduct(meeting.state);
    meeting.onStream((event) => this.#onStream(event));
    meeting.onChange((state) => this.#onMeeting(meeting, state));
    for (const kind of ['microphone', 'camera'] as const) await this.#sendOrStop(kind);
  }

  /** What may not be sent is not captured either. */
  async #sendOrStop(kind: DeviceKind): Promise<void> {
    const { track } = this.#state.devices[kind];
    if (!this.#maySend(kind)) this.#devices.stop(kind);
    else if (track !== undefined) await this.#produce(kind, track);
  }

  /** By a key as well, whose button is shut: then nothing is captured, not even for a moment. */
  async #startGranted(kind: DeviceKind): Promise<void> {
    if (this.#maySend(kind)) await this.#start(kind);
    else this.#notice('media.not-granted');
  }

  async #start(kind: DeviceKind): Promise<void> {
    const started = await this.#devices.start(kind);
    if (this.#meeting === undefined) {
      this.#set({ isMuted: false });
    } else if (!started.ok) {
      this.#notice(captureCode(this.#state, kind));
    } else {
      void this.dismiss(`unplugged.${kind}`);
      if (kind === 'microphone') this.#set({ isMuted: false });
      await this.#produce(kind, started.value);
    }
  }

  async #produce(
    source: 'microphone' | 'camera' | 'screen' | 'screen-audio',
    track: MediaStreamTrack,
  ): Promise<void> {
    const meeting = this.#meeting;
    // Who joins muted is heard by nobody, not even for a moment.
    const isPaused = source === 'microphone' && this.#state.isMuted;
    const produced = await meeting?.produce(source, track, isPaused);
    if (produced === undefined || produced.ok || meeting !== this.#meeting) return;
    // Turned off while it was being started, or unplugged, which is said by itself.
    if (track.readyState === 'ended') return;
    this.#release(source);
    this.#notice(problemFault(produced.refusal) ?? 'unexpected');
  }

  async #stopScreen(): Promise<void> {
    this.#release('screen');
    await this.#meeting?.stop('screen');
    await this.#meeting?.stop('screen-audio');
  }

  /** Ends what captures for `source`. */
  #release(source: string): void {
    if (source === 'camera' || source === 'microphone') this.#devices.stop(source);
    if (source === 'screen' || source === 'screen-audio') this.#screenSound?.stop();
    if (source !== 'screen') return;
    this.#state.ownScreen?.stop();
    this.#set({ ownScreen: undefined });
  }

  async #onUnplugged(kind: DeviceKind): Promise<void> {
    if (this.#meeting === undefined) return;
    this.#notice(`unplugged.${kind}`);
    await this.#meeting.stop(kind);
  }

  #onStream({ kind, stream }: StreamEvent<MediaStreamTrack>): void {
    const streams = new Map(this.#state.streams);
    if (kind === 'added') streams.set(stream.consumer, stream);
    else streams.delete(stream.consumer);
    this.#set({ streams });
  }

  #onMeeting(meeting: BrowserMeeting, state: MeetingState): void {
    if (meeting !== this.#meeting) return;
    const { phase, problem } = state;
    if (phase.kind === 'closed') {
      this.#end(phase.why && endFault(phase.why), phase.why);
      return;
    }
    this.#show({ kind: 'meeting', meeting: state });
    this.#conduct(state);
    if (problem === undefined || problem === this.#problem) return;
    this.#problem = problem;
    this.#onProblem(problem, state);
  }

  /** Anew with every change, and when time alone changes it. */
  #conduct(state: MeetingState): void {
    const { clock } = this.#options;
    const before = this.#state.conduct;
    const conduct = conductFacts(state, clock.unixMs());
    this.#set({ conduct, charter: state.charter ?? this.#state.charter });
    if (before !== undefined && conduct !== undefined) this.#tellChange(before, conduct);
    this.#cancelLook();
    const atUnixMs = conductChangesAtUnixMs(state);
    if (atUnixMs === undefined || atUnixMs <= clock.unixMs()) return;
    this.#cancelLook = clock.after(atUnixMs - clock.unixMs() + 1, () => this.#conduct(state));
  }

  #tellChange(before: ConductFacts, { isChair, maySend }: ConductFacts): void {
    const wasIn = before.people.some(({ isSelf }) => isSelf);
    const isMore = hasMore(maySend, before.maySend);
    if (hasMore(before.maySend, maySend)) void this.dismiss('conduct.granted');
    if (isMore) void this.dismiss('media.not-granted');
    if (isChair && !before.isChair) this.#notice('conduct.chair');
    else if (wasIn && isMore) this.#notice('conduct.granted');
  }

  #maySend(source: Source): boolean {
    return this.#state.conduct?.maySend.has(source) ?? true;
  }

  /** What the client stopped by itself is not captured any longer either. */
  #onProblem(problem: Refusal, { own }: MeetingState): void {
    const fault = problemFault(problem);
    if (fault !== undefined) this.#notice(fault);
    if (fault === 'conduct.muted') this.#showMuted();
    if (fault === undefined || !RELEASING.has(fault)) return;
    for (const source of ['camera', 'microphone', 'screen'] as const)
      if (!own.has(source)) this.#release(source);
  }

  #showMuted(): void {
    const { track } = this.#state.devices.microphone;
    if (track !== undefined) track.enabled = false;
    this.#set({ isMuted: true });
  }

  #end(fault: FaultCode | undefined, why: Refusal | undefined): void {
    this.#attempt += 1;
    this.#meeting = undefined;
    this.#cancelLook();
    this.#devices.stopAll();
    this.#release('screen');
    this.#set({
      screen: { kind: 'over', fault, why },
      streams: new Map(),
      notices: [],
      isMuted: false,
      conduct: undefined,
      reading: NOTHING_READ,
    });
  }

  #notice(code: FaultCode): void {
    this.#set({ notices: withNotice(this.#state.notices, code) });
  }

  #show(screen: Screen): void {
    this.#set({ screen });
  }

  #set(change: Partial<PageState>): void {
    this.#state = { ...this.#state, ...change };
    this.#changes.emit(this.#state);
  }
}

const OF_DEVICE: ReadonlySet<FaultCode> = new Set(['device.missing', 'device.over', 'device.revoked']);

/** After these what the client stopped is captured no longer. */
const RELEASING: ReadonlySet<FaultCode> = new Set([
  'media.unsealed',
  'media.seen-in-clear',
  'media.wrong-sender',
  'conduct.stopped',
]);

const hasMore = (sources: ReadonlySet<Source>, than: ReadonlySet<Source>): boolean =>
  [...sources].some((source) => !than.has(source));

const captureCode = ({ devices }: PageState, kind: DeviceKind): FaultCode =>
  devices[kind].fault ?? 'unexpected';
