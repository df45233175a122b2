import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { asId } from '../../../../src/base/ids.ts';
import type { Act, Order } from '../../../../src/trust/acts/act.ts';
import { type Place, startOf, writeEntry } from '../../../../src/trust/acts/place.ts';
import { openMeeting } from '../../../../src/trust/acts/state.ts';
import { openAct, signAct } from '../../../../src/trust/signing/act.ts';
import { follow, replay } from '../../../../src/trust/signing/chain.ts';
import type { StatementDigest } from '../../../../src/trust/statement/statement.ts';
import { CHARTER_DIGEST, charterOf, MEETING, SCALE, who } from '../../../support/acts.ts';
import {
  codeOf,
  device,
  granted,
  makePeople,
  NOW,
  type People,
  type Signer,
} from '../../../support/people.ts';

describe('the chain of what happened', () => {
  let people: People;
  let ada: Signer;
  let bob: Signer;
  const texts: string[] = [];
  let start: Place;
  let end: Place;
  const judge = () => ({ root: people.root, nowUnixMs: NOW });

  const act = (number: number, order: Order, change: Partial<Act> = {}): Act => ({
    meeting: MEETING,
    charter: CHARTER_DIGEST,
    device: device('ada-1'),
    number,
    atUnixMs: NOW,
    seen: end.head,
    order,
    ...change,
  });
  const vouched = async (signer: Signer, value: Act) => ({
    certificate: signer.certificate,
    statement: await signAct(value, signer.signing),
  });

  before(async () => {
    people = await makePeople();
    ada = await people.device({ person: who('ada'), device: device('ada-1') });
    bob = await people.device({ person: who('bob'), device: device('bob-1') });
    start = startOf(openMeeting(charterOf(), CHARTER_DIGEST, { scale: SCALE, twoPersonsAbove: 9 }));
    end = start;
    const add = async (atMs: number, what: Parameters<typeof writeEntry>[2]) => {
      const text = writeEntry(end, NOW + atMs, what);
      end = granted(await follow(end, text, judge())).place;
      texts.push(text);
    };
    for (const name of ['ada', 'bob'])
      await add(texts.length, { kind: 'fact', fact: { kind: 'arrived', person: who(name) } });
    await add(5, { kind: 'act', act: await vouched(ada, act(1, { kind: 'lock' })) });
    await add(6, {
      kind: 'act',
      act: await vouched(bob, act(1, { kind: 'raise-hand' }, { device: device('bob-1') })),
    });
    await add(7, { kind: 'act', act: await vouched(ada, act(2, { kind: 'unlock' })) });
  });

  it('leads whoever reads it to the same state and head', async () => {
    const again = granted(await replay(start, texts, judge()));
    assert.deepEqual(again, end);
    assert.deepEqual([again.head.n, [...again.state.hands]], [5, ['bob']]);
  });

  const broken = async (change: (texts: string[]) => string[]) => {
    const found = await replay(start, change([...texts]), judge());
    return found.ok
      ? `reaches ${found.value.head.n}`
      : `${found.refusal.code} after ${found.refusal.afterEntry}`;
  };

  it('shows an entry that was changed, left out, moved or put in, and where', async () => {
    assert.equal(await broken((all) => all.toSpliced(1, 1)), 'entry.gap after 1');
    assert.equal(await broken((all) => [all[1] ?? '', all[0] ?? '', ...all.slice(2)]), 'entry.gap after 0');
    assert.equal(await broken((all) => all.toSpliced(2, 0, all[2] ?? '')), 'entry.gap after 3');
    const other = (text = '') => text.replace('"arrived"', '"left"');
    assert.equal(await broken((all) => all.with(1, other(all[1]))), 'entry.other-chain after 2');
    assert.equal(await broken((all) => all.with(1, 'x')), 'entry.malformed after 1');
    assert.equal(await broken((all) => all.slice(0, 3)), 'reaches 3', 'a cut end is told by the head alone');
    assert.notDeepEqual(granted(await replay(start, texts.slice(0, 3), judge())).head, end.head);
  });

  it('of another charter is another chain', async () => {
    const elsewhere = { ...start, head: { n: 0, digest: asId<StatementDigest>('D'.repeat(43)) } };
    assert.equal(codeOf(await replay(elsewhere, texts, judge())), 'entry.other-chain');
  });

  it('takes no act that its rules refuse, that another signed, or that goes back in time', async () => {
    const refusedFor = async (what: Parameters<typeof writeEntry>[2], atMs = 10) =>
      codeOf(await follow(end, writeEntry(end, NOW + atMs, what), judge()));
    const lock = { kind: 'lock' } as const;
    const byBob = await vouched(bob, act(9, lock, { device: device('bob-1') }));
    assert.equal(await refusedFor({ kind: 'act', act: byBob }), 'act.not-chair');
    assert.equal(
      await refusedFor({ kind: 'act', act: await vouched(bob, act(9, lock)) }),
      'act.other-device',
    );
    const replayed = await vouched(ada, act(2, lock));
    assert.equal(await refusedFor({ kind: 'act', act: replayed }), 'act.repeated');
    const otherMeeting = await vouched(ada, act(9, lock, { meeting: asId('B'.repeat(22)) }));
    assert.equal(await refusedFor({ kind: 'act', act: otherMeeting }), 'act.other-meeting');
    const otherCharter = await vouched(ada, act(9, lock, { charter: asId('D'.repeat(43)) }));
    assert.equal(await refusedFor({ kind: 'act', act: otherCharter }), 'act.other-charter');
    const good = await vouched(ada, act(9, lock));
    const { statement } = good;
    assert.equal(
      await refusedFor({
        kind: 'act',
        act: { ...good, statement: { ...statement, bytes: statement.bytes.replace(/^./, 'f') } },
      }),
      'statement.not-authentic',
    );
    const elsewhere = await vouched(ada, act(9, lock, { seen: { n: 3, digest: asId('D'.repeat(43)) } }));
    assert.equal(await refusedFor({ kind: 'act', act: elsewhere }), 'act.other-chain');
    assert.equal(await refusedFor({ kind: 'act', act: good }, 6), 'entry.earlier');
    assert.equal(await refusedFor({ kind: 'act', act: good }), 'ok');
  });

  it('holds orders of every shape, and none that there is not', async () => {
    assert.equal(
      codeOf(await openAct(await vouched(ada, act(1, { kind: 'second', act: CHARTER_DIGEST })), judge())),
      'ok',
    );
    await assert.rejects(
      signAct(act(1, { kind: 'record' } as unknown as Order), ada.signing),
      /not to be signed/,
    );
    await assert.rejects(
      signAct(act(1, { kind: 'unmute', person: who('bob') } as unknown as Order), ada.signing),
    );
  });
});
