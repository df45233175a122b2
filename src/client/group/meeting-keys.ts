import { fromBase64Url } from '../../base/bytes.ts';
import { withDeadline } from '../../base/deadline.ts';
import { BelfryError } from '../../base/errors.ts';
import type { ParticipantId } from '../../base/ids.ts';
import { type Refusal, type Result, refuse } from '../../base/result.ts';
import type { StreamSender } from '../../e2ee/frame-keys.ts';
import type { MeetingContext } from '../../e2ee/mls/port.ts';
import { DEFAULT_SUITE, SUITES } from '../../e2ee/sframe/suites.ts';
import type { WireGroupHeard } from '../../signaling/protocol/group-schemas.ts';
import { type Charter, leadersOf, type SignedCharter } from '../../trust/charter/charter.ts';
import type { PersonId } from '../../trust/devices/ids.ts';
import type { Hearing } from '../../trust/heartbeat/heartbeat.ts';
import { sha256 } from '../../trust/signing/keys.ts';
import { Hall } from '../hall/hall.ts';
import type { KeySource, KeyWiring, MakeKeySource, OwnPlace } from '../key-source.ts';
import { valueOrThrow } from '../outcome.ts';
import type { EntryShown, Shown } from '../people/credentials.ts';
import type { VerifiedParticipant } from '../store/state.ts';
import { Beats, type BeatsOptions } from './beats.ts';
import { credentialOf } from './credential.ts';
import type { GroupEvent } from './events.ts';
import { GuardedKeys, type GuardedKeysOptions } from './guarded-keys.ts';
import { KeyAge } from './key-age.ts';
import { HELD_BACK_SAID_MS, LOOK_EVERY_MS, SEALING_WITHIN_MS, STARTED_WITHIN_MS } from './limits.ts';
import { problemOf } from './problems.ts';
import { signedRejections } from './rejection.ts';
import { RelayService } from './relay-service.ts';
import { Seat } from './seat.ts';
import { Standing } from './standing.ts';
import type { GroupTools, JoinAgreement } from './tools.ts';

interface MeetingKeysOptions extends KeyWiring {
  readonly tools: GroupTools;
}

/** Media keys of the meeting's group. */
export const groupKeys =
  (tools: GroupTools): MakeKeySource =>
  (wiring) =>
    new MeetingKeys({ ...wiring, tools });

interface GuardParts
  extends Pick<GuardedKeysOptions, 'standing' | 'whenReadyTaken' | 'isCutOff' | 'onNeedsEpoch'> {
  readonly isUntold: () => boolean;
}

/** What goes on with each epoch. */
interface Followers {
  readonly beats: Beats;
  readonly hall: Hall;
  readonly age: KeyAge;
}

/** One join's part in the group, from its entry to its end. */
interface Joined {
  readonly seat: Seat;
  readonly service: RelayService;
  readonly beats: Beats;
  readonly hall: Hall;
  readonly guard: GuardedKeys;
  readonly end: () => void;
}

/**
 * The media keys of a meeting: each join takes a seat in its group, with a fresh leaf, and nothing of one join
 * is left for the next.
 */
class MeetingKeys implements KeySource {
  readonly #options: MeetingKeysOptions;
  #standing = new Standing();
  #joined: Joined | undefined;
  /** Of the epoch that this device is in. */
  #members: readonly ParticipantId[] = [];
  /** Over all joins, and none before the first. */
  #hearing: Hearing | undefined;
  /** Which join this is. */
  #join = 0;
  /** What the meeting was called when this device was in it last. */
  #title: string | undefined;
  #settleSealing: (why: Refusal | undefined) => void = () => {};

  constructor(options: MeetingKeysOptions) {
    this.#options = options;
  }

  /** Nobody is known, and there are no keys. */
  reset(): void {
    this.#join += 1;
    this.#settleSealing(OUTDATED.refusal);
    this.#hearing = this.#joined?.beats.hearing ?? this.#hearing;
    this.#joined?.end();
    this.#joined = undefined;
    this.#members = [];
    this.#standing = new Standing();
  }

  /** Somebody was let into the roster. */
  admitted(verified: VerifiedParticipant, entry: EntryShown, { certificate }: Shown): void {
    this.#standing.admit(verified, entry, certificate.person, certificate.publicKey);
  }

  /** Who leads may be somebody else. */
  conducted(): void {
    this.#joined?.hall.conducted();
  }

  async entitle(title: string): Promise<Result<void>> {
    return this.#joined?.hall.title(title) ?? NOT_IN;
  }

  left(participant: ParticipantId): void {
    this.#joined?.hall.left(participant);
    this.#standing.left(participant, this.#options.clock.nowMs());
  }

  /** May be here no longer: from now on nothing is sealed for this participant. */
  out(participant: ParticipantId): void {
    this.#standing.out(participant);
    this.#joined?.guard.look();
  }

  /** A number of its own in each epoch: who it is stays. */
  senderOf({ participant }: VerifiedParticipant): StreamSender {
    return { participant };
  }

  outPerson(person: PersonId): void {
    this.#standing.outPerson(person);
    this.#joined?.guard.look();
  }

  hear(heard: WireGroupHeard): void {
    if (heard.kind === 'heartbeat') void this.#joined?.beats.hear(heard.from, heard.statement);
    else if (heard.kind === 'cards' || heard.kind === 'title') this.#joined?.hall.hear(heard);
    else this.#joined?.service.hear(heard);
  }

  /** The session goes on, on another connection. */
  reconnected(): void {
    this.#joined?.seat.hear({ kind: 'connected' });
  }

  /** Settles when frames can be sealed. Throws what is in the way. */
  async begin(own: OwnPlace): Promise<void> {
    const join = this.#join;
    const { tools, clock, device } = this.#options;
    const { signing } = device;
    const { certificate } = own.shown;
    if (own.blobToken === undefined || own.entry.credentials === undefined) return valueOrThrow(NO_GROUP);
    this.admitted(own.self, own.entry, own.shown);
    const certificates = credentialOf(own.entry.credentials.certificate, own.entry.announcement);
    const { suite } = own.charter.opened.value;
    const owner = { suite, certificates, signing, publicKey: certificate.publicKey };
    const starting = tools.startAgreement(owner);
    const onLate = (late: JoinAgreement) => late.end();
    const started = await withDeadline(clock, STARTED_WITHIN_MS, 'the group’s worker', starting, onLate);
    if (join !== this.#join) started.end();
    if (join !== this.#join) return valueOrThrow(OUTDATED);
    const sealing = new Promise<Refusal | undefined>((resolve) => {
      this.#settleSealing = resolve;
    });
    this.#joined = this.#take(own, own.blobToken, started);
    this.#joined.seat.hear({ kind: 'connected' });
    const cancel = clock.after(SEALING_WITHIN_MS, () => this.#settleSealing(NO_EPOCH.refusal));
    const why = await sealing;
    cancel();
    if (why !== undefined) throw BelfryError.from(why);
  }

  #take(own: OwnPlace, token: string, { agreement, end }: JoinAgreement): Joined {
    const { tools, origin, ask, clock, device, onListenerError } = this.#options;
    const { signing } = device;
    const standing = this.#standing;
    const { meeting } = own.charter.opened.value;
    const place = { url: `${origin}/v1/meetings/${meeting}/blobs`, token };
    const service = new RelayService({ ask, blobs: tools.blobs, place, hear: (heard) => seat.hear(heard) });
    const guard = this.#guard({
      standing,
      whenReadyTaken: () => service.whenReadyTaken(),
      isCutOff: () => beats.isCutOff,
      isUntold: () => beats.isUntold,
      onNeedsEpoch: (why) => seat.needsEpoch(why),
    });
    const seat = new Seat({
      agreement,
      context: contextOf(own.charter),
      // Who may be here was judged where each of them was let in: nobody else has a place in this roster.
      judge: () => undefined,
      participantOf: standing.participantOf,
      isWelcome: (participant) => standing.mayHear(participant, clock.nowMs()),
      service,
      keys: guard,
      baseKeyBytes: SUITES[DEFAULT_SUITE].keyBytes,
      rejections: signedRejections(signing, (participant) => standing.find(participant)?.publicKey),
      hash: tools.hash ?? sha256,
      clock,
      onListenerError,
    });
    const beats = this.#beats(own, service, (where) => {
      seat.chairIsIn(where);
      guard.look();
    });
    const hall = this.#hall(own, service);
    const age = new KeyAge(clock, () =>
      this.#options.dispatch({ kind: 'problem', problem: OLD_KEYS.refusal }),
    );
    seat.events.on((event) => this.#onEvent(event, { beats, hall, age }));
    const stopLooking = clock.every(LOOK_EVERY_MS, () => guard.look());
    const stop = () => {
      stopLooking();
      beats.stop();
      age.stop();
      hall.end();
      service.end();
      seat.leave();
      guard.end();
      end();
    };
    return { seat, service, beats, hall, guard, end: stop };
  }

  #guard({ isUntold, ...parts }: GuardParts): GuardedKeys {
    const { keys, clock, dispatch } = this.#options;
    let cancel = (): void => {};
    // At every removal it is so for a moment, until the commit is there; after a new join until the first heartbeat.
    const sayLater = ({ refusal }: { readonly refusal: Refusal }): void => {
      cancel();
      cancel = clock.after(HELD_BACK_SAID_MS, () => dispatch({ kind: 'problem', problem: refusal }));
    };
    return new GuardedKeys({
      ...parts,
      keys,
      nowMs: () => clock.nowMs(),
      onSealing: () => {
        cancel();
        this.#settleSealing(undefined);
      },
      onHeldBack: () => sayLater(HELD_BACK),
      onCutOff: () => sayLater(isUntold() ? UNTOLD : CUT_OFF),
      onEnd: () => cancel(),
    });
  }

  #beats({ self, shown, charter }: OwnPlace, service: RelayService, onHeard: BeatsOptions['onHeard']): Beats {
    const { clock, device, isConnected, dispatch, onListenerError } = this.#options;
    const { signing } = device;
    return new Beats({
      meeting: charter.opened.value.meeting,
      self: { participant: self.participant, person: shown.certificate.person },
      signing,
      line: () => this.#options.line() ?? leadersOf(charter.opened.value),
      isPresent: this.#options.isPresent,
      heads: this.#options.heads,
      standing: this.#standing,
      hearing: this.#hearing,
      clock,
      say: (statement) => {
        if (isConnected()) void service.send({ kind: 'heartbeat', statement });
      },
      onHeard,
      onCutOff: (mayBe, isUntold) => dispatch({ kind: 'cut-off', mayBe, isUntold }),
      onFault: onListenerError,
    });
  }

  #hall({ self, entry, shown, charter }: OwnPlace, service: RelayService): Hall {
    const { tools, device, name, title, mayEntitle, clock, randomBytes, dispatch, onListenerError } =
      this.#options;
    const { person, device: id } = shown.certificate;
    const standing = this.#standing;
    return new Hall({
      meeting: charter.opened.value.meeting,
      self: { participant: self.participant, announcement: entry.announcement },
      name,
      own: { person, device: id, certificate: device.certificate },
      signing: device.signing,
      standing,
      statements: device.root.statements,
      driver: tools.driver,
      randomBytes,
      judge: () => ({ root: device.root, nowUnixMs: clock.unixMs() }),
      mayEntitle,
      leaders: () => this.#options.line() ?? leadersOf(charter.opened.value),
      isThere: (one) => standing.isThere(one),
      wanted: () => this.#title ?? title,
      sayCard: async (card) => this.#isAmongUs() && service.send({ kind: 'card', ...card }),
      sayTitle: async (title) => {
        if (!this.#isAmongUs()) return 'held-back';
        return (await service.send({ kind: 'title', ...title })) ? 'taken' : 'refused';
      },
      onName: (participant, called) => {
        standing.named(participant, called);
        dispatch({ kind: 'named', participant, name: called });
      },
      onTitle: (called) => {
        this.#title = called;
        dispatch({ kind: 'title', title: called });
      },
      onFault: onListenerError,
    });
  }

  /** Whoever is in the group can read what is said in it: nothing is while that is somebody who may not be here. */
  #isAmongUs(): boolean {
    const nowMs = this.#options.clock.nowMs();
    return this.#members.every((one) => this.#standing.mayHear(one, nowMs));
  }

  #onEvent(event: GroupEvent, { beats, hall, age }: Followers): void {
    const { dispatch } = this.#options;
    if (event.kind === 'hall') hall.moved(event.keys, event.isEntry);
    if (event.kind === 'epoch') {
      this.#members = event.members;
      beats.moved(event);
      age.moved(event.members.length);
      this.#showEpoch(event);
    }
    const problem = event.kind === 'trouble' ? problemOf(event) : undefined;
    if (problem !== undefined) dispatch({ kind: 'problem', problem });
  }

  #showEpoch({ epoch, code, joined, left }: Extract<GroupEvent, { kind: 'epoch' }>): void {
    const shown = (all: readonly ParticipantId[]) =>
      all.flatMap((participant) => this.#standing.find(participant)?.shown ?? []);
    const change = { number: epoch, code, joined: shown(joined), left: shown(left) };
    this.#options.dispatch({ kind: 'epoch', epoch: change });
  }
}

/** One text for one marking: the order of groups is the charter's. */
const markingOf = ({ marking: { scale, level, groups } }: Charter): string =>
  JSON.stringify([scale, level, ...groups]);

const contextOf = ({ opened }: SignedCharter): MeetingContext => ({
  meeting: opened.value.meeting,
  marking: markingOf(opened.value),
  suite: opened.value.suite,
  chair: opened.value.chair,
  charterHash: fromBase64Url(opened.digest) ?? new Uint8Array(),
});

const OUTDATED = refuse('session.lost', 'the session ended while this device joined the group');
const NOT_IN = refuse('title.not-in', 'this device is not in the meeting’s group');
const NO_GROUP = refuse('group.no-service', 'the relay has no group for this meeting');
const NO_EPOCH = refuse(
  'group.no-epoch',
  'the meeting’s group did not let this device in, in time',
  'join again',
);
const HELD_BACK = refuse(
  'group.held-back',
  'nothing is sent until the group is without somebody who may be in the meeting no longer',
);
const CUT_OFF = refuse(
  'group.cut-off',
  'nothing is sent: for a minute nothing was heard of whoever leads the meeting, and somebody may be out of it meanwhile',
);
const OLD_KEYS = refuse(
  'group.old-keys',
  'the meeting’s keys did not change for more than an hour: the relay leaves the hourly change out, or nobody answers it',
);
const UNTOLD = refuse(
  'group.untold',
  'nothing is sent: whoever leads the meeting has had an entry for a minute that this device was not told',
);
