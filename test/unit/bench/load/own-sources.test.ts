import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OwnSources } from '../../../../bench/load/crew/own-sources.ts';
import type { Source } from '../../../../src/base/media.ts';

const seen = (sources: readonly Source[], code?: string) => ({
  own: new Map(sources.map((source) => [source, { paused: false }])),
  problem: code === undefined ? undefined : { code, message: 'said in words' },
});

test('a source that its own client gives up is told with why, once, and after all was begun', () => {
  const own = new OwnSources();
  assert.deepEqual(own.see(seen(['microphone', 'camera'])), []);
  assert.deepEqual(own.see(seen(['microphone'])), [], 'refused when it was asked for: told there');
  own.begin();
  assert.deepEqual(own.see(seen(['microphone', 'screen'])), []);
  assert.deepEqual(own.see(seen(['microphone'], 'frame.no-key')), ['screen stopped: frame.no-key']);
  assert.deepEqual(own.see(seen(['microphone'], 'frame.no-key')), []);
  assert.deepEqual(own.see(seen([])), ['microphone stopped: unknown']);
});
