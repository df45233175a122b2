/** Meetings whose media keys come from their group: real clients, the real delivery step, and no network between. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { toHex } from '../../src/base/bytes.ts';
import { KEYS_AGE_STEP_MS, KEYS_OLD_STEPS } from '../../src/client/group/limits.ts';
import { OLD_KEYS_LIVE_MS, READY_WITHIN_MS } from '../../src/e2ee/epochs/limits.ts';
import { nodeDriver } from '../../src/e2ee/sframe/node.ts';
import { DEFAULT_LIMITS } from '../../src/signaling/limits.ts';
import type { ServerEvent } from '../../src/signaling/protocol/messages.ts';
import { BEAT_EVERY_MS, SEALS_UNHEARD_MS } from '../../src/trust/heartbeat/heartbeat.ts';
import { BOB } from '../support/certified-world.ts';
import { type FakeClient, idOf } from '../support/fake-meeting.ts';
import { epochOf, KeyedWorld, sessionOf, speak, stolen } from '../support/keyed-world.ts';
import { NonceRecorder } from '../support/nonce-recorder.ts';
import { ALICE, codeOf, granted } from '../support/people.ts';

/** Of a whole suite on busy cores; a test that never comes to its end fails by it. */
const TIMEOUT = { timeout: 120_000 };

/** All had their turn to renew their path by then: no commit comes of itself, by which whoever is out would go. */
const FILLED_WITHIN_MS = 5_000;
/** One way: more than a closed network has, so that each exchange counts. */
const LATENCY_MS = 50;

const phaseOf = ({ meeting }: FakeClient) => meeting.state.phase.kind;
const namesIn = (people: readonly { readonly name: string }[] = []): string[] =>
  people.map(({ name }) => name);

/** Every problem that people were told of, in order. */
const problemsOf = ({ meeting }: FakeClient): string[] => {
  const codes: string[] = [];
  meeting.onChange(({ problem }) => {
    if (problem !== undefined && codes.at(-1) !== problem.code) codes.push(problem.code);
  });
  return codes;
};

describe('a meeting with a group', TIMEOUT, () => {
  let world: KeyedWorld;

  beforeEach(async () => {
    world = await KeyedWorld.open();
  });
  afterEach(() => world.close());

  const enterTwo = async () => {
    const ada = await world.enter('Ada', world.devices.alice);
    const ben = await world.enter('Ben', world.devices.bob);
    for (const client of [ada, ben]) await speak(client);
    await world.together(ada, ben);
    return { ada, ben };
  };
  const enterThree = async () => {
    const { ada, ben } = await enterTwo();
    const cora = await world.enter('Cora', world.devices.carol);
    await speak(cora);
    await world.together(ada, ben, cora);
    return { ada, ben, cora };
  };
  const hearEachOther = async (...all: readonly FakeClient[]): Promise<void> => {
    for (const from of all)
      for (const to of all) if (from !== to) assert.ok(await world.heard(from, to), 'all frames open');
  };

  it('has three who hear each other, in one epoch with one code', async () => {
    const { ada, ben, cora } = await enterThree();
    const all = [ada, ben, cora];
    const codes = new Set(all.map((client) => JSON.stringify(epochOf(client)?.code)));
    assert.equal(codes.size, 1);
    await hearEachOther(...all);
    for (const { meeting, keys } of all) {
      assert.equal(meeting.state.problem, undefined);
      assert.equal(keys.ever.size, 0, 'no key is pre-shared');
    }
  });

  it('says who came and went by which epoch', async () => {
    const { ada, cora } = await enterThree();
    const came = ada.meeting.state.epochs.filter(({ joined }) => joined.length > 0);
    assert.deepEqual(
      came.map(({ joined }) => namesIn(joined)),
      [['Ada'], ['Ben'], ['Cora']],
    );
    await cora.meeting.leave();
    await world.flow('the epoch without her', () => namesIn(epochOf(ada)?.left).includes('Cora'));
  });

  it('gives who left no key of what comes after', async () => {
    const { ada, ben, cora } = await enterThree();
    assert.deepEqual(world.opens(cora.keys, ben), { sent: 3, opened: 3 });
    await cora.meeting.leave();
    await world.together(ada, ben);
    assert.deepEqual(world.opens(cora.keys, ben), { sent: 3, opened: 0 });
    await hearEachOther(ada, ben);
  });

  it('gives who comes no key of what came before', async () => {
    const { ada, ben } = await enterTwo();
    const before = world.world.net.net.sealed.length;
    ben.port.sendFrames('microphone', 3);
    const wires = world.world.net.net.sealed.slice(before);
    const cora = await world.enter('Cora', world.devices.carol);
    await speak(cora);
    await world.together(ada, ben, cora);
    assert.deepEqual(stolen(ada.keys, wires), { sent: 3, opened: 3 });
    assert.deepEqual(stolen(cora.keys, wires), { sent: 3, opened: 0 });
    await hearEachOther(ada, ben, cora);
  });

  it('loses no frame of those who are there while somebody comes', async () => {
    const { ada, ben } = await enterTwo();
    await world.heard(ben, ada);
    const stops = [];
    const { meeting } = ada;
    const before = { ...meeting.state.refusedFrames };
    let sent = 0;
    stops.push(
      world.world.net.clock.every(20, () => {
        sent += ben.port.sendFrames('microphone', 1).length;
      }),
    );
    const cora = await world.enter('Cora', world.devices.carol);
    await world.together(ada, ben, cora);
    for (const stop of stops) stop();
    assert.ok(sent > 50);
    assert.deepEqual(meeting.state.refusedFrames, before);
  });

  it('keeps its seat over a lost connection, and the epoch with it', async () => {
    const { ada, ben } = await enterTwo();
    const [self, entered] = [idOf(ada), world.group.said.filter(({ said }) => said.kind === 'enter').length];
    world.server.cutAll();
    await world.flow('it noticed', () => phaseOf(ada) === 'reconnecting');
    const before = world.group.said.length;
    await world.flow('both are back', () => [ada, ben].every((client) => phaseOf(client) === 'in'));
    await world.pass(100);
    for (const client of [ada, ben])
      assert.ok(
        world.group.said
          .slice(before)
          .some(({ from, said }) => from === idOf(client) && said.kind === 'catch-up'),
        'what it missed is asked for at once',
      );
    await world.together(ada, ben);
    assert.equal(idOf(ada), self);
    assert.equal(world.group.said.filter(({ said }) => said.kind === 'enter').length, entered);
    await hearEachOther(ada, ben);
  });

  /** Ben is away while `change` leads the others to other keys, and back before his session is over: both hear so soon. */
  const reopens = async (
    ada: FakeClient,
    ben: FakeClient,
    change: () => Promise<unknown>,
  ): Promise<number> => {
    await hearEachOther(ada, ben);
    const { clock } = world.world.net;
    const [self, lostAtMs] = [idOf(ben), clock.nowMs()];
    const isBehind = () => (epochOf(ben)?.number ?? 0n) < (epochOf(ada)?.number ?? 0n);
    world.server.setAway(self, true);
    await world.flow('he noticed', () => phaseOf(ben) === 'reconnecting');
    await change();
    await world.flow('the others have other keys', isBehind);
    await world.pass(READY_WITHIN_MS + OLD_KEYS_LIVE_MS);
    assert.equal(await world.heard(ada, ben), false, 'closed');
    assert.equal(await world.heard(ben, ada), false, 'the other way too');
    world.slow(LATENCY_MS);
    world.server.setAway(self, false);
    await world.took('he is back', () => phaseOf(ben) === 'in');
    assert.ok(clock.nowMs() - lostAtMs < DEFAULT_LIMITS.graceMs);
    const isOpen = async () => (await world.heard(ada, ben)) && (await world.heard(ben, ada));
    const tookMs = await world.took('both hear', isOpen);
    assert.equal(idOf(ben), self, 'in his session');
    const entered = world.group.said.filter(({ from, said }) => from === self && said.kind === 'enter');
    assert.equal(entered.length, 1, 'and in his leaf');
    return tookMs;
  };

  it('opens media both ways within a second of resuming where somebody came meanwhile', async () => {
    const { ada, ben } = await enterTwo();
    const enter = async () => speak(await world.enter('Cora', world.devices.carol));
    const tookMs = await reopens(ada, ben, enter);
    assert.ok(tookMs <= 1_000, `${tookMs} ms`);
  });

  it('opens media both ways within a second of resuming where somebody left meanwhile', async () => {
    const { ada, ben, cora } = await enterThree();
    const tookMs = await reopens(ada, ben, () => cora.meeting.leave());
    assert.ok(tookMs <= 1_000, `${tookMs} ms`);
  });

  it('takes a new leaf with a new session, and is heard again', async () => {
    const { ada, ben } = await enterTwo();
    const [self, keys] = [idOf(ada), ada.keys.baseKeys.map(toHex)];
    world.server.forgetSessions();
    await world.flow('both are back', () =>
      [ada, ben].every((client) => phaseOf(client) === 'in' && client.port.sources.length === 1),
    );
    await world.together(ada, ben);
    assert.notEqual(idOf(ada), self);
    for (const key of ada.keys.open.values())
      assert.equal(keys.includes(key), false, 'a key of the join before');
    assert.ok(ada.keys.open.size > 0);
    await hearEachOther(ada, ben);
  });

  it('notices a commit that the relay keeps back, and is in the group again by itself', async () => {
    const { ada, ben } = await enterTwo();
    const self = idOf(ada);
    let isKeptBack = true;
    world.group.tamper = (to, heard) => {
      if (to === self && heard.kind === 'welcome') isKeptBack = false;
      const isCommit = heard.kind === 'commit' || heard.kind === 'caught-up' || heard.kind === 'ask-commit';
      return isKeptBack && to === self && isCommit ? [] : [heard];
    };
    const problems = problemsOf(ada);
    const cora = await world.enter('Cora', world.devices.carol);
    await speak(cora);
    await world.together(ada, ben, cora);
    assert.ok(problems.includes('group.behind'), problems.join());
    assert.equal(idOf(ada), self);
    await hearEachOther(ada, ben, cora);
  });

  it('takes nobody in of whom the relay tells only some, and all are told', async () => {
    const { ada, ben } = await enterTwo();
    const session = sessionOf(world, ada);
    const say = session.event.bind(session);
    session.event = (event) => {
      if (event.kind !== 'participant-joined') say(event);
    };
    const [adas, bens] = [problemsOf(ada), problemsOf(ben)];
    const entering = world.tryToEnter('Cora', world.devices.carol);
    await world.flow(
      'all were told',
      () => adas.includes('group.stranger') && bens.includes('group.rejected'),
    );
    const coras = (await entering).keys;
    assert.deepEqual(world.opens(coras, ada).opened, 0);
    assert.ok(ada.meeting.state.epochs.every(({ joined }) => !namesIn(joined).includes('Cora')));
  });

  it('lets a commit wait until whom it adds was judged', async (t) => {
    const { ada, ben } = await enterTwo();
    const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<void>();
    const verify = crypto.subtle.verify.bind(crypto.subtle);
    let isHeld = false;
    t.mock.method(crypto.subtle, 'verify', async (...given: Parameters<typeof verify>) => {
      const isPresence = new TextDecoder().decode(given[3]).startsWith('belfry presence');
      if (isPresence && isHeld) await mayGoOn;
      return verify(...given);
    });
    // Her own entry is judged by herself; Ben's device, which commits, knows her already.
    const say = sessionOf(world, ada).event.bind(sessionOf(world, ada));
    const late: ServerEvent[] = [];
    sessionOf(world, ada).event = (event) => {
      if (event.kind === 'participant-joined') {
        late.push(event);
        return;
      }
      if (event.kind === 'group' && /^(?:ask-)?commit$/.test(event.heard.kind)) {
        isHeld = true;
        for (const one of late.splice(0)) say(one);
      }
      say(event);
    };
    const entering = world.tryToEnter('Cora', world.devices.carol);
    await world.flow('the commit is there, or asked for', () => isHeld);
    await world.pass(1_500);
    const kinds = world.group.said.map(({ said }) => said.kind);
    assert.ok(!kinds.includes('reject') && !kinds.includes('decline'));
    goOn();
    assert.equal(codeOf((await entering).joined), 'ok');
    await world.flow('she knows', () => ada.meeting.state.participants.size === 2);
    assert.equal(ada.meeting.state.problem, undefined);
    assert.equal(ben.meeting.state.problem, undefined);
  });

  it('knows nobody of an earlier join, and enters no group with one of them whom it did not verify again', async () => {
    const { ada, cora } = await enterThree();
    world.server.alter = (entry) =>
      entry.participant === idOf(cora)
        ? { ...entry, announcement: { ...entry.announcement, salt: 'A'.repeat(22) } }
        : entry;
    const problems = problemsOf(ada);
    const keys = ada.keys.baseKeys.length;
    world.server.forget(idOf(ada));
    await world.flow('it was told', () => problems.includes('group.stranger'));
    assert.equal(ada.keys.baseKeys.length, keys);
    assert.equal(ada.keys.open.size, 0);
  });

  it('agrees on keys by the default suite', async () => {
    world.close();
    world = await KeyedWorld.open({ suite: 'x-wing' });
    const { ada, ben } = await enterTwo();
    await hearEachOther(ada, ben);
  });

  it('adds nobody by a key package that is somebody else’s, and says so', async () => {
    const { ada, ben } = await enterTwo();
    const adas = world.group.said.find(({ from, said }) => from === idOf(ada) && said.kind === 'enter')?.said;
    assert.ok(adas?.kind === 'enter');
    world.group.tamper = (_, heard) =>
      heard.kind === 'ask-commit'
        ? [{ ...heard, add: heard.add.map((one) => ({ ...one, blob: adas.keyPackage })) }]
        : [heard];
    const problems = [problemsOf(ada), problemsOf(ben)];
    const entering = world.tryToEnter('Cora', world.devices.carol);
    await world.flow('it was told', () => problems.flat().includes('group.swapped-key-package'));
    assert.ok(world.group.said.some(({ said }) => said.kind === 'decline'));
    world.group.tamper = (_, heard) => [heard];
    assert.equal(codeOf((await entering).joined), 'ok');
  });

  it('declines a key package that is larger than one can be, and says so', async () => {
    const { ada, ben } = await enterTwo();
    world.group.tamper = (_, heard) => {
      if (heard.kind !== 'ask-commit') return [heard];
      const add = heard.add.map(({ participant, blob }) => ({
        participant,
        blob: { ...blob, bytes: 40_000 },
      }));
      return [{ ...heard, add }];
    };
    const problems = [problemsOf(ada), problemsOf(ben)];
    const entering = world.tryToEnter('Cora', world.devices.carol);
    await world.flow('it is declined', () => world.group.said.some(({ said }) => said.kind === 'decline'));
    assert.ok(problems.flat().includes('group.blob-too-large'));
    world.group.tamper = (_, heard) => [heard];
    assert.equal(codeOf((await entering).joined), 'ok');
  });

  it('seals nothing for who is revoked, from the list on, and goes on without them', async () => {
    const { ada, ben, cora } = await enterThree();
    await world.pass(FILLED_WITHIN_MS);
    const problems = problemsOf(ben);
    await world.world.publish({ number: 2, persons: [ALICE.person] });
    await world.flow('he knows', () => problems.includes('group.held-back'));
    assert.deepEqual(ben.port.sendFrames('microphone', 3), []);
    assert.equal(phaseOf(ada), 'closed');
    world.group.left(idOf(ada));
    await world.together(ben, cora);
    assert.deepEqual(world.opens(ada.keys, ben), { sent: 3, opened: 0 });
    await hearEachOther(ben, cora);
  });

  it('seals nothing more when the relay keeps somebody in the group who left', async () => {
    const { ada, ben, cora } = await enterThree();
    const problems = problemsOf(ben);
    world.group.tamper = (_, heard) => (heard.kind === 'ask-commit' ? [] : [heard]);
    await cora.meeting.leave();
    await world.pass(1_500);
    assert.equal(ben.port.sendFrames('microphone', 3).length, 3);
    await world.flow('he knows', () => problems.includes('group.held-back'));
    assert.deepEqual(ben.port.sendFrames('microphone', 3), []);
    assert.deepEqual(ada.port.sendFrames('microphone', 3), []);
  });

  it('goes on without who left, also where a committer only says that it removed them', async () => {
    const { ada, ben, cora } = await enterThree();
    await world.pass(FILLED_WITHIN_MS);
    const gone = idOf(cora);
    const { group } = world;
    let lies = 0;
    const isLie = (heard: { readonly kind: string }) => heard.kind === 'ask-commit' && lies === 0;
    group.tamper = (_, heard) =>
      isLie(heard) && 'remove' in heard && heard.remove.includes(gone) ? [{ ...heard, remove: [] }] : [heard];
    const hear = group.hear.bind(group);
    group.hear = (from, said) => {
      if (said.kind !== 'commit' || said.removed.length > 0 || lies > 0) return hear(from, said);
      lies += 1;
      return hear(from, { ...said, removed: [gone] });
    };
    await cora.meeting.leave();
    await world.flow('somebody lied', () => lies > 0);
    const said = group.said.length;
    await world.flow('all are in an epoch without her', () =>
      [ada, ben].every((client) => namesIn(epochOf(client)?.left).includes('Cora')),
    );
    const kinds = group.said.slice(said).map(({ said }) => said.kind);
    assert.deepEqual([kinds.includes('renew'), kinds.includes('enter')], [true, false]);
    await world.together(ada, ben);
    assert.deepEqual(world.opens(cora.keys, ada), { sent: 3, opened: 0 });
    await hearEachOther(ada, ben);
  });

  it('says that the keys are old where they do not change for long after the hour', async (t) => {
    const { clock } = world.world.net;
    const every = clock.every.bind(clock);
    const steps: (() => void)[] = [];
    t.mock.method(clock, 'every', (periodMs: number, run: () => void) => {
      if (periodMs === KEYS_AGE_STEP_MS) steps.push(run);
      return every(periodMs, run);
    });
    const { ada, ben } = await enterTwo();
    await world.pass(FILLED_WITHIN_MS);
    const problems = [ada, ben].map(problemsOf);
    const age = (count: number) => {
      for (let i = 0; i < count; i++) for (const step of steps) step();
    };
    age(KEYS_OLD_STEPS - 1);
    assert.deepEqual(problems, [[], []]);
    age(1);
    assert.deepEqual(problems, [['group.old-keys'], ['group.old-keys']]);
    assert.equal(ben.port.sendFrames('microphone', 3).length, 3, 'and they go on');
  });

  it('says that it may be cut off when no leader is heard for ten seconds, and no longer after', async () => {
    const { ada, ben } = await enterTwo();
    await world.pass(6_500);
    assert.ok(world.group.said.some(({ from, said }) => from === idOf(ben) && said.kind === 'heartbeat'));
    assert.equal(ada.meeting.state.mayBeCutOff, false);
    world.group.tamper = (to, heard) => (to === idOf(ada) && heard.kind === 'heartbeat' ? [] : [heard]);
    await world.pass(6_500);
    assert.equal(ada.meeting.state.mayBeCutOff, false);
    await world.pass(5_500);
    assert.deepEqual([ada.meeting.state.mayBeCutOff, ben.meeting.state.mayBeCutOff], [true, false]);
    world.group.tamper = (_, heard) => [heard];
    await world.flow('the chair is heard', () => !ada.meeting.state.mayBeCutOff);
  });

  it('seals nothing after a minute without a word of who leads, nor in a new session, until there is one', async () => {
    const { ada, ben } = await enterTwo();
    world.group.tamper = (to, heard) => (to !== idOf(ben) && heard.kind === 'heartbeat' ? [] : [heard]);
    await world.pass(SEALS_UNHEARD_MS + BEAT_EVERY_MS);
    assert.deepEqual(ada.port.sendFrames('microphone', 3), []);
    assert.equal(ben.port.sendFrames('microphone', 3).length, 3);
    const [self, epochs] = [idOf(ada), ada.keys.baseKeys.length];
    world.server.forget(self);
    await world.flow('she has the keys of a new join', () => ada.keys.baseKeys.length > epochs);
    await world.pass(2 * BEAT_EVERY_MS);
    assert.notEqual(idOf(ada), self);
    assert.notEqual(ada.keys.open.size, 0);
    assert.equal(ada.port.sources.length, 0, 'no media is built before it can be sealed');
    world.group.tamper = (_, heard) => [heard];
    await world.flow('she speaks', () => ada.port.sendFrames('microphone', 1).length === 1);
    await hearEachOther(ada, ben);
  });

  it('is not alarmed when somebody comes after a time alone', async () => {
    const ada = await world.enter('Ada', world.devices.alice);
    await world.pass(12_000);
    const alarms: boolean[] = [];
    ada.meeting.onChange(({ mayBeCutOff }) => alarms.push(mayBeCutOff));
    const ben = await world.enter('Ben', world.devices.bob);
    await world.together(ada, ben);
    await world.pass(4_000);
    assert.equal(alarms.includes(true), false);
  });

  it('tells both of two people whom the relay puts into a group each', async () => {
    const ada = await world.enter('Ada', world.devices.alice);
    world.group.tamper = (to, heard) => (to === idOf(ada) && heard.kind !== 'heartbeat' ? [] : [heard]);
    // A service that knows nobody yet: whoever enters begins a group.
    world.renewService();
    const ben = await world.enter('Ben', world.devices.bob);
    assert.notEqual(epochOf(ben)?.code.digits, epochOf(ada)?.code.digits);
    await world.flow('both were told', () => [ada, ben].every(({ meeting }) => meeting.state.mayBeCutOff));
  });

  it('believes no heartbeat that another device signed', async () => {
    const { ada, ben, cora } = await enterThree();
    const said = world.group.said.findLast((one) => one.from === idOf(cora) && one.said.kind === 'heartbeat');
    assert.equal(said, undefined, 'neither chair nor one of the two lowest leaves');
    world.group.tamper = (to, heard) =>
      to === idOf(cora) && heard.kind === 'heartbeat' && heard.from === idOf(ada)
        ? [{ ...heard, from: idOf(ben) }]
        : heard.kind === 'heartbeat' && to === idOf(cora)
          ? []
          : [heard];
    await world.flow('she is alone', () => cora.meeting.state.mayBeCutOff);
  });

  it('does not enter a group of another charter than it verified', async () => {
    await enterTwo();
    const { net } = world.world;
    net.server.charter = await world.world.charter(
      { suite: 'x25519', admission: { kind: 'cleared' }, chair: ALICE.person, deputies: [BOB.person] },
      world.devices.carol,
    );
    const { joined } = await world.tryToEnter('Cora', world.devices.carol);
    assert.equal(codeOf(joined), 'group.no-epoch');
  });

  it('is refused by a relay that has no group for it, and seals by nothing else', async () => {
    world.server.group = undefined;
    const { joined, port } = await world.tryToEnter('Ada', world.devices.alice);
    assert.equal(codeOf(joined), 'group.no-service');
    assert.equal(port.calls.includes('produce'), false);
  });

  it('never seals under one key and nonce twice, through all of it', async () => {
    const recorder = new NonceRecorder(nodeDriver);
    const ada = await world.enter('Ada', world.devices.alice, recorder.driver);
    const ben = await world.enter('Ben', world.devices.bob, recorder.driver);
    const everybody = [ada, ben];
    for (const client of everybody) await speak(client);
    const send = () => {
      for (const { port } of everybody) port.sendFrames('microphone', 5);
      assert.equal(recorder.repeats, 0);
    };
    world.world.net.clock.every(50, send);
    await world.together(ada, ben);
    const cora = await world.enter('Cora', world.devices.carol, recorder.driver);
    await world.together(ada, ben, cora);
    granted(await ben.meeting.produce('microphone', { layers: 2 }));
    world.server.cutAll();
    await world.flow('they noticed', () => [...everybody, cora].every((one) => phaseOf(one) !== 'in'));
    await world.flow('all are back', () => [...everybody, cora].every((one) => phaseOf(one) === 'in'));
    await cora.meeting.leave();
    await world.together(ada, ben);
    world.server.forgetSessions();
    await world.flow('both are back', () => everybody.every((client) => client.port.sources.length === 1));
    await world.together(ada, ben);
    world.server.resetMedia();
    await world.pass(1_000);
    send();
    assert.ok(recorder.sealed > 500 && recorder.keys.size >= 12, `${recorder.sealed} ${recorder.keys.size}`);
  });
});
