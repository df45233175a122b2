import { z } from 'zod';
import type { MeetingId } from '../../base/ids.ts';
import { asId } from '../../base/ids.ts';
import { SOURCES, type Source } from '../../base/media.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import type { DeviceIdentity } from '../devices/certificate.ts';
import type { DeviceId, PersonId } from '../devices/ids.ts';
import { labelSchema } from '../markings/label.ts';
import { bytesText, distinct, idText } from '../statement/schemas.ts';
import type { Opened, StatementKind } from '../statement/statement.ts';

/** How the group agrees on its keys; the group itself knows what each means. */
export const SUITES = ['x-wing', 'x25519', 'p-384'] as const;
export type Suite = (typeof SUITES)[number];
export const DEFAULT_SUITE: Suite = 'x-wing';
/** What a convener who says nothing about it grants: a meeting is for talking, and a wrong window shows more than was meant. */
export const DEFAULT_GRANTS: readonly Source[] = ['microphone', 'camera'];
/** As many as a meeting holds. */
const MAX_ROSTER = 1_000;
/** Who may follow in the chair: a line that people remember. */
const MAX_DEPUTIES = 16;

const person = idText<PersonId>();
const personList = (max: number) => z.array(person).max(max).refine(distinct, 'holds a person twice');

/** By name, or whoever is cleared for the marking. Nobody enters uncleared either way. */
const admission = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('roster'), persons: personList(MAX_ROSTER) }),
  z.strictObject({ kind: z.literal('cleared') }),
]);

const shape = z.strictObject({
  /** 128 random bits: a name that nobody can choose so that it is another meeting's. */
  meeting: bytesText(16).transform((text) => asId<MeetingId>(text)),
  /** The device that signs. */
  convener: idText<DeviceId>(),
  marking: labelSchema,
  suite: z.enum(SUITES),
  admission,
  chair: person,
  /** In this order they take the chair when it is empty. */
  deputies: personList(MAX_DEPUTIES),
  /** Whether it begins before chair or deputy is there. */
  opensByItself: z.boolean(),
  /** What a member may send from its coming on. What is not named here is denied until the chair grants it. */
  grants: z.array(z.enum(SOURCES)).max(SOURCES.length).refine(distinct, 'holds a source twice'),
});
export type Charter = z.infer<typeof shape>;

/** Of the beginning: acts may change who they are. */
export const leadersOf = ({ chair, deputies }: Pick<Charter, 'chair' | 'deputies'>): readonly PersonId[] => [
  chair,
  ...deputies,
];

export const isAdmitted = ({ admission }: Charter, person: PersonId): boolean =>
  admission.kind === 'cleared' || admission.persons.includes(person);

const schema = shape
  .refine((charter) => distinct(leadersOf(charter)), 'the chair is a deputy too')
  .refine(
    (charter) => leadersOf(charter).every((leader) => isAdmitted(charter, leader)),
    'a leader is kept out',
  );

/** Signed by the convener's device. Its digest is what the members of a meeting compare and bind their keys to. */
export const CHARTER: StatementKind<Charter> = { kind: 'charter', schema, maxBytes: 131_072 };

/** A charter whose signature was found good, and whose device gave it. */
export interface SignedCharter {
  readonly opened: Opened<Charter>;
  readonly by: DeviceIdentity;
}

/** The signing device names itself in what it signs: the same words in another's mouth are another charter. */
export const judgeConvener = (
  signed: SignedCharter,
): Result<SignedCharter, Refusal<'charter.other-convener'>> =>
  signed.opened.value.convener === signed.by.device
    ? ok(signed)
    : refuse('charter.other-convener', 'another device signed it than the one that it names');
