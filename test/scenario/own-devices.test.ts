/** Who stays in a meeting, or waits before it, hears at once that the authority left word of which devices its person has. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, before, beforeEach, describe, it } from 'node:test';
import { type Mailbox, type Part, writeTo } from '../../src/app/enrolment/folder.ts';
import { relayMailbox } from '../../src/app/enrolment/mailbox.ts';
import { secureRandomBytes, systemClock } from '../../src/base/platform.ts';
import { DoorMeeting, type Way } from '../support/door-meeting.ts';
import { Ministry, type Official } from '../support/ministry.ts';
import { eventually } from '../support/until.ts';

describe('word of a person’s devices', { timeout: 60_000 }, () => {
  let ministry: Ministry;
  let alice: Official;
  let bob: Official;
  let mailbox: Mailbox;
  let door: DoorMeeting;
  /** By whom it was heard. */
  let heard: string[];

  before(async () => {
    ministry = await Ministry.open();
    ({ alice, bob } = await ministry.officials({ alice: 'secret', bob: 'secret' }));
  });
  beforeEach(async () => {
    heard = [];
    mailbox = { path: mkdtempSync(join(tmpdir(), 'belfry-own-devices-')), randomBytes: secureRandomBytes };
    const enrolment = await relayMailbox(mailbox, systemClock);
    door = await DoorMeeting.convene(ministry, alice, { admission: { kind: 'cleared' } }, {}, enrolment);
  });
  afterEach(async () => {
    await door.close();
    rmSync(mailbox.path, { recursive: true });
  });

  const listening = ({ person }: Official, way: Way = {}): Way => ({
    ...way,
    onOwnDevices: () => heard.push(person),
  });
  /** As the desk leaves it. */
  const left = ({ signer }: Official, part: Part = 'devices'): Promise<void> =>
    writeTo(mailbox, part, signer.publicKey.keyId, '{}\n');
  const hears = ({ person }: Official): Promise<void> =>
    eventually(`${person} hears it`, () => heard.includes(person));

  it('is told to who is in and to who waits, and to nobody of another’s', async () => {
    await door.enter(alice, listening(alice));
    const { promise: waiting, resolve: onWaiting } = Promise.withResolvers<void>();
    const leaving = new AbortController();
    const entering = door.tryToEnter(bob, listening(bob, { onWaiting, signal: leaving.signal }));
    await waiting;
    await left(bob);
    await hears(bob);
    assert.ok(!heard.includes(alice.person));
    await left(alice, 'answers');
    await left(alice, 'requests');
    heard = [];
    await left(bob);
    await hears(bob);
    assert.ok(!heard.includes(alice.person), 'what a device asked for itself is no news');
    await left(alice);
    await hears(alice);
    leaving.abort();
    await entering;
  });

  it('is told to the session that a device has now', async () => {
    const ada = await door.enter(alice, listening(alice));
    await left(alice);
    await hears(alice);
    await ada.meeting.leave();
    await door.enter(alice, listening(alice));
    heard = [];
    await left(alice);
    await hears(alice);
  });
});
