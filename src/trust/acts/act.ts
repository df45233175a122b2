import { z } from 'zod';
import type { MeetingId } from '../../base/ids.ts';
import { SOURCES } from '../../base/media.ts';
import type { DeviceId, PersonId } from '../devices/ids.ts';
import { labelSchema } from '../markings/label.ts';
import { distinct, idText, unixMs } from '../statement/schemas.ts';
import { digestText, type StatementDigest, type StatementKind } from '../statement/statement.ts';
import { headSchema } from './head.ts';

/** As many as a meeting holds. */
const MAX_PERSONS = 1_000;
/** In a room, beside one device. */
const MAX_BESIDE = 64;

const person = idText<PersonId>();
const personList = (max: number) => z.array(person).min(1).max(max).refine(distinct, 'holds a person twice');
const whom = z.discriminatedUnion('kind', [
  /** Everybody whom the act can be about, but for who orders it. */
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('persons'), persons: personList(MAX_PERSONS) }),
]);
const beside = z.array(person).max(MAX_BESIDE).refine(distinct, 'holds a person twice');
const sources = z.array(z.enum(SOURCES)).min(1).refine(distinct, 'holds a source twice');

const order = <Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) =>
  z.strictObject({ kind: z.literal(kind), ...shape });

/** What can be ordered in a meeting. There is no order to unmute, to record, or to hide anybody. */
export const ORDERS = {
  admit: order('admit', { whom }),
  'turn-away': order('turn-away', { whom }),
  /** Out of the meeting and before its door: an expert whose item is done. */
  'to-lobby': order('to-lobby', { person }),
  mute: order('mute', { whom }),
  stop: order('stop', { person, sources }),
  'set-role': order('set-role', { person, role: z.enum(['member', 'observer']) }),
  grant: order('grant', { whom, sources }),
  withdraw: order('withdraw', { whom, sources }),
  'raise-hand': order('raise-hand', {}),
  /** Somebody's own, or for the chair anybody's. */
  'lower-hand': order('lower-hand', { person }),
  remove: order('remove', { person, isForGood: z.boolean() }),
  lock: order('lock', {}),
  unlock: order('unlock', {}),
  'hand-over-chair': order('hand-over-chair', { to: person }),
  'take-chair': order('take-chair', {}),
  /** A room's device names the people beside it; nobody: it is alone. */
  'declare-beside': order('declare-beside', { persons: beside }),
  /** Of those whom the chair saw named, in their order: a device that names others meanwhile gets no signature for them. */
  'confirm-beside': order('confirm-beside', { room: person, persons: beside }),
  'raise-marking': order('raise-marking', { marking: labelSchema }),
  'lower-marking': order('lower-marking', { marking: labelSchema }),
  invite: order('invite', { persons: personList(MAX_PERSONS) }),
  'allow-export': order('allow-export', {}),
  end: order('end', {}),
  /** Agrees to what somebody else ordered and must not order alone. */
  second: order('second', { act: digestText.transform((text) => text as StatementDigest) }),
} as const;
export type OrderKind = keyof typeof ORDERS;
export type OrderOf<Kind extends OrderKind> = z.infer<(typeof ORDERS)[Kind]>;
export type Order = { [Kind in OrderKind]: OrderOf<Kind> }[OrderKind];
export type Whom = z.infer<typeof whom>;

const schema = z.strictObject({
  meeting: idText<MeetingId>(),
  /** Of the charter that the device knows the meeting by. */
  charter: digestText.transform((text) => text as StatementDigest),
  /** The device that signs: the same words of another device are another act. */
  device: idText<DeviceId>(),
  /** Rises with every act of this device in this meeting: none counts twice, and none out of turn. */
  number: z.int().min(1),
  atUnixMs: unixMs,
  /** The newest entry that its signer saw: where two people are shown two chains, their first acts tell. */
  seen: headSchema,
  order: z.discriminatedUnion(
    'kind',
    Object.values(ORDERS) as unknown as [typeof ORDERS.lock],
  ) as unknown as z.ZodType<Order>,
});
export type Act = z.infer<typeof schema>;

/** Signed by the device whose person orders it; every client checks it, and that its person may. */
export const ACT: StatementKind<Act> = { kind: 'act', schema, maxBytes: 65_536 };
