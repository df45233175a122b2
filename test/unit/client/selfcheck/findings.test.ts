import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { causesOf, type Findings } from '../../../../src/client/selfcheck/findings.ts';

const nothing: Findings = { wrong: 0, refusedByCode: {}, sealing: [], stopped: [], faults: [] };

describe('why it did not come to a measurement', () => {
  it('knows nothing where nothing was found', () => {
    const sealing = [{ name: 'Anna', looked: 0, faults: {} }];
    assert.deepEqual(causesOf({ ...nothing, sealing }), []);
  });

  it('names what the relay read, what sealing lacks, what differs, what was refused, and faults', () => {
    const found = causesOf({
      wrong: 12,
      refusedByCode: { 'frame.not-authentic': 40, 'frame.unknown-key': 2 },
      sealing: [{ name: 'Anna', looked: 8, faults: { 'the plaintext stands in it': 7 } }],
      stopped: [
        { name: 'Bert', code: 'media.seen-in-clear' },
        { name: 'Anna', code: 'media.wrong-sender' },
      ],
      faults: ['media-listener-failed'],
    });
    assert.deepEqual(found, [
      'the relay stopped a source of Bert that it could read [media.seen-in-clear]',
      'the relay stopped a source of Anna whose frames did not carry its number [media.wrong-sender]',
      "Anna's sealing, 7 of 8 frames looked at: the plaintext stands in it",
      '12 frames arrived and differ from what was sent',
      '40 frames were refused [frame.not-authentic]',
      '2 frames were refused [frame.unknown-key]',
      'media-listener-failed',
    ]);
  });
});
