import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { openRelayStore, storePathIn } from '../../../src/app/store/store.ts';
import { runBelfry } from '../../support/belfry-process.ts';
import { appendTo } from '../../support/store-plan.ts';
import { idOf, meetingOf } from '../../support/stored.ts';

describe('belfry store', () => {
  let home: string;
  let stateDir: string;
  let file: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'belfry-store-'));
    stateDir = join(home, 'state');
    file = join(home, 'backup');
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const belfry = async (...args: string[]) => {
    const run = runBelfry(['store', ...args, '--state-dir', stateDir]);
    const { status } = await run.ended;
    return { status, output: run.output(), errors: run.errors() };
  };

  test('backs up a relay that runs, and restores when it does not', async () => {
    const relay = await openRelayStore(stateDir);
    relay.openMeeting(meetingOf(1));
    appendTo(relay, idOf(1), ['one', 'two']);
    const backup = await belfry('backup', file);
    assert.deepEqual([backup.status, backup.errors], [0, '']);
    assert.match(
      backup.output,
      /Meetings: 1 open, 0 ended\n[\s\S]*Entries: +2 of[^\n]*\nList: +none seen\nWhole/,
    );
    assert.equal(statSync(file).mode & 0o777, 0o600);
    relay.endMeeting(idOf(1), 2_000);

    const busy = await belfry('restore', file);
    assert.equal(busy.status, 1);
    assert.match(
      busy.errors,
      new RegExp(`process ${process.pid} works with.*\\[store\\.busy\\]\\n.*stop it`),
    );
    assert.deepEqual(relay.openMeetings(), [], 'it was left alone');
    relay.close();

    const restored = await belfry('restore', file);
    assert.deepEqual([restored.status, restored.errors], [0, '']);
    const [, aside = ''] = /^Aside: +(.*)$/m.exec(restored.output) ?? [];
    assert.equal(existsSync(aside), true);
    assert.match(restored.output, /decided after this backup was made is not in it/);
    const again = await openRelayStore(stateDir);
    assert.deepEqual(again.openMeetings(), [meetingOf(1)]);
    assert.deepEqual(again.entriesAfter(idOf(1), 0, 100), ['one', 'two']);
    again.close();
  });

  test('says of a store, in use or not, and of a backup whether it is whole', async () => {
    const none = await belfry('verify');
    assert.equal(none.status, 1);
    assert.match(none.errors, /holds no store \[store\.none\]\n.*--state-dir/);
    assert.equal(existsSync(stateDir), false);
    const relay = await openRelayStore(stateDir);
    relay.openMeeting(meetingOf(1));
    const inUse = await belfry('verify');
    assert.equal(inUse.status, 0);
    assert.match(inUse.output, /Meetings: 1 open[\s\S]*Whole/);
    relay.close();
    writeFileSync(storePathIn(stateDir), 'x'.repeat(9_000));
    const damaged = await belfry('verify', storePathIn(stateDir));
    assert.equal(damaged.status, 1);
    assert.match(damaged.errors, /relay\.sqlite is damaged.*\[store\.damaged\]\n.*belfry store restore FILE/);
  });

  test('takes no wrong command line', async () => {
    for (const args of [['backup'], ['restore'], ['verify', 'one', 'two']]) {
      const { status, errors } = await belfry(...args);
      assert.equal(status, 2, args.join(' '));
      assert.match(errors, /belfry store .*--help/);
    }
  });
});
