import type { Clock } from '../../base/clock.ts';
import { Emitter } from '../../base/emitter.ts';
import type { Refusal, Result } from '../../base/result.ts';
import type { DeviceId } from '../../trust/devices/ids.ts';
import { newKeyPair } from '../../trust/signing/keys.ts';
import type { Enrolment } from '../enrol/answer.ts';
import { outcomeOf } from '../outcome.ts';
import type { DeviceStore, KeptDevice } from '../people/device-store.ts';
import { type Enrolled, loadEnrolled } from '../people/enrolled.ts';
import { heardOf } from '../people/own-devices.ts';
import type { FaultCode } from './fault-codes.ts';
import { enrolFault, renewFault } from './faults.ts';
import { judgeKept } from './kept-device.ts';

/** What the person sees until there is a device to enter with. */
export type OpeningState =
  | { readonly kind: 'looking' }
  /** For a code; `fault`: why the one before, or the device, did not do. */
  | {
      readonly kind: 'asking';
      readonly fault: FaultCode | undefined;
      readonly why: Refusal | undefined;
      /** The code before, to be compared or tried again. */
      readonly typed: string;
    }
  /** `isAsked`: the request lies at the relay, for the authority to answer. */
  | { readonly kind: 'waiting'; readonly isAsked: boolean }
  | { readonly kind: 'stopped'; readonly fault: FaultCode; readonly why: Refusal }
  | { readonly kind: 'ready' };

/** One request to the authority, with a code or as a device that it knows. */
export type AskAuthority = (
  keys: CryptoKeyPair,
  code: string | undefined,
  onWaiting: () => void,
  signal: AbortSignal,
) => Promise<Result<Enrolment>>;

export interface DeviceOpeningOptions {
  readonly store: DeviceStore;
  readonly ask: AskAuthority;
  readonly clock: Clock;
  /** Of the link. */
  readonly code: string | undefined;
  /** There is a device: a code in the address serves nobody any more. */
  readonly onReady: () => void;
  /** What the authority left for this device: fetched behind the person's back. */
  readonly hear: () => Promise<readonly DeviceId[]>;
  /** Devices of the same person that nobody has been shown here yet. */
  readonly onNewDevices: (devices: readonly DeviceId[]) => void;
  readonly onListenerError: (error: unknown) => void;
}

/** From what this browser keeps to a device that may show itself: at once, by a renewal, or by enrolling. */
export class DeviceOpening {
  readonly #options: DeviceOpeningOptions;
  readonly #changes: Emitter<OpeningState>;
  #state: OpeningState = { kind: 'looking' };
  #device: Enrolled | undefined;
  /** For all codes of this page: who asks again with the same key is given the same device. */
  #keys: CryptoKeyPair | undefined;
  #typed = '';
  #asking = new AbortController();
  #hearing: Promise<void> | undefined;
  #isToHear = false;

  constructor(options: DeviceOpeningOptions) {
    this.#options = options;
    this.#changes = new Emitter(options.onListenerError);
  }

  get state(): OpeningState {
    return this.#state;
  }

  /** The newest that there is; a renewal in the background may bring one. */
  get device(): Enrolled | undefined {
    return this.#device;
  }

  onChange(listener: (state: OpeningState) => void): () => void {
    return this.#changes.on(listener);
  }

  /** Looks what is kept, and goes on from there. Again after it stopped. */
  async start(): Promise<void> {
    this.#show({ kind: 'looking' });
    const { store, clock, code } = this.#options;
    const loaded = await outcomeOf(() => store.load());
    if (!loaded.ok) return this.#stop('device.no-place', loaded.refusal);
    const kept = loaded.value;
    const kind = await judgeKept(kept, clock.unixMs());
    if (kept === undefined || kind === 'none' || kind === 'over')
      return code === undefined
        ? this.#askForCode(kind === 'over' ? 'device.over' : undefined)
        : this.enrol(code);
    if (kind === 'not-cleared') return this.#renewFirst(kept);
    await this.#useKept();
    if (kind === 'ending') await this.#renewBehind(kept);
    await this.hear();
  }

  /**
   * Whether the person has devices that were not shown here yet: with each opening, each entry, and when the relay says that there
   * is word. One question at a time, and at most one more after it: a relay that says so endlessly is asked no faster than it answers.
   */
  hear(): Promise<void> {
    this.#isToHear = true;
    this.#hearing ??= this.#hearAll().finally(() => {
      this.#hearing = undefined;
    });
    return this.#hearing;
  }

  async #hearAll(): Promise<void> {
    for (; this.#isToHear; await this.#hearOnce()) this.#isToHear = false;
  }

  async #hearOnce(): Promise<void> {
    const heard = await outcomeOf(() => this.#options.hear());
    if (heard.ok && heard.value.length > 0) this.#options.onNewDevices(heard.value);
  }

  /** With a code as it was typed. */
  async enrol(code: string): Promise<void> {
    this.#typed = code;
    const answer = await this.#askAuthority(async () => {
      this.#keys ??= await newKeyPair(false);
      return this.#keys;
    }, code);
    if (answer === undefined) return;
    const { enrolled, keys } = answer;
    if (enrolled.ok) await this.#take(keys, enrolled.value);
    else this.#askForCode(enrolFault(enrolled.refusal), enrolled.refusal);
  }

  /** Although there is a device: the authority or the relay takes it no more. */
  enrolAgain(fault: FaultCode | undefined): void {
    this.#askForCode(fault);
  }

  /** Whatever the authority answers now is not waited for. */
  cancel(): void {
    this.#asking.abort();
    this.#askForCode(undefined);
  }

  /** Where nothing else helps: without a clearance nobody enters. */
  async #renewFirst(kept: KeptDevice): Promise<void> {
    const answer = await this.#askAuthority(async () => kept.pair, undefined);
    if (answer === undefined) return;
    const { enrolled } = answer;
    if (enrolled.ok) await this.#take(kept.pair, enrolled.value, kept);
    else this.#stop(renewFault(enrolled.refusal), enrolled.refusal);
  }

  /** Where the authority does not answer, the certificate still holds for days. */
  async #renewBehind(kept: KeptDevice): Promise<void> {
    const { ask } = this.#options;
    const { signal } = new AbortController();
    const renewed = await outcomeOf(() => ask(kept.pair, undefined, () => {}, signal));
    if (!renewed.ok || !renewed.value.ok) return;
    if (await this.#keep(kept.pair, renewed.value.value, kept)) await this.#load();
  }

  async #askAuthority(
    keysOf: () => Promise<CryptoKeyPair>,
    code: string | undefined,
  ): Promise<{ readonly keys: CryptoKeyPair; readonly enrolled: Result<Enrolment> } | undefined> {
    this.#asking.abort();
    const asking = new AbortController();
    this.#asking = asking;
    this.#show({ kind: 'waiting', isAsked: false });
    const onWaiting = () => {
      if (!asking.signal.aborted) this.#show({ kind: 'waiting', isAsked: true });
    };
    const asked = await outcomeOf(async () => {
      const keys = await keysOf();
      return { keys, enrolled: await this.#options.ask(keys, code, onWaiting, asking.signal) };
    });
    if (asking.signal.aborted) return undefined;
    if (asked.ok) return asked.value;
    this.#stop('unexpected', asked.refusal);
    return undefined;
  }

  async #take(keys: CryptoKeyPair, enrolment: Enrolment, before?: KeptDevice): Promise<void> {
    if (!(await this.#keep(keys, enrolment, before))) return;
    // A device that is revoked one day is not enrolled again with the same key.
    this.#keys = undefined;
    this.#typed = '';
    await this.#useKept();
  }

  async #keep(pair: CryptoKeyPair, enrolment: Enrolment, before?: KeptDevice): Promise<boolean> {
    const { root, scale, certificate, statements, devices } = enrolment;
    const { clearance } = statements;
    const heard = heardOf(before, devices);
    const kept = { root: root.pem, scale, certificate, clearance, ...heard, pair };
    const outcome = await outcomeOf(() => this.#options.store.keep(kept));
    if (!outcome.ok && this.#state.kind !== 'ready') this.#stop('device.no-place', outcome.refusal);
    if (outcome.ok && heard.unseen.length > 0) this.#options.onNewDevices(heard.unseen);
    return outcome.ok;
  }

  async #useKept(): Promise<void> {
    const refusal = await this.#load();
    if (refusal === undefined) {
      this.#options.onReady();
      this.#show({ kind: 'ready' });
    } else this.#stop(refusal.code === 'device.not-cleared' ? 'clearance.missing' : 'unexpected', refusal);
  }

  async #load(): Promise<Refusal | undefined> {
    const loaded = await outcomeOf(() => loadEnrolled(this.#options.store));
    if (!loaded.ok) return loaded.refusal;
    if (!loaded.value.ok) return loaded.value.refusal;
    this.#device = loaded.value.value;
    return undefined;
  }

  #askForCode(fault: FaultCode | undefined, why?: Refusal): void {
    this.#show({ kind: 'asking', fault, why, typed: this.#typed });
  }

  #stop(fault: FaultCode, why: Refusal): void {
    this.#show({ kind: 'stopped', fault, why });
  }

  #show(state: OpeningState): void {
    this.#state = state;
    this.#changes.emit(state);
  }
}
