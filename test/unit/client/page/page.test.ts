import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asId, type ConsumerId } from '../../../../src/base/ids.ts';
import type { BrowserFeatures } from '../../../../src/client/browser/support.ts';
import { formatLink } from '../../../../src/client/link.ts';
import { FAULT_CODES } from '../../../../src/client/page/fault-codes.ts';
import {
  captureFault,
  endFault,
  enrolFault,
  joinFault,
  problemFault,
  renewFault,
} from '../../../../src/client/page/faults.ts';
import { fitGrid } from '../../../../src/client/page/grid.ts';
import { loudestOf, loudnessOf, makeSpeaking } from '../../../../src/client/page/level.ts';
import { hasRefusals, lockFacts } from '../../../../src/client/page/lock.ts';
import { markingLine } from '../../../../src/client/page/marking.ts';
import { judgeOpening } from '../../../../src/client/page/opening.ts';
import { initialsOf, peopleOf } from '../../../../src/client/page/people.ts';
import { withNotice } from '../../../../src/client/page/state.ts';
import { reduce, type StoreEvent } from '../../../../src/client/store/reduce.ts';
import { INITIAL_STATE, type MeetingState } from '../../../../src/client/store/state.ts';
import { chooseTexts } from '../../../../web/texts/choose.ts';
import { ENGLISH } from '../../../../web/texts/en.ts';
import { verifiedOf } from '../../../support/hollow-entry.ts';

const FEATURES: BrowserFeatures = {
  isSecureContext: true,
  hasWebRtc: true,
  hasTransform: true,
  hasWebCrypto: true,
};
const LINK = formatLink({
  origin: 'https://relay.example',
  meeting: asId('town-hall'),
  charter: asId('A'.repeat(43)),
  root: new Uint8Array(32),
});

const stateAfter = (...events: StoreEvent[]): MeetingState => events.reduce(reduce, INITIAL_STATE);
const refusal = (code: string) => ({ code, message: '' });

describe('judgeOpening', () => {
  const faultOf = (address: string, features: Partial<BrowserFeatures> = {}) => {
    const opening = judgeOpening(address, { ...FEATURES, ...features });
    return opening.kind === 'ready' ? opening.kind : opening.fault;
  };

  test('goes on with a whole link in a browser that can', () => assert.equal(faultOf(LINK), 'ready'));
  test('tells a link without its fragment from a broken one', () => {
    for (const address of ['https://relay.example/', 'https://relay.example/#'])
      assert.equal(faultOf(address), 'link.missing');
    for (const address of [LINK.slice(0, -1), 'https://relay.example/#meeting=a'])
      assert.equal(faultOf(address), 'link.broken');
  });
  test('does not call a browser old that only hides things from an insecure page', () => {
    assert.equal(faultOf(LINK, { isSecureContext: false, hasTransform: false }), 'context.insecure');
    assert.equal(faultOf(LINK, { hasTransform: false }), 'browser.too-old');
    assert.equal(faultOf(LINK, { hasWebRtc: false }), 'browser.too-old');
  });
});

describe('faults', () => {
  test('of capturing come from the platform’s names', () => {
    const named = (name: string) => new DOMException('', name);
    assert.equal(captureFault('camera', named('NotAllowedError')), 'permission.camera');
    assert.equal(captureFault('microphone', named('NotFoundError')), 'no-device.microphone');
    assert.equal(captureFault('camera', named('NotReadableError')), 'device-busy.camera');
    assert.equal(captureFault('screen', 'no error at all'), 'device-busy.screen');
  });
  test('of a join say whose it is', () => {
    assert.equal(joinFault(refusal('entry.refused')), 'admission.refused');
    assert.equal(joinFault(refusal('join.full')), 'meeting.full');
    assert.equal(joinFault(refusal('connection.no-answer')), 'relay.unreachable');
    assert.equal(joinFault(refusal('protocol.malformed')), 'relay.version');
    assert.equal(joinFault(refusal('toString')), 'unexpected');
  });
  test('of an end tell a lost relay from one that was never there', () => {
    assert.equal(endFault(refusal('connection.timeout')), 'relay.lost');
    assert.equal(endFault(refusal('entry.refused')), 'admission.refused');
    assert.equal(endFault(refusal('meeting.ended')), 'meeting.ended');
    assert.equal(endFault(refusal('transform.worker-silent')), 'media.sealing-over');
    assert.equal(
      endFault({ code: 'meeting.ended', message: 'the meeting is over: server-stopping' }),
      'relay.stopping',
    );
  });
  test('of enrolling tell a wrong code from a relay that lies', () => {
    assert.equal(enrolFault(refusal('enrolment.refused')), 'enrolment.code');
    assert.equal(renewFault(refusal('enrolment.refused')), 'enrolment.not-renewed');
    assert.equal(enrolFault(refusal('enrolment.network')), 'relay.unreachable');
    assert.equal(enrolFault(refusal('enrolment.rate')), 'enrolment.busy');
    assert.equal(enrolFault(refusal('enrolment.other-root')), 'enrolment.other-root');
    assert.equal(renewFault(refusal('enrolment.other-key')), 'enrolment.answer');
    assert.equal(enrolFault(refusal('certificate.expired')), 'enrolment.answer');
  });
  test('of a meeting that goes on are told only where the person can do something', () => {
    for (const code of ['media.seen-in-clear', 'media.wrong-sender'])
      assert.equal(problemFault(refusal(code)), code);
    assert.equal(problemFault(refusal('sealing.bypassed')), 'media.unsealed');
    assert.equal(problemFault(refusal('transform.failed')), 'media.unsealed');
    assert.equal(problemFault(refusal('media.outdated')), undefined);
    assert.equal(problemFault(refusal('session.lost')), undefined);
  });
  test('of an entry by certificate say whether it is the device, the relay or the list', () => {
    const faults = {
      'enter.no-device': 'device.missing',
      'entry.not-admitted': 'device.not-admitted',
      'entry.not-cleared': 'clearance.too-low',
      'entry.no-clearance': 'clearance.missing',
      'entry.revoked': 'device.revoked',
      'entry.certificate-over': 'device.over',
      'entry.list-expired': 'list.not-current',
      'list.unreachable': 'list.not-current',
      'revocation.older': 'list.not-current',
      'charter.other-digest': 'charter.other',
      'group.no-epoch': 'group.no-epoch',
      'group.no-service': 'group.no-epoch',
      'mls.worker-failed': 'group.no-epoch',
      'charter.malformed': 'relay.not-believed',
      'certificate.other-root': 'relay.not-believed',
      'statement.not-authentic': 'relay.not-believed',
      'entrynothing.new': 'unexpected',
    } as const;
    for (const [code, fault] of Object.entries(faults)) {
      assert.equal(joinFault(refusal(code)), fault, code);
      assert.equal(endFault(refusal(code)), fault, code);
    }
  });
  test('of others who show no good proof call nothing unexpected that a relay may do', () => {
    const faults = {
      'entry.revoked': 'person.not-admitted',
      'entry.no-certificate': 'person.not-admitted',
      'presence.other-number': 'proof.refused',
      'statement.other-signer': 'proof.refused',
      'list.behind': 'list.not-renewed',
      'revocation.two-of-one-number': 'list.not-renewed',
      'group.stranger': 'group.doubtful',
      'group.refused': 'group.doubtful',
      'group.held-back': 'group.held-back',
      'group.cut-off': 'group.cut-off',
      'nobody.knows': 'unexpected',
    } as const;
    for (const [code, fault] of Object.entries(faults))
      assert.equal(problemFault(refusal(code)), fault, code);
  });
  test('each have a title and a sentence that says what to do, and no two are the same', () => {
    const all = FAULT_CODES.map((code) => ENGLISH.faults[code]);
    for (const { title, text } of all) assert.match(`${title}. ${text}`, /^[A-Z“].{8,}[^.]\. [A-Z].{30,}\.$/);
    assert.equal(new Set(all.map(({ title }) => title)).size, all.length);
  });
});

test('the marking stands as on documents, its groups in the reader’s language', () => {
  const groups = [
    { id: 'north', names: { nl: 'Noord', en: 'North' } },
    { id: 'south', names: { nl: 'Zuid' } },
  ];
  const markingText = 'SECRET/GEHEIM';
  assert.equal(markingLine({ markingText, groups }, 'nl'), 'SECRET/GEHEIM · Noord · Zuid');
  assert.equal(markingLine({ markingText, groups }, 'en'), 'SECRET/GEHEIM · North · south');
  assert.equal(markingLine({ markingText, groups: [] }, 'en'), 'SECRET/GEHEIM');
});

test('the lock counts what this client verified and what it refused, and nothing else', () => {
  const calm = stateAfter(
    { kind: 'joined', self: verifiedOf('me', 1) },
    { kind: 'verified', participant: verifiedOf('ada', 2) },
  );
  assert.deepEqual(lockFacts(calm), { verified: 2, refusedFrames: 0, refusedPeople: 0, refusedStreams: 0 });
  assert.equal(hasRefusals(lockFacts(calm)), false);
  for (const code of ['frame.later-epoch', 'frame.earlier-epoch', 'frame.forgotten-epoch']) {
    const otherEpoch = reduce(calm, { kind: 'frame-refused', code });
    assert.equal(hasRefusals(lockFacts(otherEpoch)), false, 'somebody came or went');
  }
  const refused: StoreEvent[] = [
    { kind: 'unverified', participant: asId('eve'), code: 'statement.not-authentic' },
    { kind: 'frame-refused', code: 'frame.replayed' },
    { kind: 'frame-refused', code: 'frame.not-authentic' },
    { kind: 'stream-refused' },
  ];
  const facts = lockFacts(refused.reduce(reduce, calm));
  assert.deepEqual(facts, { verified: 2, refusedFrames: 2, refusedPeople: 1, refusedStreams: 1 });
  assert.equal(hasRefusals(facts), true);
});

test('people have what flows, under the stream that is newest', () => {
  const ada = verifiedOf('ada', 2);
  const consumer = (id: string) => asId<ConsumerId>(id);
  const stream = (id: string, source: 'camera' | 'microphone', paused = false) => ({
    consumer: consumer(id),
    participant: ada.participant,
    source,
    paused,
    layers: undefined,
  });
  const state = stateAfter(
    { kind: 'verified', participant: ada },
    { kind: 'stream-added', stream: stream('old', 'camera') },
    { kind: 'stream-added', stream: stream('new', 'camera') },
    { kind: 'stream-added', stream: stream('mic', 'microphone', true) },
  );
  // Tracks are only passed on: any value that is told apart will do.
  const track = (id: string) => ({ id }) as MediaStreamTrack;
  const streams = (['old', 'new', 'mic', 'gone'] as const).map((id) => ({
    consumer: consumer(id),
    participant: ada.participant,
    source: id === 'mic' ? ('microphone' as const) : ('camera' as const),
    output: track(id),
  }));
  const [only, ...others] = peopleOf(state, streams);
  assert.equal(others.length, 0);
  assert.equal(only?.camera?.id, 'new');
  assert.equal(only?.microphone, undefined);
  assert.equal(only?.isMuted, true);
  assert.equal(only?.screen, undefined);
});

test('a short sound is as loud wherever it falls in what a look sees', () => {
  const beepAt = (at: number): Float32Array => {
    const samples = new Float32Array(8_192);
    for (let i = 0; i < 1_440; i++) samples[at + i] = 0.5 * Math.sin(i / 8);
    return samples;
  };
  const alone = loudnessOf(beepAt(0).subarray(0, 1_024));
  for (const at of [0, 700, 3_000, 6_700]) assert.ok(Math.abs(loudestOf(beepAt(at)) - alone) < 0.02, `${at}`);
  assert.equal(loudestOf(new Float32Array(8_192)), 0);
});

test('somebody speaks from the first loud look on, over short pauses, and not for ever', () => {
  const speaks = makeSpeaking();
  assert.equal(speaks(0.2), false);
  assert.equal(speaks(0.6), true);
  const pause = Array.from({ length: 6 }, () => speaks(0.1));
  assert.deepEqual(pause, [true, true, true, true, true, false]);
  assert.equal(speaks(0.5), true);
});

test('initials are of the first and the last word', () => {
  assert.equal(initialsOf('Ada Lovelace'), 'AL');
  assert.equal(initialsOf('maria sibylla merian'), 'MM');
  assert.equal(initialsOf('Bob'), 'B');
  assert.equal(initialsOf(' 𝒜 '), '𝒜');
  assert.equal(initialsOf('  '), '·');
});

describe('fitGrid', () => {
  const GAP = 12;
  test('keeps all tiles inside the box, as large as can be', () => {
    for (const [width, height] of [
      [1280, 700],
      [1920, 1000],
      [700, 1280],
    ] as const)
      for (let count = 1; count <= 16; count++) {
        const { columns, tileWidthPx } = fitGrid(count, width, height, GAP);
        const rows = Math.ceil(count / columns);
        assert.ok(columns * tileWidthPx + (columns - 1) * GAP <= width);
        assert.ok((rows * tileWidthPx * 9) / 16 + (rows - 1) * GAP <= height + 1);
      }
    assert.equal(fitGrid(4, 1280, 720, GAP).columns, 2);
  });
  test('lets a phone scroll rather than show nobody’s face', () => {
    const { columns, tileWidthPx } = fitGrid(60, 366, 600, GAP);
    assert.deepEqual([columns, tileWidthPx], [2, 177]);
  });
  test('stands a box that was not measured yet', () => {
    assert.equal(fitGrid(3, 0, 0, GAP).columns, 1);
  });
});

test('loudness runs from silence to full scale by decibels', () => {
  const tone = (amplitude: number) =>
    Float32Array.from({ length: 480 }, (_, i) => amplitude * Math.sin(i / 5));
  assert.equal(loudnessOf(new Float32Array(480)), 0);
  assert.equal(loudnessOf(new Float32Array(0)), 0);
  const steps = [0.01, 0.1, 0.9].map((amplitude) => loudnessOf(tone(amplitude)));
  assert.deepEqual(steps, [...steps].sort());
  assert.ok((steps[0] ?? 0) > 0 && (steps[2] ?? 1) < 1);
});

test('notices are few, each once', () => {
  const three = (['unexpected', 'media.no-path', 'media.unsealed'] as const).reduce(withNotice, []);
  assert.deepEqual(withNotice(three, 'media.no-path'), three);
  assert.deepEqual(withNotice(three, 'unplugged.camera'), [
    'media.no-path',
    'media.unsealed',
    'unplugged.camera',
  ]);
});

test('texts come in the first language that there is', () => {
  assert.equal(chooseTexts(['xx-YY', 'en-GB']).language, 'en');
  assert.equal(chooseTexts(['constructor']).texts, ENGLISH);
  assert.equal(chooseTexts([]).texts, ENGLISH);
});
