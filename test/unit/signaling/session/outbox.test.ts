import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { utf8 } from '../../../../src/base/bytes.ts';
import { Outbox } from '../../../../src/signaling/session/outbox.ts';

const LIMITS = { maxOutboxMessages: 4, maxOutboxBytes: 20 };
const numbered = (seq: number) => utf8(`m${seq}`);
const texts = (messages: readonly Uint8Array[] | undefined) =>
  messages?.map((message) => new TextDecoder().decode(message));

describe('outbox', () => {
  it('numbers from 1 and keeps until acknowledged', () => {
    const outbox = new Outbox(LIMITS);
    for (let i = 0; i < 3; i++) outbox.append(numbered);
    assert.deepEqual(texts(outbox.after(0)), ['m1', 'm2', 'm3']);
    assert.ok(outbox.acknowledge(2));
    assert.equal(outbox.after(1), undefined);
    assert.deepEqual(texts(outbox.after(2)), ['m3']);
    assert.deepEqual(texts(outbox.after(3)), []);
    assert.equal(outbox.after(4), undefined);
  });

  it('takes an old acknowledgement for nothing, and refuses one of the future', () => {
    const outbox = new Outbox(LIMITS);
    for (let i = 0; i < 3; i++) outbox.append(numbered);
    outbox.acknowledge(3);
    assert.ok(outbox.acknowledge(1));
    assert.equal(outbox.lastSeq, 3);
    assert.equal(outbox.acknowledge(4), false);
  });

  it('is full at its number of messages', () => {
    const outbox = new Outbox(LIMITS);
    for (let i = 0; i < 4; i++) assert.ok(outbox.append(numbered));
    assert.equal(outbox.append(numbered), undefined);
    outbox.acknowledge(1);
    assert.deepEqual(texts([outbox.append(numbered) ?? utf8('')]), ['m5']);
  });

  it('is full at its number of bytes', () => {
    const outbox = new Outbox(LIMITS);
    assert.ok(outbox.append(() => new Uint8Array(12)));
    assert.equal(
      outbox.append(() => new Uint8Array(9)),
      undefined,
    );
    assert.ok(outbox.append(() => new Uint8Array(8)));
    outbox.acknowledge(1);
    assert.ok(outbox.append(() => new Uint8Array(12)));
  });

  it('replays every message once and in order, wherever the client stands', () => {
    const moves = fc.array(fc.constantFrom('send', 'receive', 'ack', 'resume'), { maxLength: 60 });
    fc.assert(
      fc.property(moves, (all) => {
        const outbox = new Outbox({ maxOutboxMessages: 1_000, maxOutboxBytes: 1_000_000 });
        const got: string[] = [];
        const missed = () => texts(outbox.after(got.length)) ?? assert.fail('no position');
        const act: Record<string, () => void> = {
          send: () => outbox.append(numbered),
          receive: () => got.push(...missed().slice(0, 1)),
          resume: () => got.push(...missed()),
          ack: () => assert.ok(outbox.acknowledge(got.length)),
        };
        for (const move of all) act[move]?.();
        got.push(...missed());
        assert.deepEqual(
          got,
          Array.from({ length: outbox.lastSeq }, (_, at) => `m${at + 1}`),
        );
      }),
    );
  });
});
