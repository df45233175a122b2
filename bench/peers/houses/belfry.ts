import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BelfryError } from '../../../src/base/errors.ts';
import type { TransportOffer } from '../../../src/base/media.ts';
import type { RtpCapabilities, RtpParameters } from '../../../src/base/rtp.ts';
import { parseLink } from '../../../src/client/link.ts';
import { PROJECT_DIR } from '../../facts.ts';
import { announcement, Member } from '../../signaling/member.ts';
import type { Guest, House } from '../guest.ts';
import { childrenOf, spawnNode, stop } from '../processes.ts';

const RELAY = 'bench/browser/relay.ts';
const WORKER_WITHIN_MS = 10_000;

interface Door {
  readonly url: string;
  readonly meeting: string;
  readonly token: string;
}

const doorOf = (text: string): Door => {
  const link = parseLink(text);
  if (!link.ok || link.value.token === undefined)
    throw new BelfryError('bench.no-door', 'no link was printed');
  const { origin, meeting, token } = link.value;
  return { url: `${origin.replace('http', 'ws')}/v1/meet`, meeting, token };
};

/** A relay of the project in a process of its own; `witnessed` false lets media in clear pass (bench/browser/relay.ts). */
export const openBelfry = async (witnessed: boolean): Promise<House> => {
  const empty = mkdtempSync(join(tmpdir(), 'belfry-bench-peers-'));
  const args = [empty, ...(witnessed ? [] : ['--unwitnessed'])];
  const child = spawnNode(join(PROJECT_DIR, RELAY), args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const close = async () => {
    await stop(child);
    rmSync(empty, { recursive: true, force: true });
  };
  try {
    const door = doorOf(await firstWord(child.stdout));
    const pid = child.pid ?? Number.NaN;
    const [worker] = childrenOf(pid);
    if (worker === undefined) throw new BelfryError('bench.no-worker', 'the relay runs no worker');
    const members: Member[] = [];
    return {
      enter: async (number) => {
        const { member, guest } = await enter(door, number);
        members.push(member);
        return guest;
      },
      worker,
      others: [pid],
      close: async () => {
        for (const member of members) member.end();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
};

const firstWord = async (output: NodeJS.ReadableStream | null): Promise<string> => {
  let printed = '';
  const timer = setTimeout(() => output?.emit('end'), WORKER_WITHIN_MS);
  try {
    for await (const chunk of output ?? []) {
      printed += chunk;
      const word = /^(\S+) \S+\n/.exec(printed)?.[1];
      if (word !== undefined) return word;
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

const enter = async ({ url, meeting, token }: Door, number: number) => {
  const member = await Member.open(url);
  const streams = new Streams();
  member.onMessage = (text) => streams.take(text);
  await member.ask('hello', { version: 1 });
  const joined = await member.ask('join', { meeting, token, announcement: announcement(number) });
  return { member, guest: guestOf(member, streams, joined.rtpCapabilities as RtpCapabilities) };
};

const guestOf = (member: Member, streams: Streams, router: RtpCapabilities): Guest => ({
  router,
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
