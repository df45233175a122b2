import assert from 'node:assert/strict';
import { before, beforeEach, describe, it } from 'node:test';
import { Conduct } from '../../../../src/client/conduct/conduct.ts';
import type { Effect } from '../../../../src/trust/acts/input.ts';
import type { MeetingState } from '../../../../src/trust/acts/state.ts';
import type { SignedCharter } from '../../../../src/trust/charter/charter.ts';
import { openCharter } from '../../../../src/trust/signing/charter.ts';
import { newSeenLists } from '../../../support/certified-world.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { Ministry, type Official } from '../../../support/ministry.ts';
import { codeOf, granted, NOW } from '../../../support/people.ts';
import { ToldChain } from '../../../support/told-chain.ts';

describe('the chain as a client reads it', () => {
  let ministry: Ministry;
  let alice: Official;
  let bob: Official;
  let charter: SignedCharter;
  let chain: ToldChain;
  let heard: { state: MeetingState; effects: readonly Effect[] }[];

  before(async () => {
    ministry = await Ministry.open();
    [alice, bob] = [await ministry.official('alice'), await ministry.official('bob')];
  });

  beforeEach(async () => {
    const persons = [alice.person, bob.person];
    const written = ministry.charter(alice, { admission: { kind: 'roster', persons } });
    const judge = { root: ministry.people.root, nowUnixMs: NOW };
    charter = granted(await openCharter(await ministry.sign(alice, written), judge));
    chain = new ToldChain(ministry, charter, NOW);
    heard = [];
    for (const { person } of [alice, bob]) await chain.tell({ kind: 'arrived', person });
  });

  const conductOf = ({ signer, clearance }: Official): Conduct =>
    new Conduct({
      device: {
        root: ministry.people.root,
        scale: ministry.scale,
        certificate: signer.certificate,
        signing: signer.signing,
        clearance,
        lists: newSeenLists(),
      },
      clock: new FakeClock(NOW),
      ask: chain.ask,
      onChange: (state, effects) => heard.push({ state, effects }),
    });
  const begun = async (who: Official): Promise<Conduct> => {
    const conduct = conductOf(who);
    granted(await conduct.begin(charter, who.device, chain.place.head));
    return conduct;
  };

  it('reads all that happened before, in pages', async () => {
    await chain.tell({ kind: 'left', person: bob.person });
    const conduct = await begun(alice);
    assert.deepEqual(conduct.state, chain.place.state);
    assert.deepEqual([conduct.isPresent(alice.person), conduct.isPresent(bob.person)], [true, false]);
  });

  it('reads no further than the head that it was given: the rest comes by itself', async () => {
    const { head } = chain.place;
    const late = await chain.tell({ kind: 'left', person: bob.person });
    const conduct = conductOf(alice);
    granted(await conduct.begin(charter, alice.device, head));
    assert.equal(conduct.isPresent(bob.person), true);
    granted(await conduct.take(late));
    assert.equal(conduct.isPresent(bob.person), false);
  });

  it('orders as its device, one act after the other, also after a fresh start', async () => {
    const conduct = await begun(alice);
    const orders = await Promise.all([
      conduct.order({ kind: 'lock' }),
      conduct.order({ kind: 'mute', whom: { kind: 'all' } }),
    ]);
    assert.deepEqual(orders.map(codeOf), ['ok', 'ok']);
    assert.equal(chain.place.state.isLocked, true);
    const again = await begun(alice);
    assert.equal(codeOf(await again.order({ kind: 'unlock' })), 'ok');
  });

  it('tells what follows from an order', async () => {
    const [ada, ben] = [await begun(alice), await begun(bob)];
    granted(await ada.order({ kind: 'mute', whom: { kind: 'all' } }));
    granted(await ben.take(chain.entries.at(-1) ?? ''));
    assert.deepEqual(heard.at(-1)?.effects, [{ kind: 'mute', person: bob.person }]);
  });

  it('shows nothing that was not granted, and nobody who is not there', async () => {
    const conduct = await begun(alice);
    assert.deepEqual(
      [conduct.mayShow(bob.person, 'camera'), conduct.mayShow(bob.person, 'screen')],
      [true, false],
    );
    granted(await conduct.take(await chain.tell({ kind: 'left', person: bob.person })));
    assert.equal(conduct.mayShow(bob.person, 'camera'), false);
  });

  it('takes no entry that skips another, comes twice, or was altered', async () => {
    const conduct = await begun(alice);
    const first = await chain.tell({ kind: 'left', person: bob.person });
    const second = await chain.tell({ kind: 'arrived', person: bob.person });
    assert.equal(codeOf(await conduct.take(second)), 'entry.gap');
    assert.equal(codeOf(await conduct.take(first.replace('left', 'arrived'))), 'ok', 'nobody signs a fact');
    assert.equal(codeOf(await conduct.take(second)), 'entry.other-chain');
    assert.equal(codeOf(await conduct.take(first)), 'entry.gap');
  });

  it('takes no order of somebody who may not give it, whatever the relay says', async () => {
    const [ada, ben] = [await begun(alice), await begun(bob)];
    assert.equal(codeOf(await ben.order({ kind: 'lock' })), 'act.not-chair');
    assert.equal(ada.state?.isLocked, false);
  });

  it('believes no head but that of the entries', async () => {
    const conduct = conductOf(alice);
    const head = { n: chain.place.head.n, digest: charter.opened.digest };
    assert.equal(codeOf(await conduct.begin(charter, alice.device, head)), 'chain.other');
  });

  it('notices entries that are kept back, and a story that was shortened since', async () => {
    const conduct = await begun(alice);
    const { n, digest } = chain.place.head;
    chain.entries.splice(-1);
    assert.equal(codeOf(await conduct.begin(charter, alice.device, { n: n + 1, digest })), 'chain.short');
    assert.equal(codeOf(await conduct.begin(charter, alice.device, { n: n - 1, digest })), 'chain.behind');
  });

  it('reads on from where it was when it comes back', async () => {
    const conduct = await begun(alice);
    await chain.tell({ kind: 'left', person: alice.person });
    await chain.tell({ kind: 'arrived', person: alice.person });
    chain.entries[0] = 'forgotten by the relay, and not asked for';
    granted(await conduct.begin(charter, alice.device, chain.place.head));
    assert.deepEqual(conduct.state, chain.place.state);
  });

  it('orders nothing before it has read anything', async () => {
    assert.equal(codeOf(await conductOf(alice).order({ kind: 'lock' })), 'conduct.not-in');
  });
});
