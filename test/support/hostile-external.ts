import {
  type CiphersuiteImpl,
  type ClientState,
  createGroup,
  createGroupInfoWithExternalPubAndRatchetTree,
  encodeMlsMessage,
  joinGroupExternal,
} from 'ts-mls';
import { type Bytes, utf8 } from '../../src/base/bytes.ts';
import { contextExtension, groupIdOf } from '../../src/e2ee/mls/context.ts';
import { nodeMlsCrypto } from '../../src/e2ee/mls/crypto/node.ts';
import { makeKeyPackage } from '../../src/e2ee/mls/key-packages.ts';
import { CLIENT_CONFIG, type Tools } from '../../src/e2ee/mls/library.ts';
import type { MeetingContext } from '../../src/e2ee/mls/port.ts';
import { nodeSigner } from './mls-device.ts';

/** The library as it is, with none of our checks around it. */
export const bareTools = async (): Promise<Tools> => {
  const bare = await nodeMlsCrypto('x25519');
  const signer = nodeSigner('x25519');
  const signature = { ...bare.signature, sign: (_: Uint8Array, message: Uint8Array) => signer.sign(message) };
  return { suite: 'x25519', signer, clock: { unixMs: Date.now }, crypto: { ...bare, signature } };
};

/** RFC 9420 section 12.4.3.2: whoever has a group's information comes in by a commit of its own, without being asked in. */
export const comeFromOutside = async (inside: ClientState, crypto: CiphersuiteImpl, name: string) => {
  const tools = await bareTools();
  const info = await createGroupInfoWithExternalPubAndRatchetTree(inside, [], crypto);
  const { publicPackage, privatePackage } = await makeKeyPackage(tools, [utf8(name)]);
  const how = [false, tools.crypto, undefined, CLIENT_CONFIG] as const;
  const { publicMessage, newState } = await joinGroupExternal(info, publicPackage, privatePackage, ...how);
  const wire = { version: 'mls10', wireformat: 'mls_public_message', publicMessage } as const;
  return { publicMessage, message: encodeMlsMessage(wire) as Bytes, newState };
};

/** A true external commit, into a group of the same name and context that the outsider began. */
export const externalCommit = async (context: MeetingContext): Promise<Bytes> => {
  const { crypto, ...rest } = await bareTools();
  const { publicPackage, privatePackage } = await makeKeyPackage({ crypto, ...rest }, [utf8('inside')]);
  const extensions = [contextExtension(context)];
  const group = [
    groupIdOf(context),
    publicPackage,
    privatePackage,
    extensions,
    crypto,
    CLIENT_CONFIG,
  ] as const;
  return (await comeFromOutside(await createGroup(...group), crypto, 'outside')).message;
};
