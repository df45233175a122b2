import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { MeetingId } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import type { Order, OrderKind } from '../../trust/acts/act.ts';
import type { Effect, SignedAct } from '../../trust/acts/input.ts';
import type { PersonId } from '../../trust/devices/ids.ts';
import { type Rank, rankOf } from '../../trust/markings/label.ts';
import { openAct } from '../../trust/signing/act.ts';
import type { AuditEntry } from '../audit/entry.ts';
import type { Entrant } from '../door/judge.ts';
import type { AuditSink, PeopleTrust } from '../ports.ts';
import type { RequestOf } from '../protocol/messages.ts';
import type { Session } from '../session/session.ts';
import type { Sessions } from '../session/sessions.ts';
import { type ActOpening, ActQueue } from './act-queue.ts';
import { type Chain, REMOVALS, type Taken } from './chain.ts';
import { allowanceOf, decisionsOf, minuteOf, minuteOfUnreadable, writeAll } from './minutes.ts';
import type { Failing, Proceedings } from './proceedings.ts';
import type { Seat, Seats } from './seats.ts';

interface OrdersOptions {
  readonly trust: PeopleTrust;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly audit: AuditSink;
  readonly sessions: Sessions;
  readonly seats: Seats;
  readonly proceedings: Proceedings;
  readonly chainOf: (meeting: MeetingId) => Chain | undefined;
  readonly answer: (session: Session, re: number, result: Result<unknown>) => void;
  readonly expel: (meeting: MeetingId, failing: readonly Failing[]) => void;
  readonly onEnd: (meeting: MeetingId) => void;
}

/** They give nobody more: they go also where there is no room in the record. */
const CURTAILING: ReadonlySet<OrderKind> = new Set([
  'turn-away',
  'to-lobby',
  'mute',
  'stop',
  'withdraw',
  'remove',
  'lock',
  'raise-marking',
  'end',
]);

const ACT_REFUSED = ({ code, message }: Refusal): Result<never> =>
  refuse('act.refused', `${code}: ${message}`);

const UNWRITTEN = refuse(
  'act.unwritten',
  'it is done and could not be written: it holds until the relay ends, order it again when there is room',
);

/** As it came, and as it was opened. */
interface Given {
  readonly vouched: RequestOf<'act'>['act'];
  readonly act: SignedAct;
}

/** What the chain made of an order, whether it was written or not. */
interface Course {
  readonly ruleOf: Map<PersonId, string>;
  effects: readonly Effect[];
}

/** Takes what people order: opens it, asks the chain, and answers. */
export class Orders {
  readonly #options: OrdersOptions;
  readonly #queue: ActQueue;

  constructor(options: OrdersOptions) {
    this.#options = options;
    this.#queue = new ActQueue(options.clock);
  }

  add(session: Session, { id, act }: RequestOf<'act'>): void {
    const { trust, clock } = this.#options;
    const judge = () => ({ root: trust.root, nowUnixMs: clock.unixMs() });
    const refusal = this.#queue.add(
      session,
      () => this.#guarded(() => openAct(act, judge())),
      (opened) => this.#safely(session, id, () => this.#opened(session, id, act, opened)),
    );
    if (refusal !== undefined) this.#options.answer(session, id, ACT_REFUSED(refusal));
  }

  async #guarded(open: () => Promise<ActOpening>): Promise<ActOpening> {
    try {
      return await open();
    } catch (error) {
      this.#options.logger.error('act.failed', { message: messageOf(error) });
      return refuse('act.failed', 'it could not be judged');
    }
  }

  #safely(session: Session, re: number, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.logger.error('act.failed', { message: messageOf(error) });
      this.#options.answer(session, re, refuse('internal.error', 'the server failed while it took the act'));
    }
  }

  /** A session that is gone by then, or out, orders nothing. */
  #opened(session: Session, re: number, vouched: RequestOf<'act'>['act'], opened: ActOpening): void {
    const { sessions, answer } = this.#options;
    if (sessions.get(session.id) === undefined) return;
    const seat = this.#options.seats.bySession(session.id);
    const chain = seat?.stage === 'in' ? this.#options.chainOf(seat.meeting) : undefined;
    if (seat === undefined || chain === undefined)
      answer(session, re, ACT_REFUSED(refuse('act.not-there', 'this session is in no meeting').refusal));
    else if (!opened.ok) this.#unreadable(chain, session, re, opened.refusal);
    else this.#order(chain, seat, re, { vouched, act: opened.value });
  }

  #unreadable({ state }: Chain, session: Session, re: number, refusal: Refusal): void {
    const { audit, answer } = this.#options;
    audit.write(minuteOfUnreadable(session.id, state, refusal.code));
    answer(session, re, ACT_REFUSED(refusal));
  }

  #order(chain: Chain, seat: Seat, re: number, given: Given): void {
    const { answer, audit, seats, proceedings } = this.#options;
    const { meeting, session } = seat;
    const { order } = given.act.opened.value;
    const course: Course = { ruleOf: new Map(), effects: [] };
    const taken = this.#take(chain, seat, given, course);
    if (taken.ok) {
      // Only now it counts; where it finds no room in the record nothing is exported by it.
      writeAll(
        audit,
        allowanceOf(order, session.id, taken.value.before, (who) => seats.of(meeting, who)),
      );
      const cause = { rule: `act.${order.kind}`, ruleOf: course.ruleOf };
      proceedings.carryOut(meeting, taken.value, cause, () => answer(session, re, ok({ n: taken.value.n })));
      return;
    }
    if (taken.refusal.code === 'store.unwritable' && REMOVALS.has(order.kind)) {
      answer(session, re, ACT_REFUSED(UNWRITTEN.refusal));
      this.#doUnwritten(chain, order, course.effects);
      return;
    }
    const { state } = chain;
    const refused = { order, by: session.id, state, effects: [], refusedBy: taken.refusal.code };
    audit.write(minuteOf(refused, (person) => seats.of(meeting, person)));
    answer(session, re, ACT_REFUSED(taken.refusal));
  }

  /**
   * Out all the same, and the chain is owed that they may be there no longer: nobody has to bear somebody because a disk broke. The
   * order itself cannot be owed, because an act is taken fresh.
   */
  #doUnwritten(chain: Chain, order: Order, effects: readonly Effect[]): void {
    const { seats, expel, onEnd } = this.#options;
    const { meeting } = chain;
    if (order.kind === 'remove' && order.isForGood) chain.keepOut(order.person);
    const failing = effects.flatMap((effect): Failing[] => {
      const seat = 'person' in effect ? seats.of(meeting, effect.person) : undefined;
      return seat === undefined ? [] : [{ participant: seat.participant, rule: `act.${order.kind}` }];
    });
    expel(meeting, failing);
    if (order.kind === 'end') onEnd(meeting);
  }

  /** Of the device alone that entered. */
  #take(
    chain: Chain,
    { meeting, device, person, session, entrant }: Seat,
    { vouched, act }: Given,
    course: Course,
  ): Result<Taken> {
    if (act.by.device !== device || act.by.person !== person)
      return refuse('act.other-device', 'another device signed it than the one that entered');
    const { order } = act.opened.value;
    const seatOf = (who: PersonId) => this.#options.seats.of(meeting, who);
    const next = {
      what: { kind: 'act', act: vouched },
      input: { kind: 'act', act: { ...act, cleared: clearedFor(entrant) } },
    } as const;
    return chain.take(next, {
      consequences: this.#options.proceedings.consequences(meeting, seatOf, course.ruleOf),
      record: (effects, state) => {
        course.effects = effects;
        return this.#record(order, [
          minuteOf({ order, by: session.id, state, effects }, seatOf),
          ...decisionsOf(effects, state, `act.${order.kind}`, seatOf),
        ]);
      },
    });
  }

  #record({ kind }: Order, entries: readonly AuditEntry[]): Result<undefined> {
    const written = writeAll(this.#options.audit, entries);
    return written.ok || CURTAILING.has(kind) ? ok(undefined) : written;
  }
}

/** By the clearance that was shown at the door: without a good one nobody came in. */
const clearedFor = ({ question: { clearance, scale } }: Entrant): Rank | undefined => {
  const rank = clearance && rankOf(clearance.value.label, scale);
  return rank?.ok === true ? rank.value : undefined;
};
