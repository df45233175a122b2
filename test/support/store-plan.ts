import { type Random, seededRandom } from '../../bench/random.ts';
import { toBase64Url, toHex } from '../../src/base/bytes.ts';
import { asId, type MeetingId } from '../../src/base/ids.ts';
import type { Store } from '../../src/signaling/ports.ts';
import type { KeptList, OneTime, StoredMeeting } from '../../src/signaling/store/kept.ts';
import type { Written } from '../../src/signaling/store/refusals.ts';
import type { StatementDigest } from '../../src/trust/statement/statement.ts';

/** One write to a store. */
export type Step =
  | { readonly kind: 'open'; readonly meeting: StoredMeeting }
  | { readonly kind: 'end'; readonly id: MeetingId; readonly atUnixMs: number }
  | { readonly kind: 'append'; readonly id: MeetingId; readonly texts: readonly string[] }
  | { readonly kind: 'use'; readonly oneTime: OneTime }
  | { readonly kind: 'sweep'; readonly nowUnixMs: number }
  | { readonly kind: 'see'; readonly list: KeptList };

/** Of an authority, and of the one that replaced it. */
export const ROOTS = ['A', 'E'].map((letter) => letter.repeat(43));

/** Several pages each: a few dozen fill the log up to a checkpoint. */
const MAX_CHARTER_BYTES = 40_000;

const newMeeting = (random: Random, createdUnixMs: number): StoredMeeting => ({
  id: asId<MeetingId>(toBase64Url(random.bytes(16))),
  charter: new Uint8Array(1 + random.below(MAX_CHARTER_BYTES)).fill(random.below(256)),
  charterDigest: asId<StatementDigest>(toBase64Url(random.bytes(32))),
  sealedTitle: random.below(2) === 0 ? undefined : random.bytes(40),
  createdUnixMs,
});

/** Out of 20, so that each kind comes often enough and meetings gather. */
const kindOf = (drawn: number): Step['kind'] => {
  if (drawn < 5) return 'open';
  if (drawn < 8) return 'end';
  if (drawn < 11) return 'append';
  if (drawn < 17) return 'use';
  return drawn < 18 ? 'sweep' : 'see';
};

/** A busy relay's writes, without end: the same for the same seed. Some are to be refused. */
export function* planOf(seed: number): Generator<Step, never> {
  const random = seededRandom(seed);
  const opened: MeetingId[] = [];
  const anyId = () => opened[random.below(opened.length)] ?? asId<MeetingId>('A'.repeat(22));
  for (let atUnixMs = 1; ; atUnixMs++) {
    const steps: { readonly [Kind in Step['kind']]: () => Step } = {
      open: () => ({ kind: 'open', meeting: newMeeting(random, atUnixMs) }),
      end: () => ({ kind: 'end', id: anyId(), atUnixMs }),
      append: () => ({
        kind: 'append',
        id: anyId(),
        texts: Array.from({ length: 1 + random.below(3) }, () => 'x'.repeat(1 + random.below(9_000))),
      }),
      use: () => ({
        kind: 'use',
        oneTime: { kind: 'nonce', id: toHex(random.bytes(1)), untilUnixMs: atUnixMs + random.below(50) },
      }),
      sweep: () => ({ kind: 'sweep', nowUnixMs: atUnixMs }),
      see: () => ({
        kind: 'see',
        list: {
          root: ROOTS[random.below(ROOTS.length)] ?? '',
          number: 1 + random.below(atUnixMs),
          digest: asId<StatementDigest>(toBase64Url(random.bytes(32))),
        },
      }),
    };
    const step = steps[kindOf(random.below(20))]();
    if (step.kind === 'open') opened.push(step.meeting.id);
    yield step;
  }
}

export const firstSteps = (seed: number, count: number): Step[] => planOf(seed).take(count).toArray();

/** After whatever the chain holds. */
export const appendTo = (
  store: Store,
  meeting: MeetingId,
  texts: readonly string[],
  isRemoval = false,
): Written => {
  const n = store.entriesAfter(meeting, 0, Number.MAX_SAFE_INTEGER).length + 1;
  return store.appendEntries({ meeting, n, texts, isRemoval });
};

export const take = (store: Store, step: Step): Written => {
  switch (step.kind) {
    case 'open':
      return store.openMeeting(step.meeting);
    case 'end':
      return store.endMeeting(step.id, step.atUnixMs);
    case 'append':
      return appendTo(store, step.id, step.texts);
    case 'use':
      return store.useOnce(step.oneTime);
    case 'sweep':
      return store.sweep(step.nowUnixMs);
    case 'see':
      return store.seeList(step.list);
  }
};

export const codeOf = (written: Written): string => (written.ok ? 'ok' : written.refusal.code);
