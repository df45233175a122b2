import { type Bytes, equalBytes, toHex } from '../../base/bytes.ts';
import type { ParticipantId } from '../../base/ids.ts';
import { pointOf } from '../../e2ee/mls/device-signatures.ts';
import type { Candidate } from '../../e2ee/mls/port.ts';
import type { Announcement } from '../../signaling/protocol/messages.ts';
import type { PersonId } from '../../trust/devices/ids.ts';
import type { PublicKeyInfo } from '../../trust/statement/statement.ts';
import type { EntryShown } from '../people/credentials.ts';
import type { VerifiedParticipant } from '../store/state.ts';
import { credentialOf } from './credential.ts';

/**
 * Who left is in the tree until a commit removes the leaf; longer than this, and the relay keeps that commit back. It is a second
 * turn of the service, and some: it waits this long for a member that was asked to commit and went itself. Shorter, and a
 * meeting falls silent for moments whenever that happens; longer is what somebody hears who was removed and is said to have left.
 */
const LEFT_BASE_MS = 2_500;
const LEFT_PER_MEMBER_MS = 15;
export const leftLivesMs = (members: number): number => LEFT_BASE_MS + LEFT_PER_MEMBER_MS * members;

/** Of people who are gone: only who is still in the tree matters, and a meeting holds fewer. */
const MAX_GONE = 4_096;

/** Somebody whom this client verified. */
export interface Known {
  readonly shown: VerifiedParticipant;
  readonly person: PersonId;
  readonly publicKey: PublicKeyInfo;
  readonly announcement: Announcement;
  readonly certificate: Bytes;
  readonly leafKey: string;
}

interface Gone {
  readonly known: Known;
  /** From then on nothing may be sealed that this participant could open. */
  readonly untilMs: number;
}

/** What was read of a leaf: its certificates, and the name of its key. */
interface Read {
  readonly signatureKey: Bytes;
  readonly leafKey: string;
  /** The one that its own was found equal to. */
  readonly certificate: Bytes;
}

/** As a leaf names itself: its key, and the salt of its owner's entry. */
const leafKeyOf = (point: Bytes, salt: Bytes | undefined): string =>
  `${toHex(point)} ${toHex(salt ?? new Uint8Array())}`;

const leafKeyIn = ({ certificates: [, salt], signatureKey }: Candidate): string =>
  leafKeyOf(signatureKey, salt);

/**
 * How everybody stands with this client who was ever verified in this join: here, gone by themselves, or out because they no
 * longer may be here. Whoever is none of these is a stranger, and in no group of this client's.
 */
export class Standing {
  readonly #present = new Map<ParticipantId, Known>();
  /** Who went longest ago comes first. */
  readonly #gone = new Map<ParticipantId, Gone>();
  readonly #byLeafKey = new Map<string, ParticipantId>();
  /** Of leaves that were looked at before, by their certificates: nobody writes to those, and a tree hands out the same ones in each epoch. */
  readonly #read = new WeakMap<readonly Bytes[], Read>();

  /** `entry` was judged, and its certificate is of that key. */
  admit(shown: VerifiedParticipant, entry: EntryShown, person: PersonId, publicKey: PublicKeyInfo): void {
    if (entry.credentials === undefined) return;
    const [certificate, salt] = credentialOf(entry.credentials.certificate, entry.announcement);
    const leafKey = leafKeyOf(pointOf(publicKey), salt);
    const { announcement } = entry;
    const known = { shown, person, publicKey, announcement, certificate, leafKey };
    this.#present.set(shown.participant, known);
    this.#byLeafKey.set(leafKey, shown.participant);
  }

  /** What somebody who is here is called from now on. */
  named(participant: ParticipantId, name: string): void {
    const known = this.#present.get(participant);
    if (known !== undefined) this.#present.set(participant, { ...known, shown: { ...known.shown, name } });
  }

  isThere(person: PersonId): boolean {
    return [...this.#present.values()].some((known) => known.person === person);
  }

  left(participant: ParticipantId, nowMs: number): void {
    this.#go(participant, nowMs + leftLivesMs(this.count));
  }

  /** May no longer be here: at once. */
  out(participant: ParticipantId): void {
    this.#go(participant, Number.NEGATIVE_INFINITY);
  }

  /** Was removed, and may be said to have left before: no time is left to any leaf of this person. */
  outPerson(person: PersonId): void {
    for (const [participant, known] of [...this.#present]) if (known.person === person) this.out(participant);
    for (const [participant, { known }] of this.#gone)
      if (known.person === person) this.#gone.set(participant, { known, untilMs: Number.NEGATIVE_INFINITY });
  }

  /** Whoever is gone is still somebody: the tree holds them for a while. */
  readonly participantOf = (leaf: Candidate): ParticipantId | undefined => {
    const read = this.#read.get(leaf.certificates);
    const leafKey = read?.signatureKey === leaf.signatureKey ? read.leafKey : leafKeyIn(leaf);
    const participant = this.#byLeafKey.get(leafKey);
    const known = participant && this.find(participant);
    if (known === undefined) return undefined;
    const isRead = read?.leafKey === leafKey && read.certificate === known.certificate;
    return isRead || this.#isTheirs(leaf, leafKey, known) ? participant : undefined;
  };

  #isTheirs({ certificates, signatureKey }: Candidate, leafKey: string, { certificate }: Known): boolean {
    const [shown = new Uint8Array()] = certificates;
    if (certificates.length !== 2 || !equalBytes(certificate, shown)) return false;
    this.#read.set(certificates, { signatureKey, leafKey, certificate });
    return true;
  }

  /** Here, and verified. */
  present(participant: ParticipantId): Known | undefined {
    return this.#present.get(participant);
  }

  /** Of those who are here. */
  get count(): number {
    return this.#present.size;
  }

  /** Here or gone. */
  find(participant: ParticipantId): Known | undefined {
    return this.#present.get(participant) ?? this.#gone.get(participant)?.known;
  }

  /** Whether something may be sealed that this participant can open. */
  mayHear(participant: ParticipantId, nowMs: number): boolean {
    if (this.#present.has(participant)) return true;
    const gone = this.#gone.get(participant);
    return gone !== undefined && nowMs < gone.untilMs;
  }

  #go(participant: ParticipantId, untilMs: number): void {
    const known = this.#present.get(participant);
    if (known === undefined) return;
    this.#present.delete(participant);
    this.#gone.set(participant, { known, untilMs });
    const [oldest] = this.#gone;
    if (this.#gone.size > MAX_GONE && oldest !== undefined) this.#forget(...oldest);
  }

  #forget(participant: ParticipantId, { known }: Gone): void {
    this.#gone.delete(participant);
    this.#byLeafKey.delete(known.leafKey);
  }
}
