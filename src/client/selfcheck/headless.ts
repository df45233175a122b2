import type { Bytes } from '../../base/bytes.ts';
import type { Clock, RandomBytes } from '../../base/clock.ts';
import { BelfryError, messageOf } from '../../base/errors.ts';
import type { ParticipantId } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import type { Source } from '../../base/media.ts';
import type { Result } from '../../base/result.ts';
import { createFrameKeys } from '../../e2ee/keys/store.ts';
import type { SyncDriver } from '../../e2ee/sframe/driver.ts';
import { nodeDriver } from '../../e2ee/sframe/node.ts';
import type { FrameCodec } from '../../framing/clear.ts';
import type { EncodedClip } from '../clips/clip.ts';
import type { ShippedClips } from '../clips/files.ts';
import type { OpenSocket } from '../connection/socket.ts';
import { groupKeys } from '../group/meeting-keys.ts';
import type { GroupTools } from '../group/tools.ts';
import type { EntryLink } from '../link.ts';
import { joinMeeting, type Meeting } from '../meeting.ts';
import { nodeGroupTools } from '../node/group-tools.ts';
import type { Enrolled } from '../people/enrolled.ts';
import type { StreamEvent } from '../streams.ts';
import { createWeriftMedia } from '../werift/adapter.ts';
import type { EncodedInput, ReceivedStream } from '../werift/media.ts';
import { isStopCode, type StopCode } from './findings.ts';
import { ProbedKeys } from './probed-keys.ts';
import type { SealingReport } from './report.ts';
import { SentLog } from './sent-log.ts';

export interface HeadlessOptions {
  readonly link: EntryLink;
  readonly name: string;
  readonly device: Enrolled;
  /** Media keys come from the meeting's group. Node's own tools where absent. */
  readonly group?: GroupTools;
  /** Node's own cryptography where absent. */
  readonly driver?: SyncDriver;
  readonly clips: ShippedClips;
  readonly openSocket: OpenSocket;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly logger: Logger;
  readonly onFault: (fault: string) => void;
}

/** A frame as it left. */
export interface SealedWire {
  readonly wire: Bytes;
  readonly source: Source;
  readonly codec: FrameCodec;
  readonly by: ParticipantId;
  readonly atMs: number;
}

/** What it sends. */
export type HeadlessSource = keyof ShippedClips;

/** A participant without a screen: real media out of clips, and a log of what it sent. */
export class Headless {
  readonly name: string;
  readonly id: ParticipantId;
  readonly sent: SentLog;
  readonly meeting: Meeting<EncodedInput, ReceivedStream>;
  readonly #clips: ShippedClips;
  readonly #keys: ProbedKeys;
  readonly #nowMs: () => number;
  #stoppedFor: StopCode | undefined;

  private constructor(
    { name, clips, clock }: HeadlessOptions,
    keys: ProbedKeys,
    sent: SentLog,
    meeting: Meeting<EncodedInput, ReceivedStream>,
  ) {
    this.name = name;
    this.#clips = clips;
    this.#keys = keys;
    this.#nowMs = () => clock.nowMs();
    this.sent = sent;
    this.meeting = meeting;
    const { self } = meeting.state;
    if (self === undefined)
      throw new BelfryError('bug.no-self', 'a joined meeting knows its own participant');
    this.id = self.participant;
    // Noted as it comes: the state keeps the last problem only.
    meeting.onChange(({ problem }) => {
      if (problem !== undefined && isStopCode(problem.code)) this.#stoppedFor = problem.code;
    });
  }

  /** Throws the refusal's code where the meeting does not let it in. */
  static async join(options: HeadlessOptions): Promise<Headless> {
    const { clock, name, onFault, driver = nodeDriver } = options;
    const frameKeys = new ProbedKeys(() => createFrameKeys({ driver }));
    const media = createWeriftMedia({ ...options, frameKeys });
    const onListenerError = (error: unknown) => onFault(`${name}: ${messageOf(error)}`);
    const keys = groupKeys(options.group ?? nodeGroupTools(clock));
    const meeting = await joinMeeting({ ...options, keys, media, frameKeys, onListenerError });
    const onRepeat = () => onFault(`${name} sealed a frame under the key id and counter of another`);
    const sent = new SentLog(() => clock.nowMs(), onRepeat);
    return new Headless(options, frameKeys, sent, orThrow(meeting, name));
  }

  /** Camera and microphone on. Throws the refusal's code. */
  async produce(): Promise<void> {
    const onSent: EncodedInput['onSent'] = (frame) => this.sent.add(frame);
    const { microphone, camera } = this.#clips;
    orThrow(await this.meeting.produce('microphone', { layers: microphone, onSent }), this.name);
    orThrow(await this.meeting.produce('camera', { layers: camera, onSent }), this.name);
  }

  clipsOf(source: HeadlessSource): readonly EncodedClip[] {
    return this.#clips[source];
  }

  /** Why the relay stopped a source of it because of what its frames looked like; `undefined` where it never did. */
  get stoppedFor(): StopCode | undefined {
    return this.#stoppedFor;
  }

  /** Collects what it seals, until the answer is called. */
  tap(): () => readonly SealedWire[] {
    const sealed: SealedWire[] = [];
    const stop = this.#keys.tap((wire, source, codec) =>
      sealed.push({ wire: wire.slice(), source, codec, by: this.id, atMs: this.#nowMs() }),
    );
    return () => {
      stop();
      return sealed;
    };
  }

  /** With every key that it was ever given, as somebody could who wipes none. */
  couldOpen({ wire, by, source, codec }: SealedWire): boolean {
    return this.#keys.couldOpen(wire, { participant: by, source, codec });
  }

  get sealing(): SealingReport {
    return { name: this.name, ...this.#keys.findings };
  }

  onStream(listener: (event: StreamEvent<ReceivedStream>) => void): void {
    this.meeting.onStream(listener);
  }
}

const orThrow = <T>(result: Result<T>, name: string): T => {
  if (result.ok) return result.value;
  const { code, message } = result.refusal;
  throw new BelfryError(code, `${name}: ${message}`);
};
