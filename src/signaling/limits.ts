import type { Rate } from './session/token-bucket.ts';

/** What the server bounds, with defaults for one process of a few hundred participants. docs/protocol.md lists them. */
export interface SignalingLimits {
  /** Open websockets, half of them from one address. Each costs a descriptor and, at worst, `slowReaderBytes` and the outbox of its session. */
  readonly maxSockets: number;
  /** Sessions, lost connections in grace included: above `maxSockets`, so that an outage of all can be resumed by all. */
  readonly maxSessions: number;
  /** TCP connections that are not yet, or not, a websocket; for more the longest quiet go, and one address has half at most. */
  readonly maxPendingConnections: number;
  /** Time for the head of an HTTP request. Short, since honest ones are one packet; long enough for a lossy link. */
  readonly httpHeadMs: number;
  /** Time for the body after it: 4 MiB on a link of 3 Mbit/s. Longer lets slow senders hold the few connections. */
  readonly httpBodyMs: number;
  readonly maxHttpHeadBytes: number;
  readonly helloMs: number;
  /** Time without a meeting. Long enough for a few redraws of a taken number, short enough to free idle sockets. */
  readonly joinMs: number;
  /** When who is not admitted hears it: one time for all reasons, past what any of them takes, and no guessing machine. */
  readonly entryRefusalMs: number;
  /** Proofs that are being judged at once: a millisecond or two of a core each. More would let a flood hold up everybody. */
  readonly maxJudging: number;
  /** Short finds dead connections soon and keeps middleboxes' state alive; each costs two packets a participant. */
  readonly heartbeatMs: number;
  /** Nothing heard, not even a pong, for this long: three heartbeats, so that one lost packet is no cut. */
  readonly silentMs: number;
  /** How long a participant without connection stays: a roaming device returns in seconds, a ghost should not linger. */
  readonly graceMs: number;
  /** Time that a client has to answer a close frame before its socket is destroyed. */
  readonly closeMs: number;
  /**
   * Bytes that may wait in this process for a client's socket. More than the outbox holds, so that a replay or a burst
   * over a slow link is no offence: only who acknowledges or repeats without reading gets there.
   */
  readonly slowReaderBytes: number;
  /** Unacknowledged messages of a session. A join among 500 with two streams each brings 1,500 events at once. */
  readonly maxOutboxMessages: number;
  /** At three quarters of either a slow reader loses its connection. Must exceed the largest server message. Larger survives longer losses, and costs memory for every absent client. */
  readonly maxOutboxBytes: number;
  /** Replies kept after their acknowledgement, for clients that repeat late. */
  readonly maxKeptReplies: number;
  readonly maxKeptReplyBytes: number;
  /** Requests at work in the media side per session: a client resumes many consumers at once when it joins. */
  readonly maxPendingRequests: number;
  /** Before a session has joined: enough for hello, pings and a dozen joins. */
  readonly rateBeforeJoin: Rate;
  /** One unit per frame and per started 4 KiB. The burst lets a joiner resume 1,000 consumers; the rate is far above use. */
  readonly rateInMeeting: Rate;
  /** Of one address, refusals at the door before its next sockets are: a person's few tries, not a machine's. */
  readonly refusedEntries: Rate;
  readonly maxMeetings: number;
  /** Participants of one meeting, lost connections in grace included. Bounds the roster, hence the join reply. */
  readonly maxParticipants: number;
  /** Before the door of one meeting. A chair who comes hears of all at once, a dozen kilobytes each at most: its outbox must hold them. */
  readonly maxWaiting: number;
  /** Time for the last messages to leave when the server stops. */
  readonly drainMs: number;
}

export const DEFAULT_LIMITS: SignalingLimits = {
  maxSockets: 2_048,
  maxSessions: 4_096,
  maxPendingConnections: 256,
  httpHeadMs: 5_000,
  httpBodyMs: 12_000,
  maxHttpHeadBytes: 8_192,
  helloMs: 5_000,
  joinMs: 30_000,
  entryRefusalMs: 500,
  maxJudging: 256,
  heartbeatMs: 5_000,
  silentMs: 15_000,
  graceMs: 30_000,
  closeMs: 2_000,
  slowReaderBytes: 5_242_880,
  maxOutboxMessages: 4_096,
  maxOutboxBytes: 4_194_304,
  maxKeptReplies: 1_024,
  maxKeptReplyBytes: 262_144,
  maxPendingRequests: 1_024,
  rateBeforeJoin: { burst: 32, perSecond: 4 },
  rateInMeeting: { burst: 1_500, perSecond: 150 },
  refusedEntries: { burst: 60, perSecond: 1 },
  maxMeetings: 256,
  maxParticipants: 500,
  maxWaiting: 200,
  drainMs: 2_000,
};
