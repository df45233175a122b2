import type { Random } from '../../bench/random.ts';
import type { Clock } from '../../src/base/clock.ts';
import type { OpenSocket } from '../../src/client/connection/socket.ts';
import type { FetchBlobs } from '../../src/client/group/fetch-blobs.ts';
import type { GroupTools } from '../../src/client/group/tools.ts';
import { nodeGroupTools } from '../../src/client/node/group-tools.ts';
import type { Group, GroupKeyAgreement } from '../../src/e2ee/mls/port.ts';

type Asked = (...given: never[]) => Promise<unknown>;

/** What a page says, hears, fetches and computes takes up to so long each time, by a driven clock. */
export class SlowPage {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #maxMs: number;

  constructor(clock: Clock, random: Random, maxMs: number) {
    this.#clock = clock;
    this.#random = random;
    this.#maxMs = maxMs;
  }

  socket(way: OpenSocket): OpenSocket {
    return (url, handlers) => {
      const [up, down] = [this.#line(), this.#line()];
      let isClosed = false;
      const unlessClosed = (run: () => void) => () => isClosed || run();
      const socket = way(url, {
        ...handlers,
        onMessage: (data) => down(unlessClosed(() => handlers.onMessage(data))),
        onClose: (reason) => down(unlessClosed(() => handlers.onClose(reason))),
      });
      return {
        ...socket,
        send: (text) => up(() => socket.send(text)),
        // What was said before is still on its way.
        close() {
          isClosed = true;
          up(() => socket.close());
        },
      };
    };
  }

  tools(blobs: FetchBlobs): GroupTools {
    const tools = nodeGroupTools({ unixMs: Date.now });
    return {
      ...tools,
      blobs: { put: this.#slowed(blobs.put), get: this.#slowed(blobs.get) },
      startAgreement: async (owner) => {
        const started = await tools.startAgreement(owner);
        return { ...started, agreement: this.#agreement(started.agreement) };
      },
    };
  }

  #agreement(agreement: GroupKeyAgreement): GroupKeyAgreement {
    const slow = <R extends Awaited<ReturnType<GroupKeyAgreement['create']>>>(made: R): R => {
      if (made.ok) this.#slowDown(made.value);
      return made;
    };
    return {
      keyPackage: () => agreement.keyPackage(),
      candidate: (bytes) => agreement.candidate(bytes),
      create: async (context) => slow(await agreement.create(context)),
      join: async (...how) => {
        await this.#later();
        return slow(await agreement.join(...how));
      },
    };
  }

  #slowDown(group: Group): void {
    group.commit = this.#slowed(group.commit.bind(group));
    group.stage = this.#slowed(group.stage.bind(group));
    group.adopt = this.#slowed(group.adopt.bind(group));
    group.hallKeys = this.#slowed(group.hallKeys.bind(group));
  }

  #slowed<How extends Asked>(how: How): How {
    const slowed = async (...given: never[]) => {
      await this.#later();
      return how(...given);
    };
    return slowed as How;
  }

  #later(): Promise<void> {
    return new Promise((resolve) => this.#clock.after(this.#drawMs(), resolve));
  }

  /** In order, each later than it was. */
  #line() {
    let dueMs = 0;
    return (run: () => void): void => {
      const nowMs = this.#clock.nowMs();
      dueMs = Math.max(dueMs, nowMs + this.#drawMs());
      this.#clock.after(dueMs - nowMs, run);
    };
  }

  #drawMs(): number {
    return this.#random.below(this.#maxMs + 1);
  }
}
