import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { asId, type ParticipantId, type ProducerId } from '../../../../src/base/ids.ts';
import type { RtpCapabilities } from '../../../../src/base/rtp.ts';
import { wantedLayout } from '../../../../src/sfu/policy/layout.ts';
import {
  layoutSize,
  type PolicyView,
  TOP_LAYERS,
  type ViewParticipant,
} from '../../../../src/sfu/policy/view.ts';

const CODECS = {
  opus: { kind: 'audio', mimeType: 'audio/opus', preferredPayloadType: 100, clockRate: 48_000 },
  vp8: { kind: 'video', mimeType: 'video/VP8', preferredPayloadType: 101, clockRate: 90_000 },
} as const;
const BOTH: RtpCapabilities = { codecs: [CODECS.opus, CODECS.vp8], headerExtensions: [] };
const VOICE: RtpCapabilities = { codecs: [CODECS.opus], headerExtensions: [] };

const person = (name: string, fields: Partial<ViewParticipant> = {}): ViewParticipant => ({
  participant: asId<ParticipantId>(name),
  producers: [
    { producer: asId<ProducerId>(`${name}-mic`), source: 'microphone', mimeType: 'audio/opus' },
    { producer: asId<ProducerId>(`${name}-cam`), source: 'camera', mimeType: 'video/vp8' },
  ],
  receives: BOTH,
  preferred: new Map(),
  ...fields,
});

const received = (view: PolicyView, name: string): string[] => [
  ...(wantedLayout(view).get(asId<ParticipantId>(name))?.keys() ?? []),
];

describe('the wanted layout', () => {
  it('gives everybody what all the others send', () => {
    const view = [person('a'), person('b'), person('c', { producers: [] })];
    assert.deepEqual(received(view, 'a'), ['b-mic', 'b-cam']);
    assert.deepEqual(received(view, 'c'), ['a-mic', 'a-cam', 'b-mic', 'b-cam']);
    assert.equal(layoutSize(wantedLayout(view)), 8);
  });

  it('gives nothing to those who do not receive', () => {
    assert.deepEqual(received([person('a', { receives: undefined }), person('b')], 'a'), []);
  });

  it('leaves out codecs that the receiver cannot take', () => {
    assert.deepEqual(received([person('a', { receives: VOICE }), person('b')], 'a'), ['b-mic']);
  });

  it('holds each stream to what its receiver prefers, the others to nothing', () => {
    const ceiling = { spatialLayer: 1, temporalLayer: 0 };
    const preferred = new Map([[asId<ProducerId>('b-cam'), ceiling]]);
    const streams = wantedLayout([person('a', { preferred }), person('b'), person('c')]).get(asId('a'));
    assert.deepEqual(streams?.get(asId('b-cam')), ceiling);
    assert.deepEqual(streams?.get(asId('c-cam')), TOP_LAYERS);
  });

  it('never gives anybody his own', () => {
    const anybody = fc.record({ sends: fc.boolean(), receives: fc.constantFrom(BOTH, VOICE, undefined) });
    fc.assert(
      fc.property(fc.array(anybody, { maxLength: 12 }), (people) => {
        const view = people.map(({ sends, receives }, n) =>
          person(`p${n}`, { receives, ...(sends ? {} : { producers: [] }) }),
        );
        for (const [who, streams] of wantedLayout(view))
          for (const producer of streams.keys()) assert.ok(!producer.startsWith(`${who}-`), producer);
      }),
      { seed: 3 },
    );
  });
});
