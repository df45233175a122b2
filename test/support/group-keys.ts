import assert from 'node:assert/strict';
import { type Bytes, toHex } from '../../src/base/bytes.ts';
import type { ParticipantId } from '../../src/base/ids.ts';
import { MAX_RECEIVING } from '../../src/e2ee/epochs/limits.ts';
import type { EpochKeys } from '../../src/e2ee/frame-keys.ts';

/** What was sealed under which key by whom, in a whole world. */
export class SealingLog {
  readonly #by = new Map<string, ParticipantId>();
  readonly keys = new Set<string>();

  seal(key: string, leaf: number, by: ParticipantId): void {
    const use = `${key}/${leaf}`;
    const before = this.#by.get(use);
    assert.equal(before, undefined, `${by} seals under a key and leaf that ${before} sealed under`);
    this.#by.set(use, by);
    this.keys.add(key);
  }
}

/** Frame keys that hold every rule of their port, and say what they have. */
export class WatchedKeys implements EpochKeys {
  readonly name: ParticipantId;
  readonly open = new Map<bigint, string>();
  readonly everOpened: string[] = [];
  sealing: bigint | undefined;
  /** Everybody whom it was ever told to open for, with the epochs' others as last told. */
  readonly heardOf = new Set<ParticipantId>();
  readonly #log: SealingLog;

  constructor(name: ParticipantId, log: SealingLog) {
    this.name = name;
    this.#log = log;
  }

  openUnder(epoch: bigint, baseKey: Bytes, leaves: ReadonlyMap<number, ParticipantId>): void {
    const key = toHex(baseKey);
    assert.match(key, /[1-9a-f]/, 'a key that was wiped');
    assert.equal(this.open.has(epoch), false, `${this.name} opens epoch ${epoch} twice`);
    assert.ok(![...leaves.values()].includes(this.name), 'nobody opens the own frames');
    for (const one of leaves.values()) this.heardOf.add(one);
    assert.ok(this.open.size < MAX_RECEIVING, `${this.name} opens under more epochs than there is room for`);
    this.open.set(epoch, key);
    this.everOpened.push(key);
  }

  sealUnder(epoch: bigint, ownLeaf: number): void {
    const key = this.open.get(epoch);
    assert.ok(key !== undefined, `${this.name} seals under epoch ${epoch} before it opens it`);
    this.#log.seal(key, ownLeaf, this.name);
    this.sealing = epoch;
  }

  stopSealing(): void {
    this.sealing = undefined;
  }

  forget(epoch: bigint): void {
    assert.ok(this.open.delete(epoch), `${this.name} forgets epoch ${epoch}, which it does not have`);
    if (this.sealing === epoch) this.sealing = undefined;
  }
}
