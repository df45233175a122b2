import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock, RandomBytes } from '../base/clock.ts';
import { BelfryError, messageOf } from '../base/errors.ts';
import type { MeetingId } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import type { Redact } from '../base/redact.ts';
import type { Result } from '../base/result.ts';
import type { People } from './door/door.ts';
import { addressOf } from './http/address.ts';
import { BlobDesk } from './http/blobs.ts';
import { EnrolmentDesk } from './http/enrolment.ts';
import { isLoopback } from './http/loopback.ts';
import { type Pages, readPages } from './http/pages.ts';
import { RefusedAddresses } from './http/refused-addresses.ts';
import { sendRawError } from './http/responses.ts';
import { makeHttpServer } from './http/server.ts';
import { connectionEnder, replaceCertificate, type TlsCertificate } from './http/tls.ts';
import { Hub } from './hub.ts';
import { DEFAULT_LIMITS, type SignalingLimits } from './limits.ts';
import type { AuditSink, Checkpoints, EnrolmentMailbox, MediaPlane } from './ports.ts';
import { type SignalingStats, StatsKeeper } from './stats.ts';
import { type TurnServers, turnMinter } from './turn.ts';
import { serveSocket } from './ws/connection.ts';
import { makeSocketServer, type SocketServer } from './ws/server.ts';

export interface SignalingOptions {
  readonly media: MediaPlane;
  readonly audit: AuditSink;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly logger: Logger;
  readonly redact: Redact;
  /** The deployment's own TURN server, which clients are told with each transport. Absent: none. */
  readonly turn?: TurnServers | undefined;
  /** Absent: plain HTTP, and loopback only. */
  readonly tls?: TlsCertificate | undefined;
  /** The folder of the built page, given out at `/`. Where it holds no page a warning says so. */
  readonly pages?: { readonly root: string } | undefined;
  /** By what it is judged who may enter, and what a relay keeps of them. */
  readonly people: People;
  /** Of the record, told to the people of meetings. */
  readonly checkpoints?: Checkpoints | undefined;
  /** Where devices ask for certificates. Absent: not here. */
  readonly enrolment?: EnrolmentMailbox | undefined;
  /** Replaces single defaults. */
  readonly limits?: Partial<SignalingLimits>;
}

export interface ListenAddress {
  /** An IPv4 or IPv6 literal. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface Signaling {
  /** Rejects with `listen.not-loopback` or `listen.failed`. Answers where it listens. */
  listen(address: ListenAddress): Promise<ListenAddress>;
  /** A renewed certificate for new connections, where there was one from the start. */
  replaceCertificate(tls: TlsCertificate): void;
  /** Opens the meetings that were open before a restart, by their charters. */
  reopenMeetings(): Promise<void>;
  /** To be called now and then: what can be of no use any more is forgotten, in memory and in the store. */
  sweep(): void;
  /** Refusal: `meeting.unknown`. */
  endMeeting(meeting: MeetingId): Result<undefined>;
  /** As `endMeeting`, but its participants hear that the media is gone; a charter lets them in again. */
  mediaLost(meeting: MeetingId): Result<undefined>;
  stats(): SignalingStats;
  /** Tells every participant, lets the last messages leave for `drainMs` at most, then ends all sockets. */
  close(): Promise<void>;
}

export const createSignaling = (options: SignalingOptions): Signaling => {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const stats = new StatsKeeper();
  const mintIceServers = options.turn && turnMinter(options.turn, options);
  const hub = new Hub({ ...options, limits, stats, mintIceServers });
  const refused = new RefusedAddresses(limits.refusedEntries, options.clock);
  const sockets = socketsFor(hub, refused, stats, limits);
  const http = httpFor(hub, sockets, refused, stats, limits, options);
  const endConnections = connectionEnder(http);
  return {
    listen: (address) => listen(http, address, options.tls !== undefined),
    replaceCertificate: (tls) => replaceCertificate(http, tls),
    reopenMeetings: () => hub.door.reopen(),
    sweep: () => hub.door.sweep(),
    endMeeting: (meeting) => endMeeting(hub, meeting),
    mediaLost: (meeting) => mediaLost(hub, meeting),
    stats: () => ({ ...sizesOf(hub, sockets), ...stats.totals() }),
    close: () => close({ hub, http, endConnections, sockets, clock: options.clock, drainMs: limits.drainMs }),
  };
};

const endMeeting = (hub: Hub, meeting: MeetingId): Result<undefined> => {
  hub.door.ended(meeting);
  return hub.meetings.end(meeting, 'ended');
};

const mediaLost = (hub: Hub, meeting: MeetingId): Result<undefined> => {
  const ended = hub.meetings.end(meeting, 'media-lost');
  hub.door.restart(meeting);
  return ended;
};

const socketsFor = (
  hub: Hub,
  refused: RefusedAddresses,
  stats: StatsKeeper,
  { closeMs }: SignalingLimits,
): SocketServer =>
  makeSocketServer({
    closeMs,
    onSocket: (socket, request) => serveSocket(socket, hub, () => void refused.count(addressOf(request))),
    onBadUpgrade(socket) {
      stats.turnedAway('http.bad-upgrade');
      sendRawError(socket, 'http.bad-upgrade');
    },
  });

const PAGES_REMEDY = 'npm run setup builds the meeting page; participants without it can join';

const httpFor = (
  hub: Hub,
  sockets: SocketServer,
  refused: RefusedAddresses,
  stats: StatsKeeper,
  limits: SignalingLimits,
  { tls, pages, enrolment, people, logger }: SignalingOptions,
): Server =>
  makeHttpServer({
    limits,
    tls,
    pages: pages && loadPages(pages.root, logger),
    enrolment: enrolment && new EnrolmentDesk(enrolment, tls !== undefined, logger),
    revocation: () => people.trust.list()?.vouched,
    blobs: new BlobDesk({
      access: (meeting, token) => hub.groups.access(meeting, token),
      secure: tls !== undefined,
      logger,
      onTurnedAway: (code) => stats.turnedAway(code),
    }),
    socketCount: () => sockets.size,
    hasShare: (address) => sockets.sources.hasShare(address, limits.maxSockets),
    isBarred: (address) => refused.isBarred(address),
    onUpgrade: (request, socket, head) => sockets.adopt(request, socket, head),
    onTurnedAway: (code) => stats.turnedAway(code),
  });

const loadPages = (root: string, logger: Logger): Pages | undefined => {
  const pages = readPages(root);
  if (pages === undefined) logger.warn('pages.missing', { remedy: PAGES_REMEDY });
  return pages;
};

const sizesOf = (hub: Hub, sockets: SocketServer) => ({
  sockets: sockets.size,
  sessions: hub.sessions.size,
  meetings: hub.meetings.size,
  participants: hub.meetings.participants,
});

const listen = async (
  http: Server,
  { host, port }: ListenAddress,
  hasTls: boolean,
): Promise<ListenAddress> => {
  if (!hasTls && !isLoopback(host))
    throw new BelfryError('listen.not-loopback', 'signaling without TLS listens on loopback only', {
      remedy: 'listen on 127.0.0.1 or ::1, or by TLS',
    });
  await startListening(http, { host, port });
  const bound = http.address() as AddressInfo;
  return { host: bound.address, port: bound.port };
};

const startListening = (http: Server, address: ListenAddress): Promise<void> =>
  new Promise((resolve, reject) => {
    const fail = (cause: Error): void =>
      reject(new BelfryError('listen.failed', `cannot listen: ${messageOf(cause)}`, { cause }));
    http.once('error', fail);
    http.listen(address, () => {
      http.off('error', fail);
      resolve();
    });
  });

interface Closing {
  readonly hub: Hub;
  readonly http: Server;
  readonly endConnections: () => void;
  readonly sockets: SocketServer;
  readonly clock: Clock;
  readonly drainMs: number;
}

const close = async ({ hub, http, endConnections, sockets, clock, drainMs }: Closing): Promise<void> => {
  const httpClosed = new Promise<void>((resolve) => http.close(() => resolve()));
  const drained = sockets.close();
  hub.stop();
  const cancel = clock.after(drainMs, () => sockets.terminateAll());
  await drained;
  cancel();
  endConnections();
  await httpClosed;
};
