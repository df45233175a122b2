/** The real client at the real door, over real sockets and on a driven clock: neither half is played by a test. */
import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, describe, it } from 'node:test';
import { toBase64Url } from '../../src/base/bytes.ts';
import { asId } from '../../src/base/ids.ts';
import type { OpenSocket, Socket } from '../../src/client/connection/socket.ts';
import { openWebSocket } from '../../src/client/connection/web-socket.ts';
import { fetchList } from '../../src/client/people/fetch-list.ts';
import { DEFAULT_LIMITS } from '../../src/signaling/limits.ts';
import type { StatementDigest } from '../../src/trust/statement/statement.ts';
import { newSeenLists, stateWhere } from '../support/certified-world.ts';
import { DoorMeeting } from '../support/door-meeting.ts';
import { type FakeClient, idOf, outputOf } from '../support/fake-meeting.ts';
import { Ministry, type Official } from '../support/ministry.ts';
import { codeOf } from '../support/people.ts';

const TIMEOUT = { timeout: 30_000 };
const MICROPHONE = { layers: 1 };

/** The platform's socket, with a hand on what comes out of it and on its life. */
class Tapped {
  #live: { socket: Socket; onClose: (reason: string) => void } | undefined;
  readonly #alter: (text: string) => string;

  constructor(alter: (text: string) => string = (text) => text) {
    this.#alter = alter;
  }

  readonly open: OpenSocket = (url, handlers) => {
    const onMessage = (data: unknown) => handlers.onMessage(this.#alter(String(data)));
    const socket = openWebSocket(url, { ...handlers, onMessage });
    this.#live = { socket, onClose: handlers.onClose };
    return socket;
  };

  /** As a network does it: the server hears of it by itself, the client at once. */
  cut(): void {
    this.#live?.socket.close();
    this.#live?.onClose('');
  }
}

const phaseOf = ({ meeting }: FakeClient) => meeting.state.phase.kind;
const whyClosed = ({ meeting }: FakeClient): string | undefined =>
  meeting.state.phase.kind === 'closed' ? meeting.state.phase.why?.code : undefined;
const untilClosed = (client: FakeClient): Promise<void> =>
  stateWhere(client, ({ phase }) => phase.kind === 'closed');
const untilAlone = (client: FakeClient): Promise<void> =>
  stateWhere(client, ({ participants }) => participants.size === 0);

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
    while (outputOf(ada, ben, 'microphone') === undefined)
      await new Promise((resolve) => setImmediate(resolve));
    const sent = ben.port.sendFrames('microphone', 3);
    assert.equal(sent.length, 3);
    assert.deepEqual(outputOf(ada, ben, 'microphone')?.frames, sent);
  });
});
