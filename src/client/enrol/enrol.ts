import type { Clock } from '../../base/clock.ts';
import { BelfryError, messageOf } from '../../base/errors.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import { readCode } from '../../trust/devices/codes.ts';
import type { EnrolmentAnswer } from '../../trust/devices/enrolment.ts';
import { makeDeviceRequest, openDeviceRequest } from '../../trust/signing/device-request.ts';
import type { KeyId, StatementDigest } from '../../trust/statement/statement.ts';
import { type Enrolment, openAnswer, readAnswer } from './answer.ts';
import type { Fetch } from './fetch-port.ts';

/** A desk that runs answers in well under a second; one that is across the corridor takes as long as it takes. */
const LOOK_AFTER_MS = 250;
const LOOK_AT_MOST_EVERY_MS = 5_000;
/** Longer than a person waits; the request stays, and the same device may ask again for its answer. */
export const ANSWER_WITHIN_MS = 120_000;
const HTTP_WITHIN_MS = 10_000;

export interface EnrolOptions {
  /** Scheme, host and port of the relay whose mailbox is asked. */
  readonly origin: string;
  /** SHA-256 of the authority's root. */
  readonly rootSha256: Uint8Array;
  /** The device's own, made on it; only the public half leaves it. */
  readonly keys: CryptoKeyPair;
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Called once the request waits for the authority. */
  readonly onWaiting?: () => void;
  readonly signal?: AbortSignal;
}

type Enrolled = Promise<Result<Enrolment, Refusal>>;

/** A device's first certificate. `code` as its owner typed it. Refusals: `code.form`, `enrolment.…`. */
export const enrol = async (options: EnrolOptions, code: string): Enrolled => {
  const read = readCode(code);
  if (read === undefined)
    return refuse(
      'code.form',
      'this is no enrolment code',
      'a code has five groups of four letters and digits',
    );
  return ask(options, read);
};

/** Before the certificate ends, and for the newest clearance and scale: the same without a code. */
export const renew = (options: EnrolOptions): Enrolled => ask(options, undefined);

const ask = async (options: EnrolOptions, code: string | undefined): Enrolled => {
  const { rootSha256, keys, clock } = options;
  const envelope = await makeDeviceRequest(keys, code);
  const own = await openDeviceRequest(envelope);
  if (!own.ok) return own;
  const posted = await post(options, JSON.stringify(envelope));
  if (!posted.ok) return posted;
  options.onWaiting?.();
  const { digest, publicKey } = own.value;
  const answer = await waitForAnswer(options, publicKey.keyId, digest);
  if (!answer.ok) return answer;
  return openAnswer(answer.value, { rootSha256, keyId: publicKey.keyId, nowUnixMs: clock.unixMs() });
};

const post = async (options: EnrolOptions, body: string): Promise<Result<undefined, Refusal>> => {
  const reply = await exchange(options, 'POST', '/v1/enrolment', body);
  if (!reply.ok) return reply;
  return reply.value.status === 202 ? ok(undefined) : (REFUSED[reply.value.status] ?? NO_MAILBOX);
};

const REFUSED: Readonly<Record<number, Result<never, Refusal>>> = {
  429: refuse('enrolment.rate', 'too many requests came from this address', 'try again in a minute'),
  503: refuse('enrolment.full', 'too many requests wait for the authority', 'try again later'),
};
const NO_MAILBOX = refuse(
  'enrolment.no-mailbox',
  'this relay takes in no requests for certificates',
  'ask who invited you where devices are enrolled',
);

/** What lies there now, if it answers this request and not an earlier one. */
const look = async (
  options: EnrolOptions,
  keyId: KeyId,
  request: StatementDigest,
): Promise<Result<EnrolmentAnswer | undefined, Refusal>> => {
  const reply = await exchange(options, 'GET', `/v1/enrolment/${keyId}`);
  if (!reply.ok) return reply;
  if (reply.value.status !== 200) return ok(undefined);
  const answer = readAnswer(reply.value.text);
  return answer.ok && answer.value.request !== request ? ok(undefined) : answer;
};

const waitForAnswer = async (
  options: EnrolOptions,
  keyId: KeyId,
  request: StatementDigest,
): Promise<Result<EnrolmentAnswer, Refusal>> => {
  const { clock, signal } = options;
  const endMs = clock.nowMs() + ANSWER_WITHIN_MS;
  let last: Refusal | undefined;
  for (
    let pauseMs = LOOK_AFTER_MS;
    clock.nowMs() < endMs;
    pauseMs = Math.min(pauseMs * 1.5, LOOK_AT_MOST_EVERY_MS)
  ) {
    if (signal?.aborted) return refuse('enrolment.ended', 'enrolling was ended');
    const found = await look(options, keyId, request);
    if (found.ok && found.value !== undefined) return ok(found.value);
    // A network comes back; an answer that makes no sense will not make more.
    if (!found.ok && found.refusal.code !== 'enrolment.network') return found;
    last = found.ok ? undefined : found.refusal;
    await new Promise<void>((resolve) => clock.after(pauseMs, resolve));
  }
  return last === undefined ? LATE : { ok: false, refusal: last };
};

const LATE = refuse(
  'enrolment.late',
  'the authority has not answered yet',
  'leave the request where it is and try again later, with the same code on the same device',
);

interface Reply {
  readonly status: number;
  readonly text: string;
}

/** Settles whatever the network does. */
const exchange = async (
  { origin, fetch, clock, signal }: EnrolOptions,
  method: 'GET' | 'POST',
  path: string,
  body?: string,
): Promise<Result<Reply, Refusal>> => {
  const ending = new AbortController();
  const end = () => ending.abort();
  const cancel = clock.after(HTTP_WITHIN_MS, end);
  signal?.addEventListener('abort', end);
  try {
    const sent = body === undefined ? {} : { body };
    const response = await fetch(`${origin}${path}`, { method, ...sent, signal: ending.signal });
    return ok({ status: response.status, text: await response.text() });
  } catch (error) {
    const why = error instanceof BelfryError ? error.code : messageOf(error);
    return refuse(
      'enrolment.network',
      `the relay did not answer: ${why}`,
      'look at the network, then try again',
    );
  } finally {
    cancel();
    signal?.removeEventListener('abort', end);
  }
};
