import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BelfryError } from '../../../src/base/errors.ts';
import type { TransportOffer } from '../../../src/base/media.ts';
import type { RtpParameters } from '../../../src/base/rtp.ts';
import { PROJECT_DIR } from '../../facts.ts';
import { type Entrant, enter, Public } from '../../rekey/people.ts';
import type { Member } from '../../signaling/member.ts';
import type { Guest, House } from '../guest.ts';
import { childrenOf, spawnNode, stop } from '../processes.ts';
import { type Cast, inTurns } from '../stage.ts';
import { gather } from './belfry-group.ts';

const RELAY = 'bench/browser/relay.ts';
const WORKER_WITHIN_MS = 10_000;

/** Nobody agrees on keys here: the suite is the charter's word and no more. */
const SUITE = 'x25519';

/** A relay of the project in a process of its own; `witnessed` false lets media in clear pass (bench/browser/relay.ts). */
export const openBelfry = async (witnessed: boolean, { publishers, viewers }: Cast): Promise<House> => {
  const home = mkdtempSync(join(tmpdir(), 'belfry-bench-peers-'));
  const folder = join(home, 'public');
  const people = await Public.open(folder, publishers + viewers, Date.now());
  const page = join(home, 'page');
  mkdirSync(page);
  const args = [page, join(home, 'relay'), folder, ...(witnessed ? [] : ['--unwitnessed'])];
  const child = spawnNode(join(PROJECT_DIR, RELAY), args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const entrants: Entrant[] = [];
  const close = async () => {
    for (const { member } of entrants) member.end();
    await stop(child);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    const venue = await people.convene(await whereOf(child.stdout), SUITE);
    const pid = child.pid ?? Number.NaN;
    const [worker] = childrenOf(pid);
    if (worker === undefined) throw new BelfryError('bench.no-worker', 'the relay runs no worker');
    const come = async (nth: number): Promise<Entrant> => {
      const entrant = await enter(venue, await people.guest(venue, nth));
      entrants.push(entrant);
      return entrant;
    };
    const senders = await inTurns(publishers, come);
    const numbers = await gather(senders);
    return {
      enter: async (nth) => guestOf(senders[nth] ?? (await come(nth)), numbers[nth] ?? NO_NUMBER),
      worker,
      others: [pid],
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

/** Of viewers, who send nothing. */
const NO_NUMBER = Number.NaN;

/** Host and port. */
const whereOf = async (output: NodeJS.ReadableStream | null): Promise<string> => {
  let printed = '';
  const timer = setTimeout(() => output?.emit('end'), WORKER_WITHIN_MS);
  try {
    for await (const chunk of output ?? []) {
      printed += chunk;
      const where = /^http:\/\/(\S+)\n/.exec(printed)?.[1];
      if (where !== undefined) return where;
    }
  } finally {
    clearTimeout(timer);
  }
  throw new BelfryError('bench.no-server', `the relay ended before it served: ${printed}`);
};

interface ConsumerAdded {
  readonly kind: 'consumer-added';
  readonly consumer: string;
  readonly rtpParameters: RtpParameters;
}

/** What was told of streams, also before anybody asked. */
class Streams {
  readonly #told: ConsumerAdded[] = [];
  #changed = Promise.withResolvers<void>();

  take(text: Buffer): void {
    if (!text.includes('"consumer-added"')) return;
    const { event } = JSON.parse(String(text)) as { readonly event?: ConsumerAdded };
    if (event?.kind !== 'consumer-added') return;
    this.#told.push(event);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async first(count: number): Promise<readonly ConsumerAdded[]> {
    while (this.#told.length < count) await this.#changed.promise;
    return this.#told.slice(0, count);
  }
}

const guestOf = ({ member, router }: Entrant, number: number): Guest => {
  const streams = new Streams();
  member.onMessage = (text) => streams.take(text);
  return { router, number, ...callsOf(member, streams) };
};

const callsOf = (member: Member, streams: Streams): Omit<Guest, 'router' | 'number'> => ({
  open: async (direction) =>
    (await member.ask('create-transport', { direction })) as unknown as TransportOffer,
  connect: async (transport, dtlsParameters) => {
    await member.ask('connect-transport', { transport, dtlsParameters });
  },
  produce: async (transport, rtpParameters) => {
    await member.ask('produce', { transport, source: 'camera', rtpParameters, paused: false });
  },
  receive: async (transport, rtpCapabilities, count) => {
    await member.ask('receive', { transport, rtpCapabilities });
    const added = await streams.first(count);
    await Promise.all(added.map(({ consumer }) => member.ask('resume-consumer', { consumer })));
    return added.map(({ rtpParameters }) => rtpParameters);
  },
});
