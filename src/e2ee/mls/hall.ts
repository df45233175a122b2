import { type ClientState, type Extension, mlsExporter } from 'ts-mls';
import { type Bytes, concatBytes } from '../../base/bytes.ts';
import { BelfryError } from '../../base/errors.ts';
import type { Tools } from './library.ts';
import type { HallKey } from './port.ts';

/*
 * The hall keys of a group: what names and titles are sealed under, so that whoever joins reads what was said before, and whoever
 * was removed reads nothing that is said after. The first is of the group's first epoch; a commit that removes somebody brings
 * one of its own. A Welcome hands over those in force, in the part of it that joiners alone can open (RFC 9420 section 12.4.3.1).
 */

/** Of the range for private use (RFC 9420 section 17.3). */
const HALL_EXTENSION = 0xf0bf;
const HALL_LABEL = 'belfry.v1 hall key';
const HALL_KEY_BYTES = 32;
const EPOCH_BYTES = 8;
const ITEM_BYTES = EPOCH_BYTES + HALL_KEY_BYTES;

/** In force at once, 2.5 KB of each Welcome. Who seals under an older one says it anew; fewer would have people do so more often. */
export const MAX_HALL_KEYS = 64;

/** `turns`: the commit of this Welcome removes somebody, so that the epoch which it leads into has a key of its own. */
interface Handed {
  readonly keys: readonly HallKey[];
  readonly turns: boolean;
}

/** RFC 9420 section 8.5. */
const exported = async ({ keySchedule, groupContext }: ClientState, { crypto }: Tools): Promise<HallKey> => {
  const { exporterSecret } = keySchedule;
  const key = await mlsExporter(exporterSecret, HALL_LABEL, new Uint8Array(), HALL_KEY_BYTES, crypto);
  return { epoch: groupContext.epoch, key };
};

/** With the key of this epoch, the oldest making way. */
export const turned = async (
  keys: readonly HallKey[],
  state: ClientState,
  tools: Tools,
): Promise<readonly HallKey[]> => [...keys, await exported(state, tools)].slice(-MAX_HALL_KEYS);

const encodeItem = ({ epoch, key }: HallKey): Bytes => {
  const number = new Uint8Array(EPOCH_BYTES);
  new DataView(number.buffer).setBigUint64(0, epoch);
  return concatBytes(number, key);
};

export const hallExtension = ({ keys, turns }: Handed): Extension => ({
  extensionType: HALL_EXTENSION,
  extensionData: concatBytes(Uint8Array.of(turns ? 1 : 0), ...keys.map(encodeItem)),
});

const decodeItem = (bytes: Bytes): HallKey => ({
  epoch: new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0),
  key: bytes.slice(EPOCH_BYTES),
});

const decode = (bytes: Bytes): Handed | undefined => {
  const count = (bytes.length - 1) / ITEM_BYTES;
  const [turns] = bytes;
  if (!Number.isInteger(count) || count < 1 || count > MAX_HALL_KEYS || (turns !== 0 && turns !== 1))
    return undefined;
  const at = (i: number) => bytes.subarray(1 + i * ITEM_BYTES, 1 + (i + 1) * ITEM_BYTES);
  return { turns: turns === 1, keys: Array.from({ length: count }, (_, i) => decodeItem(at(i))) };
};

const areOfThePast = (keys: readonly HallKey[], epoch: bigint): boolean =>
  keys.every(({ epoch: of }, i) => of < (keys[i + 1]?.epoch ?? epoch));

/** Those in force in the epoch of `state`, by the extensions of the Welcome into it; throws where it has others, or none. */
export const handedOver = async (
  extensions: readonly Extension[],
  state: ClientState,
  tools: Tools,
): Promise<readonly HallKey[]> => {
  const [only, ...others] = extensions;
  const isHall = others.length === 0 && only?.extensionType === HALL_EXTENSION;
  const handed = isHall ? decode(only.extensionData) : undefined;
  if (handed === undefined || !areOfThePast(handed.keys, state.groupContext.epoch))
    throw new BelfryError('mls.extensions', 'a Welcome hands over hall keys, and nothing beside them');
  return handed.turns ? turned(handed.keys, state, tools) : handed.keys;
};
