import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { Emitter } from '../../src/base/emitter.ts';
import type { LogFields } from '../../src/base/logger.ts';
import { makeRedact } from '../../src/base/redact.ts';
import { ok, refuse } from '../../src/base/result.ts';
import type { AuditEntry } from '../../src/signaling/audit/entry.ts';
import type { People } from '../../src/signaling/door/door.ts';
import type { SignalingLimits } from '../../src/signaling/limits.ts';
import type { EnrolmentMailbox } from '../../src/signaling/ports.ts';
import type { RequestOf } from '../../src/signaling/protocol/messages.ts';
import { createSignaling, type Signaling } from '../../src/signaling/signaling.ts';
import type { TurnServers } from '../../src/signaling/turn.ts';
import type { SignedCheckpoint } from '../../src/trust/record/checkpoint.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeMediaPlane } from './fake-media-plane.ts';
import { NOW } from './people.ts';
import { RawClient } from './raw-client.ts';

/** A client with an open session. */
export interface Opened {
  readonly client: RawClient;
  readonly session: string;
  readonly secret: string;
}

type ResumeClaim = Omit<NonNullable<RequestOf<'hello'>['resume']>, 'session'> & { readonly session: string };

export interface LogLine {
  readonly event: string;
  readonly fields: LogFields | undefined;
}

export interface Harness {
  readonly signaling: Signaling;
  readonly media: FakeMediaPlane;
  readonly clock: FakeClock;
  readonly log: LogLine[];
  /** Settles once `event` stands in the log, at `from` or later. */
  logged(event: string, from?: number): Promise<void>;
  /** While it is full nothing more comes in. */
  readonly record: { readonly entries: AuditEntry[]; isFull: boolean };
  /** Tells whoever may hear it how far the record goes. */
  checkpoint(checkpoint: SignedCheckpoint): void;
  readonly port: number;
  readonly url: string;
  hello(): Promise<Opened>;
  /** Goes on with a session, on another connection. */
  resume(claim: ResumeClaim): Promise<RawClient>;
  close(): Promise<void>;
}

/** Signaling on a free loopback port, over a fake media plane and with a driven clock. */
export const startHarness = async (
  people: People,
  limits: Partial<SignalingLimits> = {},
  { turn, enrolment }: { readonly turn?: TurnServers; readonly enrolment?: EnrolmentMailbox } = {},
): Promise<Harness> => {
  const clock = new FakeClock(NOW);
  const [media, log] = [new FakeMediaPlane(), [] as LogLine[]];
  const logs = new EventEmitter();
  const write = (event: string, fields?: LogFields): void => {
    log.push({ event, fields });
    logs.emit('line');
  };
  const logged = async (event: string, from = 0): Promise<void> => {
    while (!log.slice(from).some((line) => line.event === event)) await once(logs, 'line');
  };
  const record: Harness['record'] = { entries: [], isFull: false };
  const checkpoints = new Emitter<SignedCheckpoint>((error) =>
    write('checkpoint.failed', { error: String(error) }),
  );
  const signaling = createSignaling({
    media,
    audit: {
      write(entry) {
        if (record.isFull) return refuse('audit.unwritable', 'full');
        record.entries.push(entry);
        return ok(undefined);
      },
    },
    checkpoints: { onCheckpoint: (listener) => checkpoints.on(listener) },
    clock,
    randomBytes: (size) => new Uint8Array(randomBytes(size)),
    logger: { info: write, warn: write, error: write },
    redact: makeRedact('salt'),
    limits,
    turn,
    enrolment,
    people,
  });
  const { port } = await signaling.listen({ host: '127.0.0.1', port: 0 });
  const url = `ws://127.0.0.1:${port}/v1/meet`;

  const hello = async () => {
    const client = await RawClient.open(url);
    const { session, secret } = await client.done('hello', { version: 1 });
    return { client, session: String(session), secret: String(secret) };
  };
  const resume = async (claim: ResumeClaim): Promise<RawClient> => {
    const client = await RawClient.open(url);
    client.send({ id: 1_000_000, kind: 'hello', version: 1, resume: claim });
    return client;
  };
  /** The clock does not run by itself: the drain's end is told. */
  const close = async (): Promise<void> => {
    const closed = signaling.close();
    const timer = setInterval(() => clock.advance(1_000), 50);
    await closed;
    clearInterval(timer);
  };
  const checkpoint = (signed: SignedCheckpoint) => checkpoints.emit(signed);
  const driven = { clock, checkpoint, log, logged, record };
  return { ...driven, signaling, media, port, url, hello, resume, close };
};
