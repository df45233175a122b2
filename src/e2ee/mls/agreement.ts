import { createGroup, zeroOutUint8Array } from 'ts-mls';
import { type Bytes, toHex } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import { contextExtension, groupIdOf } from './context.ts';
import type { MlsCrypto } from './crypto/provider.ts';
import type { VerifyLeaf } from './device-signatures.ts';
import { groupFrom } from './group.ts';
import { turned } from './hall.ts';
import { checkJoined, openWelcome } from './join.ts';
import {
  encodeKeyPackage,
  MAX_KEY_PACKAGES,
  makeKeyPackage,
  type OwnKeyPackage,
  readKeyPackage,
} from './key-packages.ts';
import { CLIENT_CONFIG, decodeAs, type Tools } from './library.ts';
import { candidateOf } from './members.ts';
import type { Candidate, Group, GroupKeyAgreement, Judge, MeetingContext } from './port.ts';
import type { Signer } from './signer.ts';
import type { MlsSuite } from './suites.ts';

export interface DeviceOptions {
  /** The charter's. A group of any other is refused. */
  readonly suite: MlsSuite;
  /** DER, the device's own first; its key is the signer's. */
  readonly certificates: readonly Bytes[];
  readonly signer: Signer;
  readonly crypto: MlsCrypto;
  readonly clock: Pick<Clock, 'unixMs'>;
  /** Of the leaves' signatures; the suite's own where absent. */
  readonly verify?: VerifyLeaf | undefined;
}

class MlsAgreement implements GroupKeyAgreement {
  readonly #tools: Tools;
  readonly #certificates: readonly Bytes[];
  /** By reference, the oldest first. */
  readonly #own = new Map<string, OwnKeyPackage>();

  constructor(tools: Tools, certificates: readonly Bytes[]) {
    this.#tools = tools;
    this.#certificates = certificates;
  }

  async keyPackage(): Promise<Bytes> {
    const made = await makeKeyPackage(this.#tools, this.#certificates);
    this.#own.set(made.ref, made);
    for (const ref of [...this.#own.keys()].slice(0, -MAX_KEY_PACKAGES)) this.#forget(ref);
    return encodeKeyPackage(made.publicPackage);
  }

  async candidate(bytes: Bytes): Promise<Result<Candidate>> {
    const keyPackage = readKeyPackage(bytes, this.#tools);
    return keyPackage.ok ? ok(candidateOf(keyPackage.value.leafNode)) : keyPackage;
  }

  async create(context: MeetingContext): Promise<Result<Group>> {
    if (context.suite !== this.#tools.suite) return this.#otherSuite();
    const { publicPackage, privatePackage } = await makeKeyPackage(this.#tools, this.#certificates);
    const extensions = [contextExtension(context)];
    const { crypto } = this.#tools;
    const id = groupIdOf(context);
    const state = await createGroup(id, publicPackage, privatePackage, extensions, crypto, CLIENT_CONFIG);
    return ok(groupFrom({ state, hall: await turned([], state, this.#tools) }, context, this.#tools));
  }

  async join(bytes: Bytes, tree: Bytes, context: MeetingContext, judge: Judge): Promise<Result<Group>> {
    if (context.suite !== this.#tools.suite) return this.#otherSuite();
    const message = decodeAs('mls_welcome', bytes);
    if (!message.ok) return message;
    const { welcome } = message.value;
    if (welcome.cipherSuite !== this.#tools.crypto.name) return this.#otherSuite();
    const own = welcome.secrets.map(({ newMember }) => this.#own.get(toHex(newMember))).find(Boolean);
    if (own === undefined) {
      return refuse(
        'mls.unknown-key-package',
        'a Welcome for no key package of this device',
        'send a fresh one',
      );
    }
    const opened = await openWelcome(welcome, tree, own, this.#tools);
    if (!opened.ok) return opened;
    // Whatever is thought of the group: the private half has been used.
    this.#own.delete(own.ref);
    zeroOutUint8Array(own.privatePackage.initPrivateKey);
    const checked = checkJoined(opened.value.state, context, this.#tools, judge);
    const group = groupFrom(opened.value, context, this.#tools);
    if (checked.ok) return ok(group);
    group.end();
    return checked;
  }

  /** Private halves that still wait for a Welcome go; groups end by themselves. */
  end(): void {
    for (const ref of [...this.#own.keys()]) this.#forget(ref);
  }

  /** Nobody joins by it any more, with whatever was recorded. */
  #forget(ref: string): void {
    const privatePackage = this.#own.get(ref)?.privatePackage;
    this.#own.delete(ref);
    if (privatePackage === undefined) return;
    zeroOutUint8Array(privatePackage.initPrivateKey);
    zeroOutUint8Array(privatePackage.hpkePrivateKey);
  }

  #otherSuite() {
    return refuse('mls.suite', `this device is set up for ${this.#tools.suite}`, 'use the charter’s suite');
  }
}

/** A device's key agreement on ts-mls. The library signs through the signer and sees no signature key. */
export const mlsAgreement = async (options: DeviceOptions): Promise<MlsAgreement> => {
  const { suite, signer, clock, certificates } = options;
  const library = await options.crypto(suite);
  const verify = options.verify ?? library.signature.verify;
  const sign = (_: Bytes, message: Bytes) => signer.sign(message);
  const signature = { ...library.signature, verify, sign };
  return new MlsAgreement({ suite, signer, clock, crypto: { ...library, signature } }, certificates);
};
