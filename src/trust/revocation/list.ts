import { z } from 'zod';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import type { DeviceId, DeviceNames, PersonId } from '../devices/ids.ts';
import { DAY_MS } from '../hosts/validity.ts';
import { distinct, idText, unixMs } from '../statement/schemas.ts';
import { digestText, type Opened, type StatementDigest, type StatementKind } from '../statement/statement.ts';

/**
 * Whoever can keep a new list away keeps a revoked device in for at most as long as the old one lasts. Shorter would
 * stop every meeting when nobody renews the list over a long weekend.
 */
export const LIST_VALID_MS = 7 * DAY_MS;
/** A list from further ahead than clocks differ is refused: it would last longer than it may. */
const CLOCKS_DIFFER_MS = DAY_MS;
/** Of each sort. Devices and clearances go when they have expired, people stay: far more than a deployment collects. */
export const MAX_ENTRIES = 10_000;

const entries = <T>(entry: z.ZodType<T>) =>
  z.array(entry).max(MAX_ENTRIES).refine(distinct, 'holds an entry twice');

const schema = z.strictObject({
  /** Rises by one with every list; a list is whole, so a reader may miss any number of them. */
  number: z.int().min(1),
  issuedUnixMs: unixMs,
  untilUnixMs: unixMs,
  /** All their devices and clearances, those to come as well. */
  persons: entries(idText<PersonId>()),
  devices: entries(idText<DeviceId>()),
  /** By the digests of their statements. */
  clearances: entries(digestText),
});
export type RevocationList = z.infer<typeof schema>;

/** Signed by the authority's revocation office. */
export const REVOCATION: StatementKind<RevocationList> = {
  kind: 'revocation',
  schema,
  maxBytes: 1_048_576,
};

/** What a reader keeps of the newest list that it accepted, over restarts too. */
export interface SeenList {
  readonly number: number;
  readonly digest: StatementDigest;
}

export interface CurrentList {
  readonly list: RevocationList;
  readonly seen: SeenList;
  /** Lists between the last one seen and this one: a sign of a reader that was away, or that was kept from them. */
  readonly missed: number;
}

export type RevocationCode =
  | 'revocation.too-long'
  | 'revocation.not-yet'
  | 'revocation.expired'
  | 'revocation.older'
  | 'revocation.two-of-one-number';

type Condition = readonly [
  RevocationCode,
  string,
  (opened: Opened<RevocationList>, lastSeen: SeenList | undefined, nowUnixMs: number) => boolean,
];

const CONDITIONS: readonly Condition[] = [
  [
    'revocation.too-long',
    'the list lasts longer than a list may',
    ({ value }) => value.untilUnixMs - value.issuedUnixMs <= LIST_VALID_MS,
  ],
  [
    'revocation.not-yet',
    'the list is from the future',
    ({ value }, _, nowUnixMs) => value.issuedUnixMs <= nowUnixMs + CLOCKS_DIFFER_MS,
  ],
  ['revocation.expired', 'the list has expired', ({ value }, _, nowUnixMs) => nowUnixMs < value.untilUnixMs],
  [
    'revocation.older',
    'a newer list was seen before',
    ({ value }, lastSeen) => lastSeen === undefined || value.number >= lastSeen.number,
  ],
  [
    'revocation.two-of-one-number',
    'another list of this number was seen before',
    ({ value, digest }, lastSeen) => value.number !== lastSeen?.number || digest === lastSeen.digest,
  ],
];

/** Whether a list may be gone by now. Everything else is no: without a current list nobody is let in. */
export const judgeRevocation = (
  opened: Opened<RevocationList>,
  lastSeen: SeenList | undefined,
  nowUnixMs: number,
): Result<CurrentList, Refusal<RevocationCode>> => {
  const failed = CONDITIONS.find(([, , holds]) => !holds(opened, lastSeen, nowUnixMs));
  if (failed !== undefined) return refuse(failed[0], failed[1], REMEDIES[failed[0]]);
  const { value: list, digest } = opened;
  const missed = lastSeen === undefined ? 0 : Math.max(0, list.number - lastSeen.number - 1);
  return ok({ list, seen: { number: list.number, digest }, missed });
};

const REMEDIES: Partial<Record<RevocationCode, string>> = {
  'revocation.expired': 'have the authority renew it (belfry ca revoke --renew) and hand it to the relay',
};

export const isRevoked = (list: RevocationList, { person, device }: DeviceNames): boolean =>
  list.persons.includes(person) || list.devices.includes(device);

export const isClearanceRevoked = (
  list: RevocationList,
  { person, digest }: { readonly person: PersonId; readonly digest: StatementDigest },
): boolean => list.persons.includes(person) || list.clearances.includes(digest);
