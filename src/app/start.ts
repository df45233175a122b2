import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { toHex } from '../base/bytes.ts';
import { BelfryError } from '../base/errors.ts';
import { asId, type MeetingId, type RoomId } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import { secureRandomBytes, systemClock } from '../base/platform.ts';
import { makeRedact } from '../base/redact.ts';
import type { Settings } from '../config/settings.ts';
import { serveObservation } from '../metrics/http.ts';
import { createMetrics } from '../metrics/registry.ts';
import { createMediasoupEngine } from '../sfu/engine/mediasoup/engine.ts';
import type { Engine } from '../sfu/engine/port.ts';
import { createRooms, type Rooms } from '../sfu/room/rooms.ts';
import type { WitnessCounts } from '../sfu/room/witness.ts';
import type { AuditRecord } from '../signaling/audit/record.ts';
import type { People } from '../signaling/door/door.ts';
import type { SignalingLimits } from '../signaling/limits.ts';
import type { EnrolmentMailbox } from '../signaling/ports.ts';
import { createSignaling, type Signaling } from '../signaling/signaling.ts';
import type { TurnServers } from '../signaling/turn.ts';
import { type Identity, openIdentity } from './authority/identity.ts';
import { createBridge } from './bridge.ts';
import { relayMailbox } from './enrolment/mailbox.ts';
import { watchEventLoop } from './event-loop.ts';
import { ownAddresses } from './reach/interfaces.ts';
import { type Reach, reachOf } from './reach/reach.ts';
import { createReadings, notReadyReasons } from './readings.ts';
import { type OpenedRecord, openRecord } from './record/record.ts';
import { openRelayStore } from './store/store.ts';
import { openTrustFolder } from './trust/trust-folder.ts';
import { turnOf } from './turn/turn.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** What the relay's keyless witness has seen of one meeting. */
export interface WitnessFigures {
  readonly framesSeen: number;
  readonly framesInClear: number;
}

/** A running relay. */
export interface Belfry {
  readonly signaling: Endpoint;
  readonly reach: Reach;
  /** The root that devices need; absent where clients come by plain HTTP. */
  readonly root?: { readonly path: string; readonly sha256: Uint8Array } | undefined;
  readonly observation: Endpoint;
  /** The file in which this process records what it decides. */
  readonly recordPath: string;
  witnessOf(meeting: MeetingId): WitnessFigures;
  /** Tells everybody, then ends everything that was started. */
  stop(): Promise<void>;
}

/** What ids in the log are hidden with: 128 random bits cannot be tried. */
const REDACTING_BYTES = 16;
/** Used nonces end within minutes; fewer sweeps would let more of them pile up. */
const SWEEP_EVERY_MS = 60_000;
/** Where set-up builds the meeting page. */
const PAGE_DIR = fileURLToPath(new URL('../../web/dist', import.meta.url));

export const workerCountOf = (settings: Settings): number =>
  settings.workers === 0 ? availableParallelism() : settings.workers;

export interface StartOptions {
  /** Where meetings, used nonces and bans are kept, if not with the rest: for an authority that ends with the program. */
  readonly storeDir?: string;
  /** Replaces single defaults of signaling. */
  readonly limits?: Partial<SignalingLimits>;
}

/** Starts everything, or ends what was started and throws a `BelfryError` that says what failed. */
export const startBelfry = async (
  settings: Settings,
  logger: Logger,
  { storeDir = settings.stateDir, limits = {} }: StartOptions = {},
): Promise<Belfry> => {
  const started: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of started.splice(0).reverse()) await end();
  };
  try {
    return { ...(await startParts(settings, logger, { storeDir, limits }, started)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

type EndList = (() => Promise<void>)[];

const startParts = async (
  settings: Settings,
  logger: Logger,
  { storeDir, limits }: Required<StartOptions>,
  started: EndList,
): Promise<Omit<Belfry, 'stop'>> => {
  const reach = reachOf(settings, ownAddresses());
  const turn = await turnOf(settings, reach);
  const identity = reach.secure ? await identityOf(settings, reach, logger) : undefined;
  const engine = await startEngine(settings, reach, logger, started);
  const rooms = createRooms({ engine, clock: systemClock, randomBytes: secureRandomBytes, logger });
  started.push(async () => rooms.close());
  const { audit, path: recordPath } = await startRecord(settings, logger, started);
  const enrolment = await enrolmentOf(settings);
  const people = await startPeople(settings, storeDir, logger, started);
  const signaling = startSignaling(
    { rooms, identity, turn, audit, enrolment, people, limits, logger },
    started,
  );
  await signaling.reopenMeetings();
  const stopSweeping = systemClock.every(SWEEP_EVERY_MS, () => signaling.sweep());
  started.push(async () => stopSweeping());
  const observation = await startObservation(settings, { engine, rooms, signaling, audit }, started);
  const address = await signaling.listen({ host: reach.host, port: settings.port });
  return {
    signaling: address,
    reach,
    root: identity && rootOf(identity),
    observation,
    recordPath,
    witnessOf: (meeting) => figuresOf(rooms.witnessOf(asId<RoomId>(meeting))),
  };
};

/** Plaintext that happens to parse as a header shows as a wrong sender: both mean that a frame was not sealed as it must be. */
const figuresOf = ({ framesSeen, framesInClear, wrongSender }: WitnessCounts): WitnessFigures => ({
  framesSeen,
  framesInClear: framesInClear + wrongSender,
});

const enrolmentOf = async ({ enrolment: path }: Settings): Promise<EnrolmentMailbox | undefined> =>
  path === undefined ? undefined : relayMailbox({ path, randomBytes: secureRandomBytes }, systemClock);

const startPeople = async (
  { people: folder }: Settings,
  storeDir: string,
  logger: Logger,
  started: EndList,
): Promise<People> => {
  if (folder === undefined)
    throw new BelfryError('people.missing', 'no public files of an authority for people are named', {
      remedy: 'name the folder of belfry ca publish with --people',
    });
  const store = await openRelayStore(storeDir);
  started.push(async () => store.close());
  const { trust, close } = await openTrustFolder({ folder, store, clock: systemClock, logger });
  started.push(close);
  return { trust, store };
};

const identityOf = (settings: Settings, { hosts }: Reach, logger: Logger): Promise<Identity> =>
  openIdentity({
    folder: settings.stateDir,
    hosts,
    clock: systemClock,
    randomBytes: secureRandomBytes,
    logger,
  });

const rootOf = ({ authority }: Identity) => ({ path: authority.rootPath, sha256: authority.facts.sha256 });

const startEngine = async (
  settings: Settings,
  { mediaAddresses }: Reach,
  logger: Logger,
  started: EndList,
): Promise<Engine> => {
  if (settings.workerBin === undefined)
    throw new BelfryError('worker.missing', 'no media worker is named', {
      remedy: 'start with npm, which builds one, or name one with --worker-bin',
    });
  const ports = settings.mediaPort === 0 ? {} : { udpPort: settings.mediaPort, tcpPort: settings.mediaPort };
  const engine = await createMediasoupEngine({
    workerBin: settings.workerBin,
    workers: workerCountOf(settings),
    listen: mediaAddresses.map((address) => ({ address, ...ports })),
    dscp: settings.mediaDscp,
    clock: systemClock,
    logger,
  });
  started.push(() => engine.close());
  return engine;
};

/** Ended after signaling, whose last decisions it holds. */
const startRecord = async (settings: Settings, logger: Logger, started: EndList): Promise<OpenedRecord> => {
  const { stateDir } = settings;
  const opened = await openRecord({ stateDir, clock: systemClock, randomBytes: secureRandomBytes, logger });
  started.push(async () => opened.audit.close());
  return opened;
};

interface SignalingParts {
  readonly rooms: Rooms;
  readonly identity: Identity | undefined;
  readonly turn: TurnServers | undefined;
  readonly audit: AuditRecord;
  readonly enrolment: EnrolmentMailbox | undefined;
  readonly people: People;
  readonly limits: Partial<SignalingLimits>;
  readonly logger: Logger;
}

const startSignaling = (
  { rooms, identity, turn, audit, enrolment, people, limits, logger }: SignalingParts,
  started: EndList,
): Signaling => {
  const signaling = createSignaling({
    media: createBridge(rooms),
    audit,
    checkpoints: audit,
    clock: systemClock,
    randomBytes: secureRandomBytes,
    logger,
    redact: makeRedact(toHex(secureRandomBytes(REDACTING_BYTES))),
    tls: identity?.certificate,
    turn,
    enrolment,
    people,
    limits,
    pages: { root: PAGE_DIR },
  });
  rooms.onLost((room) => signaling.mediaLost(asId<MeetingId>(room)));
  const stopRenewing = identity?.keepFresh((certificate) => signaling.replaceCertificate(certificate));
  started.push(async () => {
    stopRenewing?.();
    await signaling.close();
  });
  return signaling;
};

const startObservation = async (
  settings: Settings,
  parts: { engine: Engine; rooms: Rooms; signaling: Signaling; audit: AuditRecord },
  started: EndList,
): Promise<Endpoint> => {
  const metrics = createMetrics(createReadings(parts));
  const at = { host: settings.metricsHost, port: settings.metricsPort };
  const observation = await serveObservation(at, metrics, () =>
    notReadyReasons(parts.engine.stats(), parts.audit.isWritable),
  );
  const unwatch = watchEventLoop(systemClock, (seconds) =>
    metrics.observe('belfry_event_loop_delay_seconds', seconds),
  );
  started.push(async () => {
    unwatch();
    await observation.close();
  });
  return observation;
};
