import type { IncomingMessage, ServerResponse } from 'node:http';
import { utf8 } from '../../base/bytes.ts';
import { messageOf } from '../../base/errors.ts';
import { asId } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import { MAX_REQUEST_BYTES } from '../../trust/devices/enrolment.ts';
import { openDeviceRequest } from '../../trust/signing/device-request.ts';
import { digestText, envelopeSchema, type KeyId } from '../../trust/statement/statement.ts';
import { readJson } from '../../trust/statement/strict-json.ts';
import type { EnrolmentMailbox } from '../ports.ts';
import type { HttpCode } from '../protocol/codes.ts';
import { addressOf } from './address.ts';
import { AddressLimit } from './address-limit.ts';
import { sendError, sendJson } from './responses.ts';
import { isSameOrigin } from './upgrade-guard.ts';

const PATH = '/v1/enrolment';
/** An office behind one address enrols its people in a morning; who tries codes is slower than any code lives. */
const ASK_RATE = { count: 30, seconds: 60 } as const;
/** A device looks every second or so. */
const LOOK_RATE = { count: 600, seconds: 60 } as const;

type Give = (keyId: KeyId, request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Takes in what devices ask the authority, and gives out what it answered. */
export class EnrolmentDesk {
  readonly #mailbox: EnrolmentMailbox;
  readonly #secure: boolean;
  readonly #logger: Logger;
  readonly #asking = new AddressLimit(ASK_RATE);
  readonly #looking = new AddressLimit(LOOK_RATE);

  constructor(mailbox: EnrolmentMailbox, secure: boolean, logger: Logger) {
    this.#mailbox = mailbox;
    this.#secure = secure;
    this.#logger = logger;
  }

  /** `false`, with nothing done, for every other path. */
  serve(path: string, request: IncomingMessage, response: ServerResponse): boolean {
    if (path !== PATH && !path.startsWith(`${PATH}/`)) return false;
    this.#answer(path, request, response).catch((error: unknown) => {
      this.#logger.error('enrolment.failed', { message: messageOf(error) });
      response.destroy();
    });
    return true;
  }

  async #answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (path === PATH && request.method === 'POST') return this.#take(request, response);
    const [keyId = '', ...rest] = path.slice(PATH.length + 1).split('/');
    const give = this.#gives.get(rest.join('/'));
    if (request.method === 'GET' && give !== undefined && digestText.safeParse(keyId).success)
      return give(asId<KeyId>(keyId), request, response);
    sendError(response, 'http.not-found');
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const taken = await this.#put(request);
    if (taken.refused === undefined) sendJson(response, 202, `${JSON.stringify({ request: taken.keyId })}\n`);
    else sendError(response, taken.refused);
  }

  async #put(request: IncomingMessage): Promise<{ keyId?: KeyId; refused?: HttpCode }> {
    const { origin, host } = request.headers;
    if (!isSameOrigin({ origin, host, secure: this.#secure })) return { refused: 'http.origin' };
    if (!(await this.#asking.admits(addressOf(request)))) return { refused: 'http.rate' };
    const body = await bodyOf(request);
    if (body === undefined) return { refused: 'http.too-large' };
    const envelope = readJson(body, MAX_REQUEST_BYTES, envelopeSchema);
    const opened = envelope.ok ? await openDeviceRequest(envelope.value) : envelope;
    if (!opened.ok || !envelope.ok) return { refused: 'http.malformed' };
    const { keyId } = opened.value.publicKey;
    const put = await this.#mailbox.put(keyId, JSON.stringify(envelope.value));
    return put.ok ? { keyId } : { refused: 'http.busy' };
  }

  readonly #gives: ReadonlyMap<string, Give> = new Map<string, Give>([
    ['', (...asked) => this.#give(...asked)],
    ['devices', (...asked) => this.#giveDevices(...asked)],
  ]);

  /** Most devices hear nothing here: that is no error. */
  async #giveDevices(keyId: KeyId, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!(await this.#looking.admits(addressOf(request)))) return sendError(response, 'http.rate');
    sendJson(response, 200, (await this.#mailbox.toldTo(keyId)) ?? 'null\n');
  }

  /** Whether it waits or was never asked is one answer. */
  async #give(keyId: KeyId, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!(await this.#looking.admits(addressOf(request)))) return sendError(response, 'http.rate');
    const answer = await this.#mailbox.answerTo(keyId);
    if (answer === undefined) sendError(response, 'http.not-found');
    else sendJson(response, 200, answer);
  }
}

/** `undefined` where it is longer than a request can be: what is left of it is not read. */
const bodyOf = async (request: IncomingMessage): Promise<Uint8Array | undefined> => {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > MAX_REQUEST_BYTES) return undefined;
  }
  return utf8(text);
};
