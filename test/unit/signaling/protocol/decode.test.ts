import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { utf8 } from '../../../../src/base/bytes.ts';
import { decode } from '../../../../src/signaling/protocol/decode.ts';
import { MAX_MESSAGE_BYTES } from '../../../../src/signaling/protocol/limits.ts';
import { requestSchemas } from '../../../../src/signaling/protocol/messages.ts';
import { enterOf, STATEMENT, VOUCHED } from '../../../support/hollow-entry.ts';

const RTP = {
  codecs: [{ mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000, parameters: { 'x-start': 1 } }],
  headerExtensions: [],
  encodings: [{ ssrc: 1 }],
  rtcp: {},
};
const DTLS = { fingerprints: [{ algorithm: 'sha-256', value: 'AA:BB' }] };

const { id: _, kind: __, ...ENTER } = { ...enterOf(1), meeting: 'm' };

/** One honest request of each kind. */
const HONEST: Readonly<Record<string, object>> = {
  hello: { version: 1 },
  challenge: { meeting: 'm', purpose: 'enter' },
  convene: { charter: VOUCHED, proof: STATEMENT },
  enter: ENTER,
  act: { act: VOUCHED },
  history: { after: 0 },
  countersign: { countersignature: VOUCHED },
  group: { said: { kind: 'working', generation: 1, epoch: 4 } },
  leave: {},
  'create-transport': { direction: 'send' },
  'connect-transport': { transport: 't', dtlsParameters: DTLS },
  'restart-ice': { transport: 't' },
  produce: { transport: 't', source: 'camera', rtpParameters: RTP, paused: false },
  'pause-producer': { producer: 'p' },
  'resume-producer': { producer: 'p' },
  'close-producer': { producer: 'p' },
  receive: { transport: 't', rtpCapabilities: { codecs: [], headerExtensions: [] } },
  'resume-consumer': { consumer: 'c' },
  'pause-consumer': { consumer: 'c' },
  'prefer-layers': { consumer: 'c', spatialLayer: 2 },
  'request-key-frame': { consumer: 'c' },
};

const decodeText = (text: string) => decode(utf8(text), false);
const decodeObject = (value: object) => decodeText(JSON.stringify(value));
const refusalOf = (value: object) => {
  const decoded = decodeObject(value);
  return decoded.ok ? undefined : decoded.refusal;
};

describe('decode', () => {
  it('has an honest example of every kind', () => {
    assert.deepEqual(Object.keys(HONEST).sort(), Object.keys(requestSchemas).sort());
  });

  for (const [kind, fields] of Object.entries(HONEST)) {
    it(`takes an honest ${kind}, with and without ack`, () => {
      const message = { id: 1, kind, ...fields };
      assert.deepEqual(decodeObject(message), { ok: true, value: message });
      assert.ok(decodeObject({ ...message, ack: 3 }).ok);
    });

    it(`refuses ${kind} with a field too many, one of a wrong type, or one missing`, () => {
      const message = { id: 7, kind, ...fields };
      assert.deepEqual(refusalOf({ ...message, extra: 1 })?.code, 'protocol.invalid');
      assert.deepEqual(refusalOf({ ...message, ack: 'x' }), {
        code: 'protocol.invalid',
        message: 'ack: invalid_type',
        id: 7,
      });
      for (const name of Object.keys(fields)) {
        assert.equal(refusalOf({ ...message, [name]: [] })?.id, 7, name);
        assert.equal(refusalOf({ ...message, [name]: undefined })?.code, 'protocol.invalid', name);
      }
    });
  }

  it('takes an ack', () => {
    assert.deepEqual(decodeObject({ kind: 'ack', ack: 4 }), { ok: true, value: { kind: 'ack', ack: 4 } });
    assert.equal(refusalOf({ kind: 'ack', ack: -1 })?.code, 'protocol.unanswerable');
    assert.equal(refusalOf({ kind: 'ack', ack: 1, id: 1 })?.code, 'protocol.unanswerable');
  });

  it('refuses kinds that are no kind, among them the names of Object.prototype', () => {
    for (const kind of [
      'no-such',
      'constructor',
      'toString',
      'hasOwnProperty',
      '',
      1,
      null,
      undefined,
      ['hello'],
    ])
      assert.deepEqual(refusalOf({ id: 2, kind }), {
        code: 'protocol.unknown-kind',
        message: 'there is no request of this kind',
        id: 2,
      });
  });

  it('refuses what has no id that could be answered', () => {
    for (const id of [0, -1, 1.5, '1', null, undefined, 2 ** 53, true])
      assert.equal(refusalOf({ id, kind: 'leave' })?.code, 'protocol.unanswerable', String(id));
  });

  it('names the place of a fault and never what was written', () => {
    const secret = 'c1a55ified';
    const cases: readonly [object, string][] = [
      [{ ...ENTER, meeting: { [secret]: secret } }, 'meeting: invalid_type'],
      [
        { ...ENTER, announcement: { ...ENTER.announcement, salt: `${secret}!`.padEnd(22) } },
        'announcement.salt: invalid_format',
      ],
      [{ ...ENTER, [secret]: 1 }, 'message: unrecognized_keys'],
    ];
    for (const [fields, message] of cases)
      assert.equal(refusalOf({ id: 1, kind: 'enter', ...fields })?.message, message);
    const codecs = [{ ...RTP.codecs[0], parameters: { [secret]: [] } }];
    const produce = { id: 1, kind: 'produce', ...HONEST.produce, rtpParameters: { ...RTP, codecs } };
    assert.equal(refusalOf(produce)?.message, 'rtpParameters.codecs.0.parameters.*: invalid_union');
  });

  it('checks bytes before text, text before JSON', () => {
    const codeOf = (bytes: Uint8Array, binary = false) => {
      const decoded = decode(bytes, binary);
      return decoded.ok ? 'ok' : decoded.refusal.code;
    };
    assert.equal(codeOf(new Uint8Array(MAX_MESSAGE_BYTES + 1), true), 'protocol.too-large');
    assert.equal(codeOf(Uint8Array.of(0xff), true), 'protocol.binary');
    assert.equal(codeOf(Uint8Array.of(0xff)), 'protocol.not-utf8');
    assert.equal(codeOf(utf8('\ufeff{}')), 'protocol.not-json');
    assert.equal(codeOf(utf8('{"id":1,"kind":"leave"}'.padEnd(MAX_MESSAGE_BYTES))), 'ok');
    for (const text of [
      '',
      'null',
      '1',
      '"x"',
      '[]',
      '{',
      '{"a":1}}',
      '{"a":01}',
      "{'a':1}",
      '{"a":NaN}',
      '{"a":1,}',
    ])
      assert.equal(codeOf(utf8(text)), 'protocol.not-json', text);
  });

  it('cannot be led to a prototype', () => {
    const decoded = decodeText('{"id":1,"kind":"leave","constructor":{"prototype":{"x":1}}}');
    assert.equal(decoded.ok, false);
    assert.equal(decodeText('{"id":1,"kind":"leave","__proto__":{"ack":1}}').ok, false);
    assert.equal(Object.hasOwn(Object.prototype, 'x'), false);
  });
});
