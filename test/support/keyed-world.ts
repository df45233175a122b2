import assert from 'node:assert/strict';
import type { Bytes } from '../../src/base/bytes.ts';
import { asId, type ParticipantId } from '../../src/base/ids.ts';
import type { Source } from '../../src/base/media.ts';
import type { Result } from '../../src/base/result.ts';
import type { LeafOwner } from '../../src/client/group/tools.ts';
import { nodeGroupTools } from '../../src/client/node/group-tools.ts';
import { createFrameKeys } from '../../src/e2ee/keys/store.ts';
import type { Group, GroupKeyAgreement, HallKey } from '../../src/e2ee/mls/port.ts';
import type { SyncDriver } from '../../src/e2ee/sframe/driver.ts';
import { nodeDriver } from '../../src/e2ee/sframe/node.ts';
import type { Charter } from '../../src/trust/charter/charter.ts';
import type { DeviceNames } from '../../src/trust/devices/ids.ts';
import {
  BOB,
  CAROL,
  type CertifiedWorld,
  MEETING,
  makeCertifiedWorld,
  type TestDevice,
} from './certified-world.ts';
import { watchCrypto } from './crypto-in-flight.ts';
import type { FakeGroup } from './fake-group.ts';
import { type FakeClient, type HeldKeys, idOf, outputOf } from './fake-meeting.ts';
import { agreementByMessages } from './message-tools.ts';
import { ALICE, granted } from './people.ts';
import { settle } from './until.ts';

const STEP_MS = 20;
const HEARTBEAT_EVERY_MS = 500;
const PATIENCE_MS = 60_000;

/**
 * Certified people whose media keys come from their meeting's group: real clients, a relay in memory, a driven clock. Alice's
 * device has its group behind messages, as browsers have.
 */
export class KeyedWorld {
  readonly world: CertifiedWorld;
  readonly group: FakeGroup;
  readonly devices: Readonly<Record<'alice' | 'bob' | 'carol', TestDevice>>;
  /** All that any device was ever given, in their order, each as often as it was. */
  readonly hallKeys: HallKey[] = [];
  readonly #ends: (() => void)[] = [];
  #nowMs = 0;

  private constructor(world: CertifiedWorld, devices: KeyedWorld['devices']) {
    this.world = world;
    this.devices = devices;
    this.group = world.net.server.startGroup(world.net.clock);
  }

  /** Bob has the chair. */
  static async open(change: Partial<Charter> = {}): Promise<KeyedWorld> {
    watchCrypto();
    const world = await makeCertifiedWorld();
    const [alice, bob, carol] = [
      await world.device(ALICE),
      await world.device(BOB),
      await world.device(CAROL),
    ];
    // By name: nobody waits for the chair.
    const persons = [ALICE, BOB, CAROL].map((names) => names.person);
    const all: Partial<Charter> = { suite: 'x25519', admission: { kind: 'roster', persons } };
    world.net.server.charter = await world.charter({ ...all, ...change }, carol);
    return new KeyedWorld(world, { alice, bob, carol });
  }

  /** As where the relay has forgotten the group, and told nobody. */
  renewService(): void {
    this.group.forget();
  }

  close(): void {
    for (const end of this.#ends) end();
  }

  get server() {
    return this.world.net.server;
  }

  /** From now on each message is so long on its way, and a blob goes there and back. */
  slow(latencyMs: number): void {
    this.server.carry = (arrive) => this.world.net.clock.after(latencyMs, arrive);
    this.group.blobMs = 2 * latencyMs;
  }

  device(names: DeviceNames): Promise<TestDevice> {
    return this.world.device(names);
  }

  async tryToEnter(name: string, device: TestDevice, driver?: SyncDriver) {
    const here = nodeGroupTools({ unixMs: Date.now }).startAgreement;
    const start = device === this.devices.alice ? agreementByMessages : here;
    const startAgreement = async (owner: LeafOwner) => {
      const started = await start(owner);
      this.#ends.push(started.end);
      return { ...started, agreement: this.#watched(started.agreement) };
    };
    const group = { startAgreement, blobs: this.group.blobs };
    const { fetchList } = this.world;
    const link = { meeting: MEETING };
    const joining = this.world.net.tryToJoin(name, {
      device,
      fetchList,
      link,
      group,
      ...(driver && { driver }),
    });
    let isDone = false;
    void joining.finally(() => {
      isDone = true;
    });
    await this.flow(`${name} is in, or not`, () => isDone);
    return joining;
  }

  async enter(name: string, device: TestDevice, driver?: SyncDriver): Promise<FakeClient> {
    const { joined, port, keys } = await this.tryToEnter(name, device, driver);
    const meeting = granted(joined);
    const streams: FakeClient['streams'] = [];
    meeting.onStream((event) => streams.push(event));
    return { meeting, port, streams, keys };
  }

  #watched(agreement: GroupKeyAgreement): GroupKeyAgreement {
    const seen = (made: Result<Group>): Result<Group> => {
      if (!made.ok) return made;
      const group = made.value;
      const hallKeys = group.hallKeys.bind(group);
      group.hallKeys = async () => {
        const given = await hallKeys();
        if (given.ok) this.hallKeys.push(...given.value.map((one) => ({ ...one, key: one.key.slice() })));
        return given;
      };
      return made;
    };
    return {
      keyPackage: () => agreement.keyPackage(),
      candidate: (keyPackage) => agreement.candidate(keyPackage),
      create: async (context) => seen(await agreement.create(context)),
      join: async (...given) => seen(await agreement.join(...given)),
    };
  }

  /** Time passes until it is so. */
  async flow(what: string, holds: () => boolean): Promise<void> {
    for (let ms = 0; !holds(); ms += STEP_MS) {
      assert(ms < PATIENCE_MS, `it never came that ${what}`);
      await this.#step();
    }
  }

  /** How long it takes by the clock alone: it goes on when nothing is under way, however long a busy machine computes. */
  async took(what: string, holds: () => boolean | Promise<boolean>): Promise<number> {
    const { clock } = this.world.net;
    const startMs = clock.nowMs();
    for (; !(await holds()); await settle()) {
      assert(clock.nowMs() - startMs < PATIENCE_MS, `it never came that ${what}`);
      this.#tick();
    }
    return clock.nowMs() - startMs;
  }

  async pass(durationMs: number): Promise<void> {
    for (let ms = 0; ms < durationMs; ms += STEP_MS) await this.#step();
  }

  /** All are in the service's newest epoch, and seal under it. */
  async together(...clients: readonly FakeClient[]): Promise<void> {
    await this.flow('all are in one epoch', () => {
      const epochs = clients.map((client) => epochOf(client));
      const numbers = new Set(epochs.map((epoch) => epoch?.number));
      const isWhole = this.group.state.members.size === clients.length && this.group.state.task === undefined;
      return isWhole && numbers.size === 1 && numbers.has(BigInt(this.group.state.epoch));
    });
    await this.pass(1_200);
  }

  /** What `to` opens of frames that `from` sends now. */
  async heard(from: FakeClient, to: FakeClient, source: Source = 'microphone'): Promise<boolean> {
    await this.flow('the stream came', () => outputOf(to, from, source) !== undefined);
    const output = outputOf(to, from, source);
    assert(output !== undefined);
    const before = output.frames.length;
    const sent = from.port.sendFrames(source, 3);
    return sent.length > 0 && output.frames.length === before + sent.length;
  }

  /** How many of the frames that `from` sends now open with any key that `thief` ever had, whosever leaf they say. */
  opens(thief: HeldKeys, from: FakeClient): { readonly sent: number; readonly opened: number } {
    const before = this.world.net.net.sealed.length;
    from.port.sendFrames('microphone', 3);
    return stolen(thief, this.world.net.net.sealed.slice(before));
  }

  #tick(): void {
    this.#nowMs += STEP_MS;
    this.world.net.clock.advance(STEP_MS);
    if (this.#nowMs % HEARTBEAT_EVERY_MS === 0) this.server.heartbeat();
  }

  async #step(): Promise<void> {
    this.#tick();
    await settle();
    assert.deepEqual(this.world.net.listenerErrors, []);
  }
}

const ANYBODY = asId<ParticipantId>('anybody');
const EVERY_LEAF = new Map(Array.from({ length: 64 }, (_, leaf) => [leaf, ANYBODY] as const));

/** Tried under each key, and each of the sixteen epochs that a key id can name. */
export const stolen = ({ baseKeys }: Pick<HeldKeys, 'baseKeys'>, wires: readonly Bytes[]) => {
  const opens = (wire: Bytes): boolean =>
    baseKeys.some((baseKey) =>
      Array.from({ length: 16 }, (_, bits) => {
        const keys = createFrameKeys({ driver: nodeDriver });
        keys.openUnder(BigInt(bits), baseKey, EVERY_LEAF);
        return keys.open(wire, { participant: ANYBODY, source: 'microphone', codec: 'opus' }).ok;
      }).some(Boolean),
    );
  return { sent: wires.length, opened: wires.filter(opens).length };
};

export const epochOf = ({ meeting }: FakeClient) => meeting.state.epochs.at(-1);

export const speak = async (client: FakeClient): Promise<void> => {
  granted(await client.meeting.produce('microphone', { layers: 1 }));
};

/** The session that the relay has for this client. */
export const sessionOf = ({ server }: KeyedWorld, client: FakeClient) => {
  const found = server.sessions.find(({ participant }) => participant === idOf(client));
  assert(found !== undefined);
  return found;
};
