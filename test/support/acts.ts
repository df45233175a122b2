import { asId, type MeetingId } from '../../src/base/ids.ts';
import type { Act, Order } from '../../src/trust/acts/act.ts';
import type { Head } from '../../src/trust/acts/head.ts';
import type { Effect, Fact } from '../../src/trust/acts/input.ts';
import { afterEntry, type MeetingState, openMeeting } from '../../src/trust/acts/state.ts';
import { type ActCode, step } from '../../src/trust/acts/step.ts';
import type { Charter } from '../../src/trust/charter/charter.ts';
import type { DeviceNames, PersonId } from '../../src/trust/devices/ids.ts';
import { type Label, rankOf } from '../../src/trust/markings/label.ts';
import { readScale } from '../../src/trust/markings/scale.ts';
import type { StatementDigest } from '../../src/trust/statement/statement.ts';
import { device, granted, NOW, person } from './people.ts';
import { scaleWithGroups } from './people-folder.ts';

export const SCALE = granted(readScale(scaleWithGroups().text));
export const marking = (level: string, ...groups: string[]) => ({ scale: SCALE.scale, level, groups });
export const MEETING = asId<MeetingId>('AAAAAAAAAAAAAAAAAAAAAA');
export const CHARTER_DIGEST = asId<StatementDigest>('C'.repeat(43));

export const charterOf = (change: Partial<Charter> = {}): Charter => ({
  meeting: MEETING,
  convener: device('ada-1'),
  marking: marking('confidential'),
  suite: 'x-wing',
  admission: { kind: 'roster', persons: ['ada', 'dep', 'dup', 'bob', 'eve', 'joe'].map(person) },
  chair: person('ada'),
  deputies: [person('dep'), person('dup')],
  opensByItself: true,
  grants: ['microphone', 'camera'],
  ...change,
});

/** A meeting to which things are told and said one after the other; nothing here is signed. */
export class PlayedMeeting {
  state: MeetingState;
  nowUnixMs = NOW;
  effects: readonly Effect[] = [];
  #acts = 0;
  readonly #numbers = new Map<string, number>();

  constructor(change: Partial<Charter> = {}, twoPersonsAbove = 10) {
    this.state = openMeeting(charterOf(change), CHARTER_DIGEST, { scale: SCALE, twoPersonsAbove });
  }

  get head(): Head {
    return this.state.heads.at(-1) ?? { n: 0, digest: CHARTER_DIGEST };
  }

  fact(kind: Fact['kind'], ...names: string[]): this {
    for (const name of names) this.told({ kind, person: person(name) });
    return this;
  }

  told(fact: Fact): this {
    const stepped = granted(step(this.state, { kind: 'fact', fact }, this.nowUnixMs));
    this.#becomes(stepped.state);
    this.effects = stepped.effects;
    return this;
  }

  /** Every entry has a digest; here it is its number. */
  #becomes(state: MeetingState): void {
    const n = this.head.n + 1;
    this.state = afterEntry(state, { n, digest: asId<StatementDigest>(`entry-${n}`.padEnd(43, '_')) });
  }

  /** The code where it was refused, else `ok`, and its digest. */
  order(
    name: string,
    order: Order,
    {
      deviceOf = `${name}-1`,
      cleared,
      ...change
    }: Partial<Act> & { deviceOf?: string; cleared?: Label } = {},
  ) {
    const by: DeviceNames = { person: person(name), device: device(deviceOf) };
    const next = change.number ?? (this.#numbers.get(deviceOf) ?? 0) + 1;
    const digest = asId<StatementDigest>(`act-${String(++this.#acts)}`.padEnd(43, '_'));
    const act = {
      meeting: MEETING,
      charter: CHARTER_DIGEST,
      device: by.device,
      number: next,
      atUnixMs: this.nowUnixMs,
      seen: this.head,
      order,
      ...change,
    };
    const opened = { value: act, digest, signer: asId<never>('S'.repeat(43)) };
    const stepped = step(
      this.state,
      { kind: 'act', act: { opened, by, cleared: cleared && granted(rankOf(cleared, SCALE)) } },
      this.nowUnixMs,
    );
    this.effects = stepped.ok ? stepped.value.effects : [];
    if (!stepped.ok) return { code: stepped.refusal.code as ActCode | 'ok', digest };
    this.#becomes(stepped.value.state);
    this.#numbers.set(deviceOf, next);
    return { code: 'ok' as const, digest };
  }

  did(): string[] {
    return this.effects.map((effect) =>
      'person' in effect ? `${effect.kind} ${effect.person}` : effect.kind,
    );
  }

  get present(): string[] {
    return [...this.state.present].sort();
  }

  get waiting(): string[] {
    return [...this.state.waiting].sort();
  }
}

export const whom = (...names: string[]) => ({ kind: 'persons', persons: names.map(person) }) as const;
export const ALL = { kind: 'all' } as const;
export const who = (name: string): PersonId => person(name);
