import { messageOf } from '../../base/errors.ts';
import type { KeyId } from '../../trust/statement/statement.ts';
import {
  keyIdsIn,
  type Mailbox,
  openMailbox,
  readFrom,
  removeFrom,
  sweepMailbox,
  writeTo,
} from '../enrolment/folder.ts';
import { answerRequest } from './answer.ts';
import type { At } from './authority.ts';
import type { IssuedCertificate } from './enrolment.ts';

/** What the desk did about one request, for the eyes of whoever runs it. */
export type DeskNote =
  | { readonly kind: 'issued'; readonly issued: IssuedCertificate }
  /** Answered with a refusal, whose reason the device does not hear. */
  | { readonly kind: 'refused'; readonly keyId: KeyId; readonly why: string }
  /** No request that anybody made: thrown away. */
  | { readonly kind: 'dropped'; readonly keyId: KeyId; readonly why: string };

/**
 * Answers every request that waits, one at a time. A request goes when its answer lies there: a desk that is killed in
 * between answers it once more, which uses no code twice, because the key is known by then.
 */
export const workOff = async (at: At, mailbox: Mailbox): Promise<DeskNote[]> => {
  await openMailbox(mailbox);
  for (const part of ['answers', 'devices'] as const) await sweepMailbox(mailbox, part, at.nowUnixMs);
  const notes: DeskNote[] = [];
  for (const keyId of await keyIdsIn(mailbox, 'requests')) {
    notes.push(await answerOne(at, mailbox, keyId));
  }
  return notes;
};

const answerOne = async (at: At, mailbox: Mailbox, keyId: KeyId): Promise<DeskNote> => {
  const request = await readFrom(mailbox, 'requests', keyId);
  const note =
    request === undefined ? dropped(keyId, 'it is too long') : await answer(at, mailbox, keyId, request.text);
  await removeFrom(mailbox, 'requests', keyId);
  return note;
};

const dropped = (keyId: KeyId, why: string): DeskNote => ({ kind: 'dropped', keyId, why });

const answer = async (at: At, mailbox: Mailbox, fileKeyId: KeyId, text: string): Promise<DeskNote> => {
  const answered = await answerRequest(at, text).catch((error: unknown) => asRefusal(error));
  if (typeof answered === 'string') return dropped(fileKeyId, answered);
  const { keyId, issued, why, told } = answered;
  // Before its own answer: a device that is stolen has nothing before the others can hear of it.
  for (const other of told?.keyIds ?? [])
    await writeTo(mailbox, 'devices', other, `${JSON.stringify(told?.devices)}\n`);
  // The relay named the file: whose key the request is of, the request itself says.
  await writeTo(mailbox, 'answers', keyId, `${JSON.stringify(answered.answer)}\n`);
  return issued === undefined ? { kind: 'refused', keyId, why: messageOf(why) } : { kind: 'issued', issued };
};

/** Codes of texts that are no requests, for which there is nobody to answer; whatever else was thrown stops the desk. */
const asRefusal = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^(?:json|statement|request)\./.test(code)) return messageOf(error);
  throw error;
};
