import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asId, type MeetingId } from '../../../../src/base/ids.ts';
import { ok, type Result, refuse } from '../../../../src/base/result.ts';
import type { Meeting } from '../../../../src/client/meeting.ts';
import { epochFacts } from '../../../../src/client/page/epoch.ts';
import { type Join, Page } from '../../../../src/client/page/page.ts';
import type { CharterFacts } from '../../../../src/client/people/charter-facts.ts';
import { reduce, type StoreEvent } from '../../../../src/client/store/reduce.ts';
import { INITIAL_STATE, type MeetingState } from '../../../../src/client/store/state.ts';
import type { StatementDigest } from '../../../../src/trust/statement/statement.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { verifiedOf } from '../../../support/hollow-entry.ts';
import { settle } from '../../../support/until.ts';

type Input = MediaStreamTrack;

/** What the page does with a track: it hears that it ended, and ends it. */
class FakeTrack extends EventTarget {
  readyState: MediaStreamTrackState = 'live';
  stop(): void {
    this.readyState = 'ended';
  }
  getSettings(): MediaTrackSettings {
    return {};
  }
}

class FakeStream {
  readonly video = new FakeTrack();
  readonly audio = new FakeTrack();
  getVideoTracks = (): FakeTrack[] => [this.video];
  getAudioTracks = (): FakeTrack[] => [this.audio];
}

/** A meeting whose relay answers when the test says so. */
class SlowMeeting {
  state = INITIAL_STATE;
  readonly produced: string[] = [];
  #listener: (state: MeetingState) => void = () => {};
  readonly #waiting: ((outcome: Result<void>) => void)[] = [];
  onStream = () => () => {};
  onChange = (listener: (state: MeetingState) => void) => {
    this.#listener = listener;
    return () => {};
  };
  leave = async () => {};
  stop = async () => ok(undefined);
  setPaused = async () => ok(undefined);
  preferLayers = async () => ok(undefined);
  produce = (source: string, _: unknown, isPaused: boolean): Promise<Result<void>> => {
    this.produced.push(isPaused ? `${source} paused` : source);
    return new Promise((settled) => this.#waiting.push(settled));
  };
  change(...events: readonly StoreEvent[]): void {
    this.state = events.reduce(reduce, this.state);
    this.#listener(this.state);
  }
  answer(outcome: Result<void>): Promise<void> {
    for (const settled of this.#waiting.splice(0)) settled(outcome);
    return settle();
  }
}

const fake = <T>(stand: object): T => stand as T;
const LINK = {
  origin: '',
  meeting: asId<MeetingId>('m'),
  charter: asId<StatementDigest>('digest'),
  root: new Uint8Array(32),
};

const openPage = async (prepare: (page: Page) => Promise<void> = async () => {}) => {
  const screen = new FakeStream();
  const devices = new FakeStream();
  const media = Object.assign(new EventTarget(), {
    getUserMedia: async () => devices,
    getDisplayMedia: async () => screen,
    enumerateDevices: async () => [],
  });
  const meeting = new SlowMeeting();
  const page = new Page({
    link: LINK,
    media: fake<MediaDevices>(media),
    join: async () => ok(fake<Meeting<Input, Input>>(meeting)),
    onEnrolAgain: () => assert.fail('nobody enrols here'),
    clock: new FakeClock(),
    onListenerError: (error) => assert.fail(String(error)),
  });
  await prepare(page);
  void page.join();
  await settle();
  return { page, meeting, screen, devices };
};

describe('what the person stops while it is being started', () => {
  const failed = refuse('media.failed', 'track ended');

  test('is no fault, and what belongs to it is not started any more', async () => {
    const { page, meeting, screen } = await openPage();
    void page.toggleScreen();
    await settle();
    await page.toggleScreen();
    await meeting.answer(failed);
    assert.deepEqual(page.state.notices, []);
    assert.deepEqual(meeting.produced, ['screen']);
    assert.deepEqual([screen.video.readyState, screen.audio.readyState], ['ended', 'ended']);
  });

  test('is told where it failed by itself', async () => {
    const { page, meeting, screen } = await openPage();
    void page.toggleScreen();
    await settle();
    await meeting.answer(failed);
    assert.deepEqual(page.state.notices, ['unexpected']);
    assert.equal(screen.video.readyState, 'ended');
  });

  test('says once that a device is gone', async () => {
    const { page, meeting, devices } = await openPage();
    void page.toggleCamera();
    await settle();
    devices.video.stop();
    devices.video.dispatchEvent(new Event('ended'));
    await meeting.answer(failed);
    assert.deepEqual(page.state.notices, ['unplugged.camera']);
  });
});

test('who joins muted sends a microphone that is paused from the start', async () => {
  const { page, meeting } = await openPage(async (before) => {
    await before.startDevices();
    await before.toggleMicrophone();
  });
  await meeting.answer(ok(undefined));
  assert.deepEqual(meeting.produced, ['microphone paused', 'camera']);
  assert.equal(page.state.isMuted, true);
});

test('marks the code that the person read, not the one that came meanwhile', async () => {
  const { page, meeting } = await openPage();
  const epoch = (number: bigint, names: readonly string[]): StoreEvent => {
    const joined = names.map((name) => verifiedOf(name));
    return { kind: 'epoch', epoch: { number, code: { digits: `${number}`, words: [] }, joined, left: [] } };
  };
  const shown = () => {
    const facts = epochFacts(meeting.state, page.state.reading);
    return [facts?.number, facts?.isOutdated, facts?.wasCompared, facts?.changes[0]?.joined.names];
  };
  meeting.change({ kind: 'phase', phase: { kind: 'in' } }, epoch(5n, ['Ada']));
  page.readCode('opened');
  meeting.change(epoch(6n, ['Eve']));
  assert.deepEqual(shown(), ['5', true, false, ['Ada']]);
  page.readCode('compared');
  assert.deepEqual(shown(), ['6', false, true, ['Eve']]);
  await page.leave();
  assert.equal(epochFacts(meeting.state, page.state.reading)?.wasCompared, false);
});

describe('a page that joins by certificate', () => {
  const CHARTER: CharterFacts = {
    digest: asId('digest'),
    suite: 'x-wing',
    chair: asId('chair'),
    marking: { scale: 'sample', level: 'high', groups: [] },
    markingText: 'HIGH',
    groups: [],
  };
  const open = (
    join: Join,
    onEnrolAgain: (fault: string | undefined) => void = () => {},
    hearOfDevices = () => {},
  ) =>
    new Page({
      link: LINK,
      media: fake<MediaDevices>(Object.assign(new EventTarget(), {})),
      join,
      onEnrolAgain,
      hearOfDevices,
      clock: new FakeClock(),
      onListenerError: (error) => assert.fail(String(error)),
    });

  test('says once, in words of its own, that another device leaves for this one', async () => {
    const page = open(async (_link, _name, { onReplacing }) => {
      onReplacing();
      return refuse('media.transport-failed', '');
    });
    const notices: (readonly string[])[] = [];
    page.onChange((state) => notices.push(state.notices));
    await page.join();
    assert.deepEqual(
      notices.find((codes) => codes.length > 0),
      ['device.replacing'],
    );
  });

  test('shows the marking as soon as it is known', async () => {
    const { promise, resolve } = Promise.withResolvers<ReturnType<typeof refuse>>();
    const page = open((_link, _name, { onCharter }) => {
      onCharter(CHARTER);
      return promise;
    });
    const joining = page.join();
    assert.deepEqual([page.state.screen.kind, page.state.charter], ['joining', CHARTER]);
    resolve(refuse('media.transport-failed', ''));
    await joining;
  });

  test('hears nothing of an attempt that was cancelled', async () => {
    let tell: (charter: CharterFacts) => void = () => {};
    const page = open((_link, _name, { onCharter }) => {
      tell = onCharter;
      return new Promise(() => {});
    });
    void page.join();
    page.cancelJoin();
    tell(CHARTER);
    assert.deepEqual([page.state.screen.kind, page.state.charter], ['check', undefined]);
  });

  test('offers to enrol again where the device is what was wrong, and nowhere else', async () => {
    const asked: unknown[] = [];
    let code = 'entry.refused';
    const page = open(
      async () => refuse(code, ''),
      (fault) => asked.push(fault),
    );
    await page.join();
    assert.equal(page.mayEnrolAgain, false);
    code = 'entry.revoked';
    await page.join();
    assert.equal(page.mayEnrolAgain, true);
    page.enrolAgain();
    assert.deepEqual(asked, ['device.revoked']);
  });

  test('asks for word of other devices when it joins, and whenever the relay says that there is some', async () => {
    let asked = 0;
    const page = open(
      async (_link, _name, { onOwnDevices }) => {
        assert.equal(asked, 1);
        onOwnDevices();
        assert.equal(asked, 2);
        return refuse('media.transport-failed', '');
      },
      undefined,
      () => {
        asked += 1;
      },
    );
    await page.join();
    assert.equal(asked, 2);
  });

  test('tells of new devices until the person knows them', async () => {
    const page = open(() => new Promise(() => {}));
    page.tellNewDevices([asId('d1')]);
    assert.deepEqual([page.state.newDevices, page.state.notices], [['d1'], ['device.new']]);
    await page.dismiss('device.new');
    assert.deepEqual([page.state.newDevices, page.state.notices], [[], []]);
  });
});
