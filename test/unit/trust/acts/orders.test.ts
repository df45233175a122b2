import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Order, OrderKind } from '../../../../src/trust/acts/act.ts';
import { ORDERS } from '../../../../src/trust/acts/act.ts';
import { type Head, MAX_HEADS } from '../../../../src/trust/acts/head.ts';
import { ACT_FRESH_MS, CHAIR_LOST_AFTER_MS, SECOND_WITHIN_MS } from '../../../../src/trust/acts/rules.ts';
import { grantsOf } from '../../../../src/trust/acts/state.ts';
import type { Label } from '../../../../src/trust/markings/label.ts';
import { ALL, CHARTER_DIGEST, marking, PlayedMeeting, who, whom } from '../../../support/acts.ts';

/** Chair, both deputies and two members are in; one of the members holds up a hand, one waits. */
const meeting = () => {
  const played = new PlayedMeeting();
  played.fact('arrived', 'ada', 'dep', 'dup', 'bob', 'eve', 'zoe');
  played.order('eve', { kind: 'raise-hand' });
  played.order('eve', { kind: 'declare-beside', persons: [who('aide')] });
  return played;
};

/** One good order of each kind, and who may give it here. */
const GOOD: { readonly [Kind in OrderKind]: readonly [Order, string] } = {
  admit: [{ kind: 'admit', whom: whom('zoe') }, 'ada'],
  'turn-away': [{ kind: 'turn-away', whom: ALL }, 'ada'],
  'to-lobby': [{ kind: 'to-lobby', person: who('bob') }, 'ada'],
  mute: [{ kind: 'mute', whom: ALL }, 'ada'],
  stop: [{ kind: 'stop', person: who('bob'), sources: ['camera'] }, 'ada'],
  'set-role': [{ kind: 'set-role', person: who('bob'), role: 'observer' }, 'ada'],
  grant: [{ kind: 'grant', whom: whom('bob'), sources: ['screen'] }, 'ada'],
  withdraw: [{ kind: 'withdraw', whom: whom('bob'), sources: ['camera'] }, 'ada'],
  'raise-hand': [{ kind: 'raise-hand' }, 'ada dep dup bob'],
  'lower-hand': [{ kind: 'lower-hand', person: who('eve') }, 'ada eve'],
  remove: [{ kind: 'remove', person: who('bob'), isForGood: false }, 'ada'],
  lock: [{ kind: 'lock' }, 'ada'],
  unlock: [{ kind: 'unlock' }, ''],
  'hand-over-chair': [{ kind: 'hand-over-chair', to: who('bob') }, 'ada'],
  'take-chair': [{ kind: 'take-chair' }, ''],
  'declare-beside': [{ kind: 'declare-beside', persons: [who('aide')] }, 'ada dep dup bob eve'],
  'confirm-beside': [{ kind: 'confirm-beside', room: who('eve'), persons: [who('aide')] }, 'ada'],
  'raise-marking': [{ kind: 'raise-marking', marking: marking('secret') }, 'ada'],
  'lower-marking': [{ kind: 'lower-marking', marking: marking('restricted') }, 'ada dep dup'],
  invite: [{ kind: 'invite', persons: [who('zoe')] }, 'ada dep dup'],
  'allow-export': [{ kind: 'allow-export' }, 'ada dep dup'],
  end: [{ kind: 'end' }, 'ada'],
  second: [{ kind: 'second', act: CHARTER_DIGEST }, ''],
};

describe('who may order what', () => {
  it('is said of every order', () => assert.deepEqual(Object.keys(GOOD).sort(), Object.keys(ORDERS).sort()));

  for (const [kind, [order, may]] of Object.entries(GOOD))
    it(`${kind}: ${may === '' ? 'nobody now' : may}`, () => {
      const allowed = ['ada', 'dep', 'dup', 'bob', 'eve', 'zoe', 'mallory'].filter(
        (name) => meeting().order(name, order).code === 'ok',
      );
      assert.deepEqual(allowed, may.split(' ').filter(Boolean));
    });

  it('nobody orders anything about the chair', () => {
    const about: readonly Order[] = [
      { kind: 'mute', whom: whom('ada') },
      { kind: 'to-lobby', person: who('ada') },
      { kind: 'stop', person: who('ada'), sources: ['camera'] },
      { kind: 'remove', person: who('ada'), isForGood: true },
      { kind: 'withdraw', whom: whom('ada'), sources: ['camera'] },
    ];
    for (const order of about) assert.equal(meeting().order('ada', order).code, 'act.of-chair');
  });
});

describe('an act', () => {
  it('counts once, and only upwards, for each device', () => {
    const played = meeting();
    assert.equal(played.order('ada', { kind: 'lock' }, { number: 5 }).code, 'ok');
    assert.equal(played.order('ada', { kind: 'unlock' }, { number: 5 }).code, 'act.repeated');
    assert.equal(played.order('ada', { kind: 'unlock' }, { number: 4 }).code, 'act.repeated');
    assert.equal(played.order('ada', { kind: 'unlock' }, { deviceOf: 'ada-2', number: 1 }).code, 'ok');
  });

  it('that was refused does not use its number up', () => {
    const played = meeting();
    assert.equal(played.order('ada', { kind: 'unlock' }, { number: 5 }).code, 'act.no-change');
    assert.equal(played.order('ada', { kind: 'lock' }, { number: 5 }).code, 'ok');
  });

  it('is taken near its own time alone', () => {
    for (const [skewMs, code] of [
      [ACT_FRESH_MS, 'ok'],
      [-ACT_FRESH_MS, 'ok'],
      [ACT_FRESH_MS + 1, 'act.stale'],
      [-ACT_FRESH_MS - 1, 'act.stale'],
    ] as const) {
      const played = meeting();
      const given = played.order('ada', { kind: 'lock' }, { atUnixMs: played.nowUnixMs + skewMs });
      assert.equal(given.code, code, String(skewMs));
    }
  });

  it('names an entry of this chain that its signer saw, and not too old a one', () => {
    const lock = { kind: 'lock' } as const;
    const seen = (change: (head: Head) => Partial<Head>) => {
      const played = meeting();
      return played.order('ada', lock, { seen: { ...played.head, ...change(played.head) } }).code;
    };
    assert.equal(
      seen(() => ({ n: 0, digest: CHARTER_DIGEST })),
      'ok',
    );
    assert.equal(
      seen(() => ({ digest: CHARTER_DIGEST })),
      'act.other-chain',
    );
    assert.equal(
      seen(({ n }) => ({ n: n - 1 })),
      'act.other-chain',
    );
    assert.equal(
      seen(({ n }) => ({ n: n + 1 })),
      'act.other-chain',
    );
    const played = meeting();
    const { head } = played;
    for (let entry = 0; entry < MAX_HEADS - 1; entry++) played.fact('left', 'joe');
    assert.equal(played.order('ada', lock, { seen: head }).code, 'ok');
    assert.equal(played.order('ada', { kind: 'unlock' }, { seen: head }).code, 'act.stale');
    assert.equal(played.state.heads.length, MAX_HEADS);
  });

  it('is not taken after the end', () => {
    const played = meeting();
    assert.equal(played.order('ada', { kind: 'end' }).code, 'ok');
    assert.deepEqual(played.did(), ['end']);
    assert.equal(played.order('ada', { kind: 'lock' }).code, 'act.ended');
  });
});

describe('the door', () => {
  it('lets in by name and has others wait, who come in by the chair’s word and then without', () => {
    const played = meeting();
    assert.deepEqual(played.waiting, ['zoe']);
    assert.equal(played.order('ada', { kind: 'admit', whom: ALL }).code, 'ok');
    assert.deepEqual(played.did(), ['let-in zoe']);
    played.fact('left', 'zoe').fact('arrived', 'zoe');
    assert.deepEqual(played.did(), ['let-in zoe']);
  });

  it('has everybody wait until a leader is there, where the charter says so', () => {
    const played = new PlayedMeeting({ opensByItself: false }).fact('arrived', 'bob', 'zoe');
    assert.deepEqual(played.waiting, ['bob', 'zoe']);
    played.fact('arrived', 'dep');
    assert.deepEqual(played.did(), ['let-in dep', 'let-in bob']);
    assert.deepEqual(played.waiting, ['zoe']);
  });

  it('has who was sent back wait again, named or not, until the chair says so', () => {
    const played = meeting();
    played.order('ada', { kind: 'to-lobby', person: who('bob') });
    assert.deepEqual(played.did(), ['out bob', 'wait bob']);
    played.fact('left', 'bob').fact('arrived', 'bob');
    assert.deepEqual(played.did(), ['wait bob']);
    played.order('ada', { kind: 'admit', whom: whom('bob') });
    assert.deepEqual(played.did(), ['let-in bob']);
    played.fact('left', 'bob').fact('arrived', 'bob');
    assert.deepEqual(played.did(), ['let-in bob']);
  });

  it('stays closed while it is locked, and lets in who waited when it is not', () => {
    const played = meeting();
    played.order('ada', { kind: 'lock' });
    assert.deepEqual(played.fact('arrived', 'joe').did(), ['wait joe']);
    played.order('ada', { kind: 'unlock' });
    assert.deepEqual(played.did(), ['let-in joe']);
  });

  it('keeps who was removed for good away, and has others who were removed wait', () => {
    const played = meeting();
    played.order('ada', { kind: 'remove', person: who('bob'), isForGood: false });
    played.order('ada', { kind: 'remove', person: who('eve'), isForGood: true });
    assert.deepEqual(played.did(), ['out eve']);
    assert.deepEqual(played.fact('arrived', 'bob').did(), ['wait bob']);
    assert.deepEqual(played.fact('arrived', 'eve').did(), ['turn-away eve']);
  });

  it('is closed to who is not entitled any more', () => {
    const played = meeting();
    assert.deepEqual(played.fact('not-entitled', 'bob').did(), ['out bob']);
    assert.deepEqual(played.fact('not-entitled', 'zoe').did(), ['turn-away zoe']);
  });
});

describe('what one may send', () => {
  const grants = (played: PlayedMeeting, name: string) =>
    [...grantsOf(played.state, who(name))].sort().join(' ');

  it('is sound and picture for a member, everything for the chair, nothing for others', () => {
    const played = meeting();
    assert.equal(grants(played, 'bob'), 'camera microphone');
    assert.equal(grants(played, 'ada'), 'camera microphone screen screen-audio');
    assert.equal(grants(played, 'zoe'), '');
    played.order('ada', { kind: 'grant', whom: whom('bob'), sources: ['screen'] });
    assert.equal(grants(played, 'bob'), 'camera microphone screen');
    played.order('ada', { kind: 'set-role', person: who('bob'), role: 'observer' });
    assert.equal(grants(played, 'bob'), '');
    assert.equal(
      played.order('ada', { kind: 'grant', whom: whom('bob'), sources: ['screen'] }).code,
      'act.observer',
    );
    played.order('ada', { kind: 'set-role', person: who('bob'), role: 'member' });
    assert.equal(grants(played, 'bob'), 'camera microphone screen');
  });

  it('is what the convener signed, and for whoever is not the chair no more until the chair grants it', () => {
    const listening = new PlayedMeeting({ grants: [] }).fact('arrived', 'ada', 'bob', 'eve');
    assert.deepEqual([grants(listening, 'bob'), grants(listening, 'eve')], ['', '']);
    assert.equal(grants(listening, 'ada'), 'camera microphone screen screen-audio');
    listening.order('ada', { kind: 'grant', whom: whom('bob'), sources: ['microphone'] });
    assert.deepEqual([grants(listening, 'bob'), grants(listening, 'eve')], ['microphone', '']);
    listening.fact('arrived', 'dep');
    assert.equal(grants(listening, 'dep'), '', 'nor a deputy');
    listening.order('ada', { kind: 'hand-over-chair', to: who('dep') });
    assert.equal(grants(listening, 'ada'), '', 'nor who had the chair');
    const showing = new PlayedMeeting({ grants: ['screen'] }).fact('arrived', 'ada', 'bob');
    assert.equal(grants(showing, 'bob'), 'screen');
    showing.order('ada', { kind: 'set-role', person: who('bob'), role: 'observer' });
    assert.equal(grants(showing, 'bob'), '');
  });

  it('stays with the person who comes again, also by the lobby', () => {
    const played = meeting();
    played.order('ada', { kind: 'withdraw', whom: whom('bob'), sources: ['camera'] });
    assert.deepEqual(played.did(), ['stop bob']);
    played.fact('left', 'bob').fact('arrived', 'bob');
    assert.equal(grants(played, 'bob'), 'microphone');
    played.order('ada', { kind: 'grant', whom: whom('bob'), sources: ['screen'] });
    played.order('ada', { kind: 'to-lobby', person: who('bob') });
    assert.equal(grants(played, 'bob'), '');
    played.order('ada', { kind: 'admit', whom: whom('bob') });
    assert.equal(grants(played, 'bob'), 'microphone screen');
  });

  it('is not touched by muting, which spares the chair: who is muted goes on by himself', () => {
    const played = meeting();
    played.order('ada', { kind: 'mute', whom: ALL });
    assert.deepEqual(played.did().sort(), ['mute bob', 'mute dep', 'mute dup', 'mute eve']);
    assert.equal(grants(played, 'bob'), 'camera microphone');
  });
});

describe('the chair', () => {
  it('is handed over to somebody who is there and was named', () => {
    const played = meeting();
    assert.equal(played.order('ada', { kind: 'hand-over-chair', to: who('joe') }).code, 'act.not-there');
    played.order('ada', { kind: 'admit', whom: ALL });
    assert.equal(played.order('ada', { kind: 'hand-over-chair', to: who('zoe') }).code, 'act.not-named');
    assert.equal(played.order('ada', { kind: 'hand-over-chair', to: who('bob') }).code, 'ok');
    assert.equal(played.order('ada', { kind: 'lock' }).code, 'act.not-chair');
    assert.equal(played.order('bob', { kind: 'lock' }).code, 'ok');
  });

  it('is taken after half a minute by the first deputy who is there, and by nobody else', () => {
    const played = meeting().fact('left', 'ada');
    played.nowUnixMs += CHAIR_LOST_AFTER_MS - 1;
    assert.equal(played.order('dep', { kind: 'take-chair' }).code, 'act.chair-there');
    played.nowUnixMs += 1;
    assert.equal(played.order('dup', { kind: 'take-chair' }).code, 'act.earlier-deputy');
    assert.equal(played.order('bob', { kind: 'take-chair' }).code, 'act.not-leader');
    assert.equal(played.order('dep', { kind: 'take-chair' }).code, 'ok');
    played.fact('arrived', 'ada');
    assert.equal(played.order('ada', { kind: 'lock' }).code, 'act.not-chair');
    assert.equal(played.order('dep', { kind: 'hand-over-chair', to: who('ada') }).code, 'ok');
  });

  it('is taken at once where its connection was lost half a minute before it was told', () => {
    const lost = (lostMs: number) =>
      meeting()
        .told({ kind: 'left', person: who('ada'), lostMs })
        .order('dep', { kind: 'take-chair' }).code;
    assert.equal(lost(CHAIR_LOST_AFTER_MS), 'ok');
    assert.equal(lost(CHAIR_LOST_AFTER_MS - 1), 'act.chair-there');
  });

  it('that never came is counted as away from the first entry on', () => {
    const played = new PlayedMeeting();
    played.nowUnixMs += 2 * CHAIR_LOST_AFTER_MS;
    played.fact('arrived', 'dep');
    assert.equal(played.order('dep', { kind: 'take-chair' }).code, 'act.chair-there');
    played.nowUnixMs += CHAIR_LOST_AFTER_MS;
    assert.equal(played.order('dep', { kind: 'take-chair' }).code, 'ok');
  });

  it('that was handed over sends no longer what the chair alone may send', () => {
    const played = meeting();
    played.order('ada', { kind: 'hand-over-chair', to: who('bob') });
    assert.deepEqual(played.effects, [{ kind: 'stop', person: 'ada', sources: ['screen', 'screen-audio'] }]);
  });

  it('that comes back in time is not lost', () => {
    const played = meeting().fact('left', 'ada').fact('arrived', 'ada');
    played.nowUnixMs += 2 * CHAIR_LOST_AFTER_MS;
    assert.equal(played.order('dep', { kind: 'take-chair' }).code, 'act.chair-there');
  });
});

describe('the marking', () => {
  it('rises by the chair alone, only upwards, and everybody is judged anew', () => {
    const played = meeting();
    assert.equal(
      played.order('ada', { kind: 'raise-marking', marking: marking('restricted') }).code,
      'act.marking-not-higher',
    );
    assert.equal(
      played.order('ada', { kind: 'raise-marking', marking: marking('cosmic') }).code,
      'act.marking-unknown',
    );
    assert.equal(
      played.order('ada', { kind: 'raise-marking', marking: marking('confidential', 'north') }).code,
      'ok',
    );
    assert.deepEqual(played.did(), ['rejudge']);
    // Neither above nor below: another group in place of the one.
    const other = marking('secret', 'south');
    assert.equal(
      played.order('ada', { kind: 'raise-marking', marking: other }).code,
      'act.marking-not-higher',
    );
    assert.equal(
      played.order('ada', { kind: 'lower-marking', marking: other }).code,
      'act.marking-not-lower',
    );
  });

  it('rises no higher than its giver is cleared for, in level and groups', () => {
    const raise = (cleared: Label, to: Label) =>
      meeting().order('ada', { kind: 'raise-marking', marking: to }, { cleared }).code;
    assert.equal(raise(marking('secret'), marking('secret')), 'ok');
    assert.equal(raise(marking('secret'), marking('top-secret')), 'act.above-own-clearance');
    assert.equal(raise(marking('top-secret'), marking('secret', 'north')), 'act.above-own-clearance');
    assert.equal(raise(marking('top-secret', 'north'), marking('secret', 'north')), 'ok');
  });
});

describe('two people', () => {
  const strict = () => {
    const played = new PlayedMeeting({}, 0);
    return played.fact('arrived', 'ada', 'dep', 'dup', 'bob');
  };
  const lower = { kind: 'lower-marking', marking: marking('restricted') } as const;

  it('are needed above the marking that the deployment says, and not at or below it', () => {
    const played = strict();
    const { digest, code } = played.order('ada', lower);
    assert.deepEqual([code, played.state.marking.level], ['ok', 'confidential']);
    assert.equal(played.order('ada', { kind: 'second', act: digest }).code, 'act.same-person');
    assert.equal(
      played.order('ada', { kind: 'second', act: digest }, { deviceOf: 'ada-2' }).code,
      'act.same-person',
    );
    assert.equal(played.order('bob', { kind: 'second', act: digest }).code, 'act.not-leader');
    assert.equal(played.order('dep', { kind: 'second', act: CHARTER_DIGEST }).code, 'act.nothing-to-second');
    assert.equal(played.order('dep', { kind: 'second', act: digest }).code, 'ok');
    assert.equal(played.state.marking.level, 'restricted');
    // Of the lowest level of the deployment's choice one is enough.
    assert.equal(played.order('ada', { kind: 'invite', persons: [who('zoe')] }).code, 'ok');
    assert.deepEqual([...played.state.invited], ['zoe']);
  });

  it('agree within five minutes, or not', () => {
    assert.equal(SECOND_WITHIN_MS, 5 * 60_000);
    const played = strict();
    const { digest } = played.order('ada', lower);
    played.nowUnixMs += SECOND_WITHIN_MS - 1;
    assert.equal(played.order('dep', { kind: 'second', act: digest }).code, 'ok');
    const late = strict();
    const order = late.order('ada', lower);
    late.nowUnixMs += SECOND_WITHIN_MS;
    assert.equal(late.order('dep', { kind: 'second', act: order.digest }).code, 'act.nothing-to-second');
  });

  it('are not a chair and somebody whom the chair made chair', () => {
    const played = strict();
    const { digest } = played.order('ada', lower);
    played.order('ada', { kind: 'hand-over-chair', to: who('bob') });
    assert.equal(played.order('bob', { kind: 'second', act: digest }).code, 'act.not-leader');
    const own = played.order('bob', lower);
    assert.equal(played.order('ada', { kind: 'second', act: own.digest }).code, 'ok');
    assert.equal(played.state.marking.level, 'restricted');
  });

  it('are not a deputy and somebody whom the chair made chair', () => {
    const played = strict();
    played.order('ada', { kind: 'hand-over-chair', to: who('bob') });
    const { digest } = played.order('dep', lower);
    assert.equal(played.order('bob', { kind: 'second', act: digest }).code, 'act.not-leader');
    assert.equal(played.state.marking.level, 'confidential');
    assert.equal(played.order('ada', { kind: 'second', act: digest }).code, 'ok');
  });

  it('agree on what is still right', () => {
    const played = strict();
    const { digest } = played.order('ada', lower);
    played.fact('left', 'ada');
    assert.equal(played.order('dep', { kind: 'second', act: digest }).code, 'act.not-there');
  });

  it('call nobody in twice by one order', () => {
    const played = strict();
    const { digest } = played.order('ada', { kind: 'allow-export' });
    assert.equal(played.order('dep', { kind: 'second', act: digest }).code, 'ok');
    assert.equal(played.order('dup', { kind: 'second', act: digest }).code, 'act.nothing-to-second');
  });
});

describe('the people beside a room’s device', () => {
  it('are those that it named, once the chair has confirmed them, until it names others', () => {
    const played = meeting();
    assert.equal(
      played.order('ada', { kind: 'confirm-beside', room: who('bob'), persons: [] }).code,
      'act.nothing-declared',
    );
    played.order('ada', { kind: 'confirm-beside', room: who('eve'), persons: [who('aide')] });
    assert.deepEqual(played.state.confirmed.get(who('eve')), ['aide']);
    played.order('eve', { kind: 'declare-beside', persons: [who('aide'), who('spy')] });
    assert.equal(played.state.confirmed.get(who('eve')), undefined);
  });

  it('are confirmed as the chair saw them: whoever was named meanwhile is not among them', () => {
    const played = meeting();
    const confirm = (...persons: readonly string[]) =>
      played.order('ada', { kind: 'confirm-beside', room: who('eve'), persons: persons.map(who) }).code;
    played.order('eve', { kind: 'declare-beside', persons: [who('aide'), who('spy')] });
    for (const persons of [[], ['aide'], ['aide', 'dep'], ['aide', 'spy', 'dep']])
      assert.equal(confirm(...persons), 'act.declared-others');
    assert.equal(confirm('aide', 'spy'), 'ok');
  });
});
