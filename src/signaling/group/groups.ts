import { createHash } from 'node:crypto';
import { type Bytes, toBase64Url, utf8 } from '../../base/bytes.ts';
import type { Clock, RandomBytes } from '../../base/clock.ts';
import type { MeetingId, ParticipantId, SessionId } from '../../base/ids.ts';
import { type Result, refuse } from '../../base/result.ts';
import type { AuditSink, MediaPlane } from '../ports.ts';
import { encodeEvent } from '../protocol/encode.ts';
import type { WireGroupHeard, WireGroupSaid } from '../protocol/group-schemas.ts';
import type { Sessions } from '../session/sessions.ts';
import { Budget } from './budget.ts';
import { Group } from './group.ts';
import { MAX_ALL_BYTES, SWEEP_EVERY_MS } from './limits.ts';

const TOKEN_BYTES = 32;

/** A participant's way to the blobs of its meeting. Once it is out every call answers no. */
export interface BlobAccess {
  /** Whether so many bytes more of its may be on their way; to be given back by `arrived`. */
  arrives(bytes: number): boolean;
  arrived(bytes: number): void;
  /** `gone`: it left while they came. */
  put(hash: string, bytes: Bytes): 'kept' | 'full' | 'gone';
  get(hash: string): Bytes | undefined;
  /** Whether it has not fetched too much. */
  mayFetch(bytes: number): boolean;
}

interface Holder {
  readonly meeting: MeetingId;
  readonly participant: ParticipantId;
}

interface GroupsOptions {
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly audit: AuditSink;
  readonly media: Pick<MediaPlane, 'expectSenders'>;
  readonly sessions: Sessions;
  readonly expel: (meeting: MeetingId, participant: ParticipantId) => void;
}

/** Tokens are known by their hash: what is looked up, in whatever time, says nothing of a token that is not known already. */
const digestOf = (token: string): string => createHash('sha256').update(utf8(token)).digest('base64url');

/** The groups of all meetings, and who may fetch and bring their blobs. */
export class Groups {
  readonly #options: GroupsOptions;
  readonly #all = new Map<MeetingId, Group>();
  readonly #holders = new Map<string, Holder>();
  readonly #digests = new Map<ParticipantId, string>();
  readonly #budget = new Budget(MAX_ALL_BYTES);
  #cancelSweeps: (() => void) | undefined;

  constructor(options: GroupsOptions) {
    this.#options = options;
  }

  drawToken(): string {
    return toBase64Url(this.#options.randomBytes(TOKEN_BYTES));
  }

  /** Somebody came in. */
  seat(meeting: MeetingId, participant: ParticipantId, session: SessionId, token: string): void {
    const digest = digestOf(token);
    this.#holders.set(digest, { meeting, participant });
    this.#digests.set(participant, digest);
    this.#groupOf(meeting).seat(participant, session);
    // No epoch is known of: whatever is sealed before the first "ready" is sealed with something else than the group's keys.
    this.#options.media.expectSenders(meeting, new Map([[participant, []]]));
  }

  hear(meeting: MeetingId, from: ParticipantId, said: WireGroupSaid): Result<object> {
    const group = this.#all.get(meeting);
    return group?.hear(from, said) ?? refuse('group.not-a-member', 'there is no group');
  }

  /** Also for somebody who has no seat. */
  leave(meeting: MeetingId, participant: ParticipantId): void {
    this.#forgetToken(participant);
    this.#all.get(meeting)?.leave(participant);
  }

  /** Its context is another from now on: to be called after those who may not stay were removed. */
  restart(meeting: MeetingId): void {
    this.#all.get(meeting)?.restart();
  }

  end(meeting: MeetingId): void {
    for (const { meeting: of, participant } of [...this.#holders.values()])
      if (of === meeting) this.#forgetToken(participant);
    this.#all.get(meeting)?.end();
    this.#all.delete(meeting);
    if (this.#all.size > 0) return;
    this.#cancelSweeps?.();
    this.#cancelSweeps = undefined;
  }

  /** `undefined` for every token that does not open this meeting's blobs now. */
  access(meeting: MeetingId, token: string): BlobAccess | undefined {
    const digest = digestOf(token);
    const holder = this.#holders.get(digest);
    const group = this.#all.get(meeting);
    if (holder?.meeting !== meeting || group === undefined) return undefined;
    const { participant } = holder;
    const isIn = () => this.#holders.get(digest) === holder;
    const nowMs = () => this.#options.clock.nowMs();
    return {
      arrives: (bytes) => isIn() && group.shelf.arrives(participant, bytes),
      arrived: (bytes) => group.shelf.arrived(participant, bytes),
      put: (hash, bytes) => {
        if (!isIn()) return 'gone';
        return group.shelf.put(participant, hash, bytes, nowMs()) ? 'kept' : 'full';
      },
      get: (hash) => (isIn() ? group.shelf.get(hash) : undefined),
      mayFetch: (bytes) => group.mayFetch(participant, bytes),
    };
  }

  #forgetToken(participant: ParticipantId): void {
    const digest = this.#digests.get(participant);
    if (digest !== undefined) this.#holders.delete(digest);
    this.#digests.delete(participant);
  }

  #groupOf(meeting: MeetingId): Group {
    const group = this.#all.get(meeting) ?? this.#make(meeting);
    this.#all.set(meeting, group);
    this.#cancelSweeps ??= this.#options.clock.every(SWEEP_EVERY_MS, () => this.#sweep());
    return group;
  }

  #make(meeting: MeetingId): Group {
    const { clock, audit, media, expel } = this.#options;
    return new Group({
      meeting,
      clock,
      audit,
      media,
      budget: this.#budget,
      tell: (to, heard) => this.#tell(to, heard),
      expel: (participant) => expel(meeting, participant),
    });
  }

  #sweep(): void {
    for (const group of this.#all.values()) group.sweep();
  }

  /** Written once, however many it goes to. */
  #tell(to: readonly SessionId[], heard: WireGroupHeard): void {
    const { sessions } = this.#options;
    const encode = encodeEvent({ kind: 'group', heard });
    for (const id of to) {
      const session = sessions.get(id);
      if (session !== undefined) sessions.deliver(session, encode);
    }
  }
}
