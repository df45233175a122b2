import assert from 'node:assert/strict';
import { fromBase64Url } from '../../src/base/bytes.ts';
import { asId, type MeetingId, type ParticipantId } from '../../src/base/ids.ts';
import { DEFAULT_LIMITS, type SignalingLimits } from '../../src/signaling/limits.ts';
import type { WireError } from '../../src/signaling/protocol/messages.ts';
import type { TurnServers } from '../../src/signaling/turn.ts';
import { FakeDisk, FakeStore } from './fake-store.ts';
import { announce, Ministry, type Official, prove } from './ministry.ts';
import { person } from './people.ts';
import type { RawClient, Received } from './raw-client.ts';
import { type Harness, type Opened, startHarness } from './raw-client-harness.ts';

export const MEETING = asId<MeetingId>('AAAAAAAAAAAAAAAAAAAAAA');
export const OTHER_MEETING = asId<MeetingId>('BBBBBBBBBBBBBBBBBBBBBA');

export interface Joined extends Opened {
  readonly participant: ParticipantId;
  readonly reply: Received;
}

/** What leads in, for one session. */
export type EntryFields = Readonly<Record<'meeting' | 'passport' | 'announcement' | 'presence', unknown>>;

type ConveneFields = Readonly<Record<'charter' | 'proof', unknown>>;

export interface RawMeeting extends Harness {
  convene(meeting: MeetingId): Promise<void>;
  fieldsToConvene(opened: Opened, meeting: MeetingId): Promise<ConveneFields>;
  /** The refusal, which comes at its own time: that is told here as soon as the server has refused. */
  refused(client: RawClient, kind: string, fields: object): Promise<WireError>;
  /** Of the official with that number, who announces it. Takes a challenge of the session. */
  fieldsFor(opened: Opened, number: number, change?: Change): Promise<EntryFields>;
  join(number: number, meeting?: MeetingId): Promise<Joined>;
  /** With the proof of whoever the session is, if it is anybody's. */
  resumeAs(session: string, secret: string, received: number): Promise<RawClient>;
}

interface Change {
  readonly meeting?: MeetingId;
  /** Announced in place of the official's own. */
  readonly announced?: number;
}

/** As many people as a test may number. */
const MAX_OFFICIALS = 20;
const SECRET_BYTES = 32;
const CONVENER = 'convener';
const nameOf = (number: number): string => `official-${number}`;

/** Signaling with `MEETING` in it, for whoever speaks the protocol by hand: by certificate, and without media keys. */
export const startRawMeeting = async (
  limits: Partial<SignalingLimits> = {},
  turn?: TurnServers,
): Promise<RawMeeting> => {
  const ministry = await Ministry.open();
  const convener = await ministry.official(CONVENER);
  const store = new FakeStore(new FakeDisk());
  const harness = await startHarness({ trust: ministry.trust(), store }, limits, turn && { turn });
  const officials = new Map<number, Official>();
  /** Whose each session is. */
  const owners = new Map<string, { readonly who: Official; readonly meeting: MeetingId }>();

  const official = async (number: number): Promise<Official> => {
    const known = officials.get(number) ?? (await ministry.official(nameOf(number)));
    officials.set(number, known);
    return known;
  };
  const proofOf = async (
    { client, session }: Opened,
    who: Official,
    meeting: MeetingId,
    purpose: 'enter' | 'convene',
  ) => {
    const { nonce } = await client.done('challenge', { meeting, purpose });
    return prove(who, { nonce: String(nonce), connection: session, meeting, purpose });
  };
  const fieldsToConvene = async (opened: Opened, meeting: MeetingId): Promise<ConveneFields> => {
    const persons = Array.from({ length: MAX_OFFICIALS }, (_, i) => person(nameOf(i)));
    const admission = { kind: 'roster' as const, persons: [convener.person, ...persons] };
    const charter = await ministry.sign(convener, ministry.charter(convener, { meeting, admission }));
    return { charter, proof: await proofOf(opened, convener, meeting, 'convene') };
  };
  const convene = async (meeting: MeetingId): Promise<void> => {
    const opened = await harness.hello();
    await opened.client.done('convene', await fieldsToConvene(opened, meeting));
    await opened.client.vanish();
  };
  const refused = async (client: RawClient, kind: string, fields: object): Promise<WireError> => {
    const from = harness.log.length;
    const id = client.ask(kind, fields);
    await harness.logged('entry.refused', from);
    harness.clock.advance(DEFAULT_LIMITS.entryRefusalMs);
    return (await client.reply(id)).error ?? assert.fail('it was let in');
  };
  const fieldsFor = async (opened: Opened, number: number, change: Change = {}): Promise<EntryFields> => {
    const { meeting = MEETING, announced = number } = change;
    const who = await official(number);
    const proof = await proofOf(opened, who, meeting, 'enter');
    owners.set(opened.session, { who, meeting });
    const passport = { certificate: who.signer.certificate, clearance: who.clearance, proof };
    return { meeting, passport, ...(await announce(who, meeting, announced)) };
  };
  const join = async (number: number, meeting = MEETING): Promise<Joined> => {
    const opened = await harness.hello();
    const reply = await opened.client.request('enter', await fieldsFor(opened, number, { meeting }));
    if (reply.ok !== true) throw new Error(`entry refused: ${reply.error?.code}`);
    return { ...opened, participant: asId<ParticipantId>(String(reply.body?.participant)), reply };
  };
  const resumeAs = async (session: string, secret: string, received: number): Promise<RawClient> => {
    const owner = owners.get(session);
    const possession = { nonce: secret, connection: session, purpose: 'resume' } as const;
    // No device signs for what is no secret.
    const canProve = owner !== undefined && fromBase64Url(secret)?.length === SECRET_BYTES;
    const proof = canProve && {
      proof: await prove(owner.who, { ...possession, meeting: owner.meeting }),
    };
    return harness.resume({ session, secret, received, ...proof });
  };

  await convene(MEETING);
  return { ...harness, convene, fieldsToConvene, refused, fieldsFor, join, resumeAs };
};
