import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { BelfryError } from '../../../src/base/errors.ts';
import type { TransportOffer } from '../../../src/base/media.ts';
import type { RtpCapabilities, RtpParameters } from '../../../src/base/rtp.ts';
import type { Guest, House } from '../guest.ts';
import { spawnNode, stop } from '../processes.ts';
import type { Answer, Fields } from './mediasoup-calls.ts';

type Waiting = PromiseWithResolvers<unknown>;

/** Questions to the child and their answers; the first thing that it says answers number 0. */
class Calls {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (answer: Answer) => this.#take(answer));
    child.once('exit', () => this.#fail());
  }

  first(): Promise<unknown> {
    return this.#wait(0);
  }

  ask<Kind extends keyof Fields>(kind: Kind, fields: Fields[Kind]): Promise<unknown> {
    const id = this.#next++;
    const answer = this.#wait(id);
    this.#child.send({ id, kind, fields });
    return answer;
  }

  #wait(id: number): Promise<unknown> {
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    return waiting.promise;
  }

  #take({ id, body, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(body);
    else waiting?.reject(new BelfryError('bench.refused', error));
  }

  #fail(): void {
    for (const waiting of this.#waiting.values())
      waiting.reject(new BelfryError('bench.no-server', 'mediasoup ended'));
    this.#waiting.clear();
  }
}

const TRANSPORT_CC = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';
const ABS_SEND_TIME = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time';
const ESTIMATION: ReadonlySet<string> = new Set([TRANSPORT_CC, ABS_SEND_TIME]);
const FEEDBACK: ReadonlySet<string> = new Set(['transport-cc', 'goog-remb']);

/** What leaves mediasoup without an estimator: neither the feedback nor the extensions that one lives on. */
const unestimated = ({ codecs, headerExtensions }: RtpCapabilities): RtpCapabilities => ({
  codecs: codecs.map(({ rtcpFeedback = [], ...codec }) => ({
    ...codec,
    rtcpFeedback: rtcpFeedback.filter(({ type }) => !FEEDBACK.has(type)),
  })),
  headerExtensions: headerExtensions.filter(({ uri }) => !ESTIMATION.has(uri)),
});

export const openMediasoup = async (estimated: boolean): Promise<House> => {
  const child = spawnNode(join(import.meta.dirname, 'mediasoup-server.ts'), [], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const calls = new Calls(child);
  const first = (await calls.first()) as { readonly worker: number; readonly router: RtpCapabilities };
  const router = estimated ? first.router : unestimated(first.router);
  return {
    enter: async (nth) => guestOf(calls, router, nth),
    worker: first.worker,
    others: [child.pid ?? Number.NaN],
    close: () => stop(child),
  };
};

const guestOf = (calls: Calls, router: RtpCapabilities, number: number): Guest => ({
  router,
  number,
  open: async () => (await calls.ask('open', {})) as TransportOffer,
  connect: async (transport, dtlsParameters) => {
    await calls.ask('connect', { transport, dtlsParameters });
  },
  produce: async (transport, rtpParameters) => {
    await calls.ask('produce', { guest: String(number), transport, rtpParameters });
  },
  receive: async (transport, rtpCapabilities) =>
    (await calls.ask('receive', {
      guest: String(number),
      transport,
      rtpCapabilities,
    })) as readonly RtpParameters[],
});
