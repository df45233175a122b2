import { toHex } from '../../base/bytes.ts';
import type { RandomBytes } from '../../base/clock.ts';
import { asId, type Branded, isId } from '../../base/ids.ts';

/** A person, under a pseudonym: who that is, the deployment writes down elsewhere. */
export type PersonId = Branded<'PersonId'>;
/** One device of one person; it keeps its id when its certificate is renewed. */
export type DeviceId = Branded<'DeviceId'>;

export interface DeviceNames {
  readonly person: PersonId;
  readonly device: DeviceId;
}

/** 80 random bits: no two ever meet by chance. */
const ID_BYTES = 10;

/** In hexadecimal digits after a letter: they are typed on command lines, where a hyphen first would be a flag. */
export const newPersonId = (randomBytes: RandomBytes): PersonId =>
  asId<PersonId>(`p${toHex(randomBytes(ID_BYTES))}`);
export const newDeviceId = (randomBytes: RandomBytes): DeviceId =>
  asId<DeviceId>(`d${toHex(randomBytes(ID_BYTES))}`);

/** Alternative names of a certificate (RFC 5280 section 4.2.1.6, RFC 8141), in this order. */
const URNS = { person: 'urn:belfry:person:', device: 'urn:belfry:device:' } as const;

export const urisOf = ({ person, device }: DeviceNames): readonly [string, string] => [
  URNS.person + person,
  URNS.device + device,
];

/** One person and one device, and nothing else; `undefined` otherwise. */
export const namesOf = (uris: readonly string[]): DeviceNames | undefined => {
  const [person, device, ...rest] = uris;
  if (!person?.startsWith(URNS.person) || !device?.startsWith(URNS.device) || rest.length > 0)
    return undefined;
  const [personId, deviceId] = [person.slice(URNS.person.length), device.slice(URNS.device.length)];
  if (!isId(personId) || !isId(deviceId)) return undefined;
  return { person: asId<PersonId>(personId), device: asId<DeviceId>(deviceId) };
};
