import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judge } from '../../../../src/client/selfcheck/judge.ts';
import type { Report, StreamReport } from '../../../../src/client/selfcheck/report.ts';
import { formatTable } from '../../../../src/client/selfcheck/table.ts';

const NAMES = ['Anna', 'Bert', 'Chloé'];
const WITNESS = { framesSeen: 1_900, framesInClear: 0 };
const none = { wrong: 0, refused: 0, broken: 0 };

const streams: readonly StreamReport[] = NAMES.flatMap((to) =>
  NAMES.filter((from) => from !== to).flatMap((from): StreamReport[] => [
    { from, to, kind: 'audio', sent: 250, due: 250, opened: 250, ...none },
    {
      from,
      to,
      kind: 'video',
      sent: 150,
      due: 150,
      opened: 149,
      ...none,
      layers: { visited: [2, 1, 0], of: 3 },
    },
  ]),
);
const sealing = NAMES.map((name) => ({ name, looked: 70, faults: {} }));
const good: Report = {
  participants: NAMES,
  suites: ['x-wing'],
  seconds: 5,
  streams,
  refusedByCode: {},
  sealing,
  faults: [],
};
/** The same with the first stream of that kind changed. */
const withChange = (kind: 'audio' | 'video', change: Partial<StreamReport>): Report => {
  const at = streams.findIndex((stream) => stream.kind === kind);
  return { ...good, streams: streams.map((stream, i) => (i === at ? { ...stream, ...change } : stream)) };
};

describe('the verdict', () => {
  it('passes where all was opened, switched and unseen, and where there was nobody to ask', () => {
    assert.deepEqual(judge(good, WITNESS), { passed: true, reasons: [] });
    assert.deepEqual(judge(good, undefined), { passed: true, reasons: [] });
  });

  for (const [what, report, reason] of [
    [
      'less than 99 % opened',
      withChange('video', { opened: 148 }),
      "Anna of Bert's video: opened 148 of 150 frames",
    ],
    ['audio, too', withChange('audio', { opened: 247 }), "Anna of Bert's audio: opened 247 of 250 frames"],
    [
      'one frame that differs',
      withChange('audio', { wrong: 1 }),
      "Anna of Bert's audio: 1 frames differ from what was sent",
    ],
    [
      'a layer that was left out',
      withChange('video', { layers: { visited: [2, 0], of: 3 } }),
      "Anna of Bert's video: no frame of layer 1 came",
    ],
    [
      'the lowest layer that never came',
      withChange('video', { layers: { visited: [2, 1], of: 3 } }),
      "Anna of Bert's video: no frame of layer 0 came",
    ],
    [
      'nothing sent',
      withChange('audio', { sent: 0, opened: 0 }),
      "Bert's audio: 0 of the 250 frames that were due were sent, under half: the machine was too busy, or the sender stalled",
    ],
    [
      'too little sent',
      withChange('video', { sent: 74, opened: 74 }),
      "Bert's video: 74 of the 150 frames that were due were sent, under half: the machine was too busy, or the sender stalled",
    ],
    ...(['frame.malformed', 'frame.sender-mismatch', 'frame.not-authentic'] as const).map(
      (code) =>
        [
          `one ${code}`,
          { ...good, refusedByCode: { [code]: 1 } },
          `1 frames were refused [${code}]`,
        ] as const,
    ),
    [
      'sealing with a fault',
      { ...good, sealing: [{ name: 'Anna', looked: 70, faults: { 'the plaintext stands in it': 68 } }] },
      "Anna's sealing, 68 of 70 frames looked at: the plaintext stands in it",
    ],
    [
      'sealing that nobody looked at',
      { ...good, sealing: [{ name: 'Anna', looked: 0, faults: {} }] },
      "Anna's sealing: no frame was looked at",
    ],
    ['a stream that is missing', { ...good, streams: streams.slice(1) }, '11 of 12 streams were measured'],
    ['a fault beside the frames', { ...good, faults: ['Anna fell out'] }, 'Anna fell out'],
  ] as const)
    it(`fails for ${what}`, () => {
      assert.deepEqual(judge(report, WITNESS), { passed: false, reasons: [reason] });
    });

  it('only shows replays and frames of a key that is not there yet, and passes half of what was due', () => {
    const refusedByCode = { 'frame.replayed': 3, 'frame.unknown-key': 1 };
    assert.deepEqual(judge({ ...good, refusedByCode }, WITNESS).reasons, []);
    assert.deepEqual(judge(withChange('audio', { sent: 125, opened: 125 }), WITNESS).reasons, []);
  });

  it('says once of a sender what every receiver of it shows', () => {
    const slow = streams.map((one) => (one.from === 'Bert' ? { ...one, sent: 9, opened: 9 } : one));
    assert.equal(judge({ ...good, streams: slow }, WITNESS).reasons.length, 2);
  });

  it('fails for a frame in clear, and for a witness that saw nothing', () => {
    assert.deepEqual(judge(good, { framesSeen: 5, framesInClear: 1 }).reasons, [
      'the relay saw 1 frames in clear',
    ]);
    assert.deepEqual(judge(good, { framesSeen: 0, framesInClear: 0 }).reasons, [
      'the relay’s witness saw no frame at all',
    ]);
  });

  it('gives every reason at once', () => {
    const report = { ...withChange('audio', { wrong: 2, opened: 0 }), faults: ['it broke'] };
    assert.equal(judge(report, { framesSeen: 0, framesInClear: 0 }).reasons.length, 4);
  });
});

describe('the table', () => {
  it('has a row for each stream, in columns of one width, and the relay’s view', () => {
    const lines = formatTable({ ...good, refusedByCode: { 'frame.replayed': 3 } }, WITNESS).split('\n');
    const [header = '', rule = '', ...rest] = lines;
    const rows = rest.slice(0, 12);
    assert.match(rows[1] ?? '', /^Anna +Bert +video +150 +149 +99\.3 % +0 +0 +0 +2 > 1 > 0$/);
    for (const row of rows) assert.equal(row.length <= header.length && rule.length === header.length, true);
    assert.deepEqual(rest.slice(12), [
      '',
      'Refused since joining: 3 frames, frame.replayed',
      'Keys were agreed on by X-Wing, X25519 and ML-KEM-768 together',
      'Sealed frames looked at on their way out: 210',
      'Relay’s view without keys: 1900 frames seen, 0 in clear',
    ]);
  });

  it('says what was not asked, and divides by nothing', () => {
    const text = formatTable(withChange('audio', { sent: 0, opened: 0 }), undefined);
    assert.match(text, /Relay’s view without keys: not asked$/);
    assert.doesNotMatch(text, /NaN/);
  });
});
