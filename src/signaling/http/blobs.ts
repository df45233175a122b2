import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Bytes, concatBytes } from '../../base/bytes.ts';
import { messageOf } from '../../base/errors.ts';
import { asId, type MeetingId } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import type { BlobAccess } from '../group/groups.ts';
import { MAX_BLOB_BYTES } from '../group/limits.ts';
import type { HttpCode } from '../protocol/codes.ts';
import { addressOf } from './address.ts';
import { AddressLimit } from './address-limit.ts';
import { sendBytes, sendError, sendJson } from './responses.ts';
import { isSameOrigin } from './upgrade-guard.ts';

const UNDER = '/v1/meetings/';
const PATH = /^\/v1\/meetings\/([A-Za-z0-9_-]{1,64})\/blobs(?:\/([A-Za-z0-9_-]{43}))?$/;
const BEARER = /^Bearer ([A-Za-z0-9_-]{43})$/i;
/** Of requests without a good token. With one the participant's own bounds hold: an office is one address. */
const STRANGER_RATE = { count: 300, seconds: 60 } as const;

interface BlobDeskOptions {
  readonly access: (meeting: MeetingId, token: string) => BlobAccess | undefined;
  /** It came by TLS. */
  readonly secure: boolean;
  readonly logger: Logger;
  readonly onTurnedAway: (code: HttpCode) => void;
}

type Arrived =
  | { readonly kind: 'whole'; readonly bytes: Bytes }
  | { readonly kind: 'refused'; readonly code: HttpCode };

/** Takes in and gives out what is too large for the socket: key packages, commits, Welcomes and trees of a meeting's group. */
export class BlobDesk {
  readonly #options: BlobDeskOptions;
  readonly #strangers = new AddressLimit(STRANGER_RATE);

  constructor(options: BlobDeskOptions) {
    this.#options = options;
  }

  /** `false`, with nothing done, for every other path. */
  serve(path: string, request: IncomingMessage, response: ServerResponse): boolean {
    if (!path.startsWith(UNDER)) return false;
    this.#answer(path, request, response).catch((error: unknown) => {
      // Mostly a client that went away in the middle.
      this.#options.logger.info('blob.broken', { message: messageOf(error) });
      response.destroy();
    });
    return true;
  }

  async #answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { origin, host } = request.headers;
    if (!isSameOrigin({ origin, host, secure: this.#options.secure }))
      return this.#refuse(response, 'http.origin');
    const [, meeting = '', hash] = PATH.exec(path) ?? [];
    const access = this.#options.access(asId<MeetingId>(meeting), tokenOf(request));
    if (access === undefined) return this.#turnAway(request, response);
    if (request.method === 'PUT' && hash === undefined) return this.#take(access, request, response);
    if (request.method === 'GET' && hash !== undefined) return this.#give(access, hash, response);
    this.#refuse(response, 'http.forbidden');
  }

  /** Meetings, tokens and blobs that are not there, and those of others: one answer. */
  async #turnAway(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const admits = await this.#strangers.admits(addressOf(request));
    this.#refuse(response, admits ? 'http.forbidden' : 'http.rate');
  }

  async #take(access: BlobAccess, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrived = await receive(access, request);
    if (arrived.kind === 'refused') return this.#refuse(response, arrived.code);
    const hash = createHash('sha256').update(arrived.bytes).digest('base64url');
    const put = access.put(hash, arrived.bytes);
    if (put === 'kept') sendJson(response, 200, `${JSON.stringify({ hash })}\n`, 'stays');
    else this.#refuse(response, put === 'full' ? 'http.no-room' : 'http.forbidden');
  }

  #give(access: BlobAccess, hash: string, response: ServerResponse): void {
    const bytes = access.get(hash);
    if (bytes === undefined) this.#refuse(response, 'http.forbidden');
    else if (access.mayFetch(bytes.length)) sendBytes(response, bytes);
    else this.#refuse(response, 'http.rate');
  }

  #refuse(response: ServerResponse, code: HttpCode): void {
    this.#options.onTurnedAway(code);
    sendError(response, code);
  }
}

const tokenOf = ({ headers }: IncomingMessage): string => BEARER.exec(headers.authorization ?? '')?.[1] ?? '';

/** What is announced too large is not read, and what turns out too large not to its end. The server's deadline ends the slow. */
const receive = async (access: BlobAccess, request: IncomingMessage): Promise<Arrived> => {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BLOB_BYTES) return refused('http.too-large');
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      if (size + chunk.length > MAX_BLOB_BYTES) return refused('http.too-large');
      if (!access.arrives(chunk.length)) return refused('http.no-room');
      size += chunk.length;
      chunks.push(chunk);
    }
    return { kind: 'whole', bytes: concatBytes(...chunks) };
  } finally {
    access.arrived(size);
  }
};

const refused = (code: HttpCode): Arrived => ({ kind: 'refused', code });
