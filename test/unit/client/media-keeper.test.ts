import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { BelfryError } from '../../../src/base/errors.ts';
import { MediaKeeper } from '../../../src/client/media-keeper.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { settle } from '../../support/until.ts';

const LONGEST_WAIT_MS = 10_000;

describe('the media keeper', () => {
  let clock: FakeClock;
  let told: string[];
  let keeper: MediaKeeper;
  /** How each build that was begun ends. */
  let builds: PromiseWithResolvers<void>[];
  let restart: () => Promise<void>;

  beforeEach(() => {
    clock = new FakeClock();
    told = [];
    builds = [];
    restart = async () => {};
    keeper = new MediaKeeper({
      clock,
      randomBytes: (size) => new Uint8Array(size),
      reset: () => {},
      build: () => {
        const build = Promise.withResolvers<void>();
        builds.push(build);
        return build.promise;
      },
      restartIce: (direction) => {
        told.push(`restart ${direction}`);
        return restart();
      },
      onUp: () => told.push('up'),
      onProblem: ({ code }) => told.push(`problem ${code}`),
      onGivenUp: ({ code }) => told.push(`given up ${code}`),
    });
  });

  const up = async () => {
    void keeper.rebuild();
    builds.at(-1)?.resolve();
    await settle();
    told.length = 0;
  };
  const failBuild = async (code: string, at = builds.length - 1) => {
    builds[at]?.reject(new BelfryError(code, 'it failed'));
    await settle();
  };

  it('gives the first build up at once, for a person to see', async () => {
    void keeper.rebuild();
    await failBuild('media.unavailable');
    assert.deepEqual(told, ['given up media.unavailable']);
  });

  it('tries a later build again while that may help, and not where it cannot', async () => {
    await up();
    void keeper.rebuild();
    await failBuild('media.unavailable');
    assert.deepEqual(told, ['problem media.unavailable']);
    clock.advance(LONGEST_WAIT_MS);
    assert.equal(builds.length, 3);
    await failBuild('entry.refused');
    assert.deepEqual(told, ['problem media.unavailable', 'given up entry.refused']);
  });

  it('does not care what an overtaken build comes to', async () => {
    await up();
    void keeper.rebuild();
    void keeper.rebuild();
    await failBuild('media.unknown', 1);
    assert.deepEqual(told, []);
    assert.equal(builds.length, 3, 'the newest runs once the older has ended');
    builds[2]?.resolve();
    await settle();
    assert.deepEqual(told, ['up']);
    assert.equal(clock.pendingTimers, 0);
  });

  it('counts attempts until media was up for a while', async () => {
    await up();
    const failFiveTimes = async () => {
      for (let attempt = 0; attempt < 5; attempt++) {
        void keeper.rebuild();
        keeper.onConnected('send');
        await failBuild('media.failed');
      }
    };
    await failFiveTimes();
    void keeper.rebuild();
    builds.at(-1)?.resolve();
    await settle();
    assert.deepEqual(told, [...Array(5).fill('problem media.failed'), 'up']);
    clock.advance(30_000);
    await failFiveTimes();
    assert.equal(told.filter((line) => line === 'problem media.failed').length, 10);
    void keeper.rebuild();
    builds.at(-1)?.resolve();
    await settle();
    void keeper.rebuild();
    await failBuild('media.failed');
    assert.equal(told.at(-1), 'given up media.failed', 'it was up too short');
  });

  it('restarts ICE once in each direction, and builds anew where a restarted one fails again', async () => {
    await up();
    keeper.onFailed('send');
    keeper.onFailed('receive');
    await settle();
    assert.deepEqual(told, ['restart send', 'restart receive']);
    keeper.onFailed('send');
    keeper.onFailed('receive');
    assert.deepEqual(told.slice(2), ['problem media.transport-failed']);
    clock.advance(LONGEST_WAIT_MS);
    assert.equal(builds.length, 2, 'one build for both');
  });

  it('builds anew where ICE cannot be restarted', async () => {
    await up();
    restart = () => Promise.reject(new BelfryError('media.unknown', 'gone'));
    keeper.onFailed('send');
    await settle();
    assert.deepEqual(told, ['restart send', 'problem media.unknown']);
  });

  it('leaves failing transports alone while it builds', async () => {
    await up();
    void keeper.rebuild();
    keeper.onFailed('send');
    await settle();
    assert.deepEqual(told, []);
  });

  it('does nothing any more once it is closed', async () => {
    await up();
    void keeper.rebuild();
    await failBuild('media.failed');
    keeper.close();
    keeper.onFailed('send');
    clock.advance(LONGEST_WAIT_MS);
    await settle();
    assert.equal(builds.length, 2);
  });
});
