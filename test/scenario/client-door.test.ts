/** The real client at the real door, over real sockets and on a driven clock: neither half is played by a test. */
import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, describe, it } from 'node:test';
import { toBase64Url } from '../../src/base/bytes.ts';
import { asId } from '../../src/base/ids.ts';
import { fetchList } from '../../src/client/people/fetch-list.ts';
import { DEFAULT_LIMITS } from '../../src/signaling/limits.ts';
import type { StatementDigest } from '../../src/trust/statement/statement.ts';
import { newSeenLists, stateWhere } from '../support/certified-world.ts';
import { DoorMeeting } from '../support/door-meeting.ts';
import { type FakeClient, idOf, outputOf, secureRandom } from '../support/fake-meeting.ts';
import { Ministry, type Official } from '../support/ministry.ts';
import { codeOf } from '../support/people.ts';
import { Tapped } from '../support/tapped-socket.ts';
import { eventually } from '../support/until.ts';

/** Of a whole suite on busy cores; a test that never comes to its end fails by it. */
const TIMEOUT = { timeout: 60_000 };
const MICROPHONE = { layers: 1 };
/** The third wait in a row has at most this. */
const RETRY_WITHIN_MS = 1_000;

const phaseOf = ({ meeting }: FakeClient) => meeting.state.phase.kind;
const whyClosed = ({ meeting }: FakeClient): string | undefined =>
  meeting.state.phase.kind === 'closed' ? meeting.state.phase.why?.code : undefined;
const untilAlone = (client: FakeClient): Promise<void> =>
  stateWhere(client, ({ participants }) => participants.size === 0);

/** As the text of a certificate stands in a message. */
const asInJson = (pem: string): string => JSON.stringify(pem).slice(1, -1);

describe('a client at the door', TIMEOUT, () => {
  let ministry: Ministry;
  let alice: Official;
  let bob: Official;
  let carol: Official;
  let door: DoorMeeting;

  before(async () => {
    ministry = await Ministry.open();
    [alice, bob, carol] = [
      await ministry.official('alice'),
      await ministry.official('bob'),
      await ministry.official('carol', { level: 'restricted' }),
    ];
  });
  beforeEach(async () => {
    // No list of the test before names anybody any more.
    await ministry.publish({});
    door = await DoorMeeting.convene(ministry, alice);
  });
  afterEach(() => door.close());

  const enterBoth = async (way: Parameters<DoorMeeting['enter']>[1] = {}) => {
    const ada = await door.enter(alice, way);
    const ben = await door.enter(bob);
    await stateWhere(ada, ({ participants }) => participants.size === 1);
    return { ada, ben };
  };

  /** All refusals come at one time, which the clock has to reach. */
  const decided = async (): Promise<void> => {
    await door.decided();
    door.server.clock.advance(DEFAULT_LIMITS.entryRefusalMs);
  };
  const refusedAtTheDoor = async (who: Official): Promise<string> => {
    const [{ joined }] = await Promise.all([door.tryToEnter(who), decided()]);
    assert.match(joined.ok ? '' : (joined.refusal.reference ?? ''), /^\w{4}-\w{4}$/);
    return codeOf(joined);
  };

  it('is let in, and shows whose device everybody is', async () => {
    const { ada, ben } = await enterBoth();
    const seen = ada.meeting.state.participants.get(idOf(ben));
    assert.deepEqual([seen?.person, seen?.device], [bob.person, bob.device]);
    assert.equal(ben.meeting.state.participants.get(idOf(ada))?.person, alice.person);
    assert.equal(ben.meeting.state.charter?.digest, door.link.charter);
    assert.equal(ada.meeting.state.unverified.size, 0);
    assert.equal(ada.meeting.state.problem, undefined);
  });

  it('hears and is heard', async () => {
    const { ada, ben } = await enterBoth();
    assert.equal(codeOf(await ben.meeting.produce('microphone', MICROPHONE)), 'ok');
    await eventually('the stream came', () => outputOf(ada, ben, 'microphone') !== undefined);
    const sent = ben.port.sendFrames('microphone', 3);
    assert.equal(sent.length, 3);
    assert.deepEqual(outputOf(ada, ben, 'microphone')?.frames, sent);
  });

  it('draws anew where its number is taken, with a challenge of its own for each try', async () => {
    const ada = await door.enter(alice);
    const taken = ada.meeting.state.self?.number ?? 0;
    const draws: Uint8Array<ArrayBuffer>[] = [Uint8Array.of(taken >> 16, taken >> 8, taken)];
    const ben = await door.enter(bob, {
      randomBytes: (size) => (size === 3 ? draws.pop() : undefined) ?? secureRandom(size),
    });
    await stateWhere(ada, ({ participants }) => participants.size === 1);
    assert.equal(draws.length, 0);
    assert.notEqual(ben.meeting.state.self?.number, taken);
    assert.equal(ben.meeting.state.participants.get(idOf(ada))?.person, alice.person);
  });

  it('proves its key when it comes back, and is the same participant to the others', async () => {
    const way = new Tapped();
    const { ada, ben } = await enterBoth({ openSocket: way.open });
    const before = idOf(ada);
    for (let round = 1; round <= 3; round++) {
      way.cut();
      await stateWhere(ada, ({ phase }) => phase.kind === 'reconnecting');
      door.server.clock.advance(RETRY_WITHIN_MS);
      await stateWhere(ada, ({ phase }) => phase.kind === 'in');
      assert.equal(door.server.signaling.stats().resumes, round, 'each secret serves one resume');
    }
    assert.equal(phaseOf(ada), 'in');
    assert.equal(idOf(ada), before);
    assert.equal(ben.meeting.state.participants.get(before)?.person, alice.person);
  });

  it('is out when revoked; the others part with it and with its key', async () => {
    const { ada, ben } = await enterBoth();
    await ben.meeting.produce('microphone', MICROPHONE);
    await eventually('the stream came', () => outputOf(ada, ben, 'microphone') !== undefined);
    const [from, number] = [idOf(ben), ben.meeting.state.self?.number];
    await ministry.publish({ persons: [bob.person] });
    await Promise.all([untilAlone(ada), stateWhere(ben, ({ phase }) => phase.kind === 'rejoining')]);
    assert.equal(ada.meeting.state.participants.has(from), false);
    assert.deepEqual([ada.keys.ever.has(number ?? -1), ada.keys.size], [true, 0]);
    assert.equal(outputOf(ada, ben, 'microphone'), undefined);
    assert.equal(phaseOf(ada), 'in');
    // It tries once more, hears what everybody hears who is not let in, and finds the reason on the list.
    door.server.clock.advance(RETRY_WITHIN_MS);
    await Promise.all([decided(), stateWhere(ben, ({ phase }) => phase.kind === 'closed')]);
    assert.equal(whyClosed(ben), 'entry.revoked');
  });

  it('parts with who is revoked though the relay keeps silent about it', async () => {
    const nothing = '{"kind":"consumer-removed","consumer":"none"}';
    const way = new Tapped((text) =>
      text.includes('not-entitled')
        ? text.replace(/\{"kind":"entry","entry":".*"\}/, nothing)
        : text.replace(/\{"kind":"(?:participant-left|consumer-removed)"[^}]*\}/, nothing),
    );
    const { ada, ben } = await enterBoth({ openSocket: way.open });
    const number = ben.meeting.state.self?.number ?? -1;
    await ministry.publish({ persons: [bob.person] });
    await untilAlone(ada);
    assert.deepEqual([...ada.meeting.state.unverified.values()], ['entry.revoked']);
    assert.equal(ada.meeting.state.problem?.code, 'entry.revoked');
    assert.deepEqual([ada.keys.ever.has(number), ada.keys.size], [true, 0]);
  });

  it('is let in no more once revoked', async () => {
    await ministry.publish({ devices: [bob.device] });
    assert.equal(await refusedAtTheDoor(bob), 'entry.revoked');
  });

  it('is told no more than a reference where its clearance does not suffice', async () => {
    const ada = await door.enter(alice);
    assert.equal(await refusedAtTheDoor(carol), 'entry.refused');
    assert.equal(ada.meeting.state.participants.size, 0);
  });

  it('leaves where the relay has another charter than the link says', async () => {
    const ada = await door.enter(alice);
    const charter = asId<StatementDigest>(toBase64Url(new Uint8Array(32).fill(1)));
    const { joined, port } = await door.tryToEnter(bob, { link: { charter } });
    assert.equal(codeOf(joined), 'charter.other-digest');
    assert.equal(port.calls.includes('openTransport'), false);
    await untilAlone(ada);
  });

  it('leaves where the relay has an older list than it saw before', async () => {
    const list = ministry.trust().list()?.current.list.number ?? 0;
    const lists = newSeenLists();
    await lists.see({ number: list + 1, digest: asId<StatementDigest>('A'.repeat(43)) });
    assert.equal(codeOf((await door.tryToEnter(bob, { lists })).joined), 'revocation.older');
  });

  it('leaves where the way to the list is cut, though the door let it in', async () => {
    const { joined } = await door.tryToEnter(bob, {
      fetchList: (url, signal) => fetchList(url.replace('revocation', 'nothing'), signal),
    });
    assert.equal(codeOf(joined), 'list.unreachable');
  });

  /** What a relay between two honest people may do to what the one shows the other. */
  const LIES: readonly [string, string, (text: string) => string][] = [
    [
      "somebody else's certificate",
      'statement.other-signer',
      (text) => text.replaceAll(asInJson(bob.signer.certificate), asInJson(carol.signer.certificate)),
    ],
    [
      "somebody else's clearance",
      'entry.clearance-not-good',
      (text) => text.replaceAll(JSON.stringify(bob.clearance), JSON.stringify(alice.clearance)),
    ],
    [
      'an announcement under another number',
      'presence.other-number',
      (text) => text.replace(/"number":(\d+)\}/, (_, n) => `"number":${Number(n) ^ 1}}`),
    ],
    ['nothing at all', 'entry.no-certificate', (text) => text.replace(/,"credentials":\{.*\}\}\}\}/, '}}')],
  ];
  for (const [what, code, alter] of LIES)
    it(`shows and opens nobody of whom the relay hands on ${what}`, async () => {
      let lies = 0;
      const way = new Tapped((text) => {
        const altered = text.includes('"participant-joined"') ? alter(text) : text;
        if (altered !== text) lies += 1;
        return altered;
      });
      const ada = await door.enter(alice, { openSocket: way.open });
      const ben = await door.enter(bob);
      await ben.meeting.produce('microphone', MICROPHONE);
      await stateWhere(ada, ({ refusedStreams }) => refusedStreams === 1);
      const { participants, unverified, problem } = ada.meeting.state;
      assert.equal(lies, 1);
      assert.deepEqual([...unverified], [[idOf(ben), code]]);
      assert.equal(participants.size, 0);
      assert.equal(problem?.code, code);
      assert.equal(ada.keys.ever.size, 0, 'no key of it was ever held');
      assert.deepEqual(ada.streams, []);
    });
});
