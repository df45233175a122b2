import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { toBase64Url } from '../../../../src/base/bytes.ts';
import { asId, type ParticipantId } from '../../../../src/base/ids.ts';
import type { Known } from '../../../../src/client/group/standing.ts';
import { Cards } from '../../../../src/client/hall/cards.ts';
import { Keyring } from '../../../../src/client/hall/keyring.ts';
import type { SealedText } from '../../../../src/e2ee/hall/sealing.ts';
import { MAX_HALL_KEYS } from '../../../../src/e2ee/mls/hall.ts';
import type { HallKey } from '../../../../src/e2ee/mls/port.ts';
import { MEETING } from '../../../support/certified-world.ts';
import { ALICE, makePeople, type People, randomBytes, type Signer } from '../../../support/people.ts';

const NAME = 'Ada Lovelace';
const SPEAKER = asId<ParticipantId>('speaker');
/** Twice over all keys that are in force at once. */
const MANY = 2 * MAX_HALL_KEYS;

/** One key for each removal; epochs between them were joins. */
const keyAt = (removals: number): HallKey => ({
  epoch: BigInt(3 * removals),
  key: new Uint8Array(32).fill(removals + 1),
});
/** As a Welcome hands them over after so many removals. */
const inForce = (removals: number): HallKey[] =>
  Array.from({ length: removals + 1 }, (_, i) => keyAt(i)).slice(-MAX_HALL_KEYS);

describe('a card', () => {
  let people: People;
  let signer: Signer;

  before(async () => {
    people = await makePeople();
    signer = await people.device(ALICE);
  });

  /** Somebody with this sender number, who says what `takes` of the relay. */
  const speaker = (number: number, takes: () => boolean = () => true) => {
    const keys = new Keyring();
    const announcement = { salt: toBase64Url(randomBytes(16)), number };
    const said: SealedText[] = [];
    const cards = new Cards({
      meeting: MEETING,
      self: { participant: SPEAKER, announcement },
      name: NAME,
      signing: signer.signing,
      keys,
      standing: { present: () => undefined },
      randomBytes,
      say: async (card) => {
        said.push(card);
        return takes();
      },
      onName: () => assert.fail('nobody else is here'),
    });
    const move = async (removals: number, isEntry = false): Promise<void> => {
      keys.take(inForce(removals));
      await cards.moved(isEntry);
    };
    return { announcement, said, move };
  };

  /** Somebody who is told what that speaker said; `names`: what is shown for it. */
  const listener = ({ announcement }: ReturnType<typeof speaker>) => {
    const keys = new Keyring();
    const names: string[] = [];
    const known: Pick<Known, 'announcement' | 'publicKey'> = { announcement, publicKey: signer.publicKey };
    const cards = new Cards({
      meeting: MEETING,
      self: { participant: asId<ParticipantId>('listener'), announcement: { salt: '', number: 0 } },
      name: '',
      signing: signer.signing,
      keys,
      standing: { present: () => known as Known },
      randomBytes,
      say: async () => true,
      onName: (_, name) => names.push(name),
    });
    const hear = (card: SealedText | undefined) =>
      cards.hear({ participant: SPEAKER, ...(card ?? assert.fail('nothing was said')) });
    const move = async (removals: number, isEntry = false): Promise<void> => {
      keys.take(inForce(removals));
      await cards.moved(isEntry);
    };
    return { names, hear, move };
  };

  /** What somebody reads who joins after so many removals, and is told the newest card. */
  const readByNewcomer = async (removals: number, one: ReturnType<typeof speaker>) => {
    const { names, hear, move } = listener(one);
    await hear(one.said.at(-1));
    assert.deepEqual(names, [], 'it has no key yet');
    await move(removals, true);
    return names;
  };

  for (const [number, after] of [
    [0, 32],
    [15, 47],
    [16, 32],
    [0xfffffe, 46],
  ] as const)
    it(`of sender ${number} is said anew after ${after} removals, under the newest key`, async () => {
      const one = speaker(number);
      await one.move(0, true);
      for (let removals = 1; removals < after; removals++) await one.move(removals);
      assert.deepEqual(
        one.said.map(({ epoch }) => epoch),
        [0],
      );
      await one.move(after);
      assert.deepEqual(
        one.said.map(({ epoch }) => epoch),
        [0, Number(keyAt(after).epoch)],
      );
    });

  it('is read by whoever joins, however many were removed since its sender came', async () => {
    const one = speaker(15);
    await one.move(0, true);
    for (let removals = 1; removals <= MANY; removals++) {
      await one.move(removals);
      assert.deepEqual(await readByNewcomer(removals, one), [NAME], `after ${removals} removals`);
    }
    assert.equal(one.said.length, 1 + Math.floor(MANY / 47));
  });

  it('is read by who is there and hears it before the commit that brings its key', async () => {
    const one = speaker(0);
    const { names, hear, move } = listener(one);
    await move(0, true);
    await one.move(2, true);
    await hear(one.said.at(-1));
    await move(1);
    assert.deepEqual(names, [], 'that key is not its');
    await move(2);
    await move(3);
    assert.deepEqual(names, [NAME], 'once');
  });

  it('that was said once, and never anew, is read by nobody who joins once its key is handed over no longer', async () => {
    const one = speaker(0);
    await one.move(0, true);
    assert.deepEqual(await readByNewcomer(MAX_HALL_KEYS - 1, one), [NAME]);
    assert.deepEqual(await readByNewcomer(MAX_HALL_KEYS, one), []);
  });

  it('is said anew by one of many at a time', async () => {
    const all = Array.from({ length: 16 }, (_, number) => speaker(0x10000 + number));
    for (const one of all) await one.move(0, true);
    const saidAt: number[] = [];
    for (let removals = 1; removals < MAX_HALL_KEYS; removals++) {
      const before = all.reduce((sum, { said }) => sum + said.length, 0);
      for (const one of all) await one.move(removals);
      saidAt.push(all.reduce((sum, { said }) => sum + said.length, 0) - before);
    }
    assert.equal(Math.max(...saidAt), 1);
    assert.equal(
      saidAt.reduce((sum, n) => sum + n, 0),
      all.length,
    );
  });

  it('that the relay did not take is said again with the next key', async () => {
    let takes = false;
    const one = speaker(0, () => takes);
    await one.move(0, true);
    takes = true;
    await one.move(1);
    await one.move(2);
    assert.deepEqual(
      one.said.map(({ epoch }) => epoch),
      [0, 3],
    );
  });
});
