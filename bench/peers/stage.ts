import { performance } from 'node:perf_hooks';
import type { RTCCertificate } from 'werift';
import { secureRandomBytes } from '../../src/base/platform.ts';
import type { RtpHeaderExtension, RtpParameters } from '../../src/base/rtp.ts';
import { createCertificate } from '../../src/client/werift/hop/certificate.ts';
import { receivable } from '../../src/client/werift/negotiate/capabilities.ts';
import { sendParameters } from '../../src/client/werift/negotiate/send-parameters.ts';
import { newSsrc } from '../../src/client/werift/random.ts';
import type { Guest, House } from './guest.ts';
import { Leg } from './leg.ts';
import { residentBytesOf } from './processes.ts';

const TRANSPORT_CC = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';
/** Joins at once: more only queue in front of the one process in which all handshakes are made. */
const JOINS_AT_ONCE = 4;

export interface Publisher {
  readonly fd: number;
  readonly ssrc: number;
  readonly payloadType: number;
  /** Id of the header extension; 0 where it was not negotiated. */
  readonly twcc: number;
  readonly key: string | undefined;
  /** What its frames carry. */
  readonly number: number;
}

export interface Viewer {
  readonly fd: number;
  readonly twcc: number;
  readonly sendKey: string;
  readonly readKey: string;
}

/** All who take part are there, and media may flow. */
export interface Stage {
  readonly publishers: readonly Publisher[];
  readonly viewers: readonly Viewer[];
  readonly worker: number;
  readonly others: readonly number[];
  readonly joinsMs: readonly number[];
  /** Of the worker, before the first viewer came; absent where memory is not kept by viewer. */
  readonly residentBytes: number | undefined;
  close(): Promise<void>;
}

export interface Cast {
  /** Publishers; each of them views all others too where `meets`. */
  readonly publishers: number;
  readonly viewers: number;
  readonly meets: boolean;
}

const twccOf = (extensions: readonly RtpHeaderExtension[]): number =>
  extensions.find(({ uri }) => uri === TRANSPORT_CC)?.id ?? 0;

class Entrance {
  readonly #certificate: RTCCertificate;
  readonly #legs: Leg[] = [];

  constructor(certificate: RTCCertificate) {
    this.#certificate = certificate;
  }

  async connect(guest: Guest, direction: 'send' | 'receive') {
    const offer = await guest.open(direction);
    const leg = await Leg.open(offer, this.#certificate);
    this.#legs.push(leg);
    await guest.connect(offer.transport, leg.dtlsParameters);
    await leg.connect();
    return { leg, transport: offer.transport };
  }

  async publish(guest: Guest): Promise<Publisher> {
    const { leg, transport } = await this.connect(guest, 'send');
    const parameters = cameraOf(guest);
    await guest.produce(transport, parameters);
    return {
      fd: leg.handOver(),
      ssrc: parameters.encodings[0]?.ssrc ?? 0,
      payloadType: parameters.codecs[0]?.payloadType ?? 0,
      twcc: twccOf(parameters.headerExtensions),
      key: leg.keys.send,
      number: guest.number,
    };
  }

  async view(guest: Guest, streams: number): Promise<Viewer> {
    const { leg, transport } = await this.connect(guest, 'receive');
    const [first] = await guest.receive(transport, receivable(guest.router), streams);
    const { send: sendKey, read: readKey } = leg.keys;
    return { fd: leg.handOver(), twcc: twccOf(first?.headerExtensions ?? []), sendKey, readKey };
  }

  close(): void {
    for (const leg of this.#legs) leg.close();
  }
}

const cameraOf = ({ router, number }: Guest): RtpParameters => {
  const taken = new Set<number>();
  const ssrcs = [{ media: newSsrc(secureRandomBytes, taken), rtx: newSsrc(secureRandomBytes, taken) }];
  return sendParameters(router, 'camera', 'vp8', {
    mid: '0',
    cname: `c${number}`,
    msid: `m${number}`,
    ssrcs,
  });
};

/** Runs `work` for 0 to `count` - 1, a few at a time, and gives what came of it in that order. */
export const inTurns = async <T>(count: number, work: (i: number) => Promise<T>): Promise<T[]> => {
  const results: T[] = [];
  for (let from = 0; from < count; from += JOINS_AT_ONCE) {
    const length = Math.min(JOINS_AT_ONCE, count - from);
    results.push(...(await Promise.all(Array.from({ length }, (_, i) => work(from + i)))));
  }
  return results;
};

/** Everybody enters: first those who send, then those who watch. */
export const openStage = async (house: House, cast: Cast): Promise<Stage> => {
  const entrance = new Entrance(await createCertificate());
  const close = async () => {
    entrance.close();
    await house.close();
  };
  try {
    const senders = await inTurns(cast.publishers, async (i) => {
      const guest = await house.enter(i);
      return { guest, publisher: await entrance.publish(guest) };
    });
    const residentBytes = residentBytesOf(house.worker);
    const joinsMs: number[] = [];
    const watch = async (enter: () => Promise<Guest>, streams: number): Promise<Viewer> => {
      const start = performance.now();
      const viewer = await entrance.view(await enter(), streams);
      joinsMs.push(performance.now() - start);
      return viewer;
    };
    const meeting = cast.meets ? senders : [];
    const viewers = [
      ...(await inTurns(meeting.length, (i) =>
        watch(async () => meeting[i]?.guest ?? house.enter(i), cast.publishers - 1),
      )),
      ...(await inTurns(cast.viewers, (i) => watch(() => house.enter(cast.publishers + i), cast.publishers))),
    ];
    const publishers = senders.map(({ publisher }) => publisher);
    const { worker, others } = house;
    return { publishers, viewers, worker, others, joinsMs, residentBytes, close };
  } catch (error) {
    await close();
    throw error;
  }
};
