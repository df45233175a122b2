import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { asId, type MeetingId, type ParticipantId, type SessionId } from '../../../../src/base/ids.ts';
import { silentLogger } from '../../../../src/base/logger.ts';
import {
  makeRecordKey,
  readRecordKey,
  sha256,
  verifySignature,
} from '../../../../src/signaling/audit/crypto.ts';
import type { AuditEntry } from '../../../../src/signaling/audit/entry.ts';
import { type AuditMedium, AuditRecord } from '../../../../src/signaling/audit/record.ts';
import { type KeptCheckpoint, readKept } from '../../../../src/signaling/audit/schema.ts';
import { RecordVerifier, type VerifyOptions } from '../../../../src/signaling/audit/verify.ts';
import type { OrderKind } from '../../../../src/trust/acts/act.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const newKey = () => readRecordKey(makeRecordKey());

/** Room for as many characters as it is given. */
class Paper implements AuditMedium {
  text = '';
  room = Number.POSITIVE_INFINITY;
  isHeld = false;
  static readonly RESERVE = 2_000;
  append(text: string): void {
    if (text.length > this.room) throw new Error('full');
    this.room -= text.length;
    this.text += text;
  }
  holdReserve(): boolean {
    if (this.isHeld) return true;
    if (this.room < Paper.RESERVE) return false;
    this.room -= Paper.RESERVE;
    this.isHeld = true;
    return true;
  }
  releaseReserve(): void {
    if (this.isHeld) this.room += Paper.RESERVE;
    this.isHeld = false;
  }
  close(): void {}
}

const meeting = asId<MeetingId>('m');
const left = (participant: string): AuditEntry => ({
  kind: 'participant-left',
  meeting,
  participant: asId<ParticipantId>(participant),
  why: 'left',
});
const joined = (by: string): AuditEntry => ({
  kind: 'decision',
  meeting,
  asked: 'entry',
  allowed: true,
  rule: 'charter',
  by: asId<SessionId>(by),
});
const act = (order: OrderKind, allowed = true): AuditEntry => ({
  kind: 'act',
  meeting,
  order,
  allowed,
  rule: 'acts',
  by: asId<SessionId>('a'),
  on: [],
  marking: { scale: 's', level: 'l', groups: [] },
  twoPersons: true,
});

const RECORD = 'r'.repeat(22);

const write = (key = newKey(), id = RECORD, medium = new Paper(), clock = new FakeClock()) => {
  const opening = { kind: 'record', record: id, publicKey: key.publicKey } as const;
  const record = new AuditRecord({ medium, sha256, sign: key.sign, opening, clock, logger: silentLogger });
  return { record, medium, clock, key };
};

const judge = (text: string, options: Partial<VerifyOptions> = {}) => {
  const verifier = new RecordVerifier({ sha256, verify: verifySignature, ...options });
  const lines = text.split('\n');
  const rest = lines.pop();
  for (const line of lines) verifier.take(line);
  return verifier.end(rest);
};
const found = (text: string, options: Partial<VerifyOptions> = {}): string[] =>
  judge(text, options).findings.map(({ code, line }) => `${line} ${code}`);

describe('a record', () => {
  let text: string;
  let lines: string[];
  let kept: KeptCheckpoint;
  let key: ReturnType<typeof newKey>;
  /** 1 opening, 2 to 4 joins, 5 checkpoint, 6 to 8 departures, 9 checkpoint, 10 stopped, 11 checkpoint. */
  beforeEach(() => {
    const written = write();
    key = written.key;
    for (const by of ['a', 'b', 'c']) written.record.write(joined(by));
    kept = written.record.checkpoint() ?? assert.fail();
    for (const participant of ['a', 'b', 'c']) written.record.write(left(participant));
    written.record.checkpoint();
    written.record.close();
    text = written.medium.text;
    lines = text.split(/(?<=\n)/);
  });
  const without = (...numbers: number[]) => lines.filter((_, i) => !numbers.includes(i + 1)).join('');

  test('that is whole has nothing to find', () => {
    const verdict = judge(text, { publicKey: key.publicKey, kept: [kept] });
    assert.deepEqual(verdict, {
      findings: [],
      opening: { kind: 'record', record: RECORD, publicKey: key.publicKey },
      beganUnixMs: 1_700_000_000_000,
      lines: 11,
      checkpoints: 3,
      unsigned: 0,
      hasStopped: true,
    });
  });

  test('shows an edit at its line', () => {
    assert.deepEqual(found(text.replace('"by":"b"', '"by":"x"')), ['3 line.altered']);
  });

  test('shows an edit whose own hash was made anew at the line after it', () => {
    const forged = write(key);
    forged.record.write(joined('a'));
    forged.record.write(joined('x'));
    const other = forged.medium.text.split(/(?<=\n)/)[2] ?? '';
    const codes = found([...lines.slice(0, 2), other, ...lines.slice(3)].join(''));
    assert.equal(codes[0]?.endsWith('line.altered'), true);
  });

  test('shows an edit after which every hash was made anew at the next checkpoint', () => {
    const thief = { ...newKey(), publicKey: key.publicKey };
    const forged = write(thief);
    for (const by of ['a', 'x', 'c']) forged.record.write(joined(by));
    forged.record.checkpoint();
    assert.deepEqual(found(forged.medium.text), ['5 checkpoint.forged']);
  });

  test('shows a cut, a reorder and a repeat', () => {
    assert.deepEqual(found(without(6, 7)), ['6 lines.missing']);
    const [, , second = '', third = ''] = lines;
    const swapped = [...lines.slice(0, 2), third, second, ...lines.slice(4)].join('');
    assert.equal(found(swapped)[0], '3 lines.missing');
    assert.equal(found(swapped)[1], '4 lines.out-of-order');
    assert.equal(
      found([...lines.slice(0, 3), second, ...lines.slice(3)].join(''))[0],
      '4 lines.out-of-order',
    );
    assert.deepEqual(found(without(1)).slice(0, 1), ['1 lines.missing']);
  });

  test('whose end is gone is told from one that is whole only by what somebody kept', () => {
    const short = lines.slice(0, 3).join('');
    assert.deepEqual(found(short), []);
    assert.equal(judge(short).unsigned, 3);
    assert.deepEqual(found(short, { kept: [kept] }), ['3 checkpoint.beyond-end']);
    assert.deepEqual(found(`${text}abc`), ['12 end.torn']);
  });

  test('that was swapped for another, or went another way, does not fit what was kept or named', () => {
    const other = write();
    for (const by of ['a', 'b', 'c']) other.record.write(joined(by));
    other.record.checkpoint();
    assert.deepEqual(found(other.medium.text, { publicKey: key.publicKey }), ['1 record.other']);
    assert.deepEqual(found(other.medium.text, { kept: [kept] }), ['4 checkpoint.forked']);
    const fork = write(key);
    for (const by of ['a', 'b', 'd']) fork.record.write(joined(by));
    fork.record.checkpoint();
    assert.deepEqual(found(fork.medium.text, { kept: [kept] }), ['4 checkpoint.forked']);
    const renamed = write(key, 'R'.repeat(22));
    assert.deepEqual(found(renamed.medium.text, { kept: [kept] }), ['1 record.other']);
  });

  test('that is none is said to be none', () => {
    assert.deepEqual(found('hello\n{}\n'), ['1 line.unreadable', '2 line.unreadable', '2 record.headless']);
    assert.deepEqual(found(''), ['0 record.headless']);
  });

  test('shows any single byte that was changed', () => {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) === 0x41 ? 0x42 : 0x41;
      assert.notDeepEqual(found(changed.toString('latin1')), [], `byte ${at}`);
    }
  });

  test('a checkpoint that was kept survives its file', () => {
    assert.deepEqual(readKept(JSON.stringify(kept)), kept);
    for (const broken of ['', '{}', '[]', '{"record":1}', '{"record":"a","count":1.5,"hash":""}'])
      assert.equal(readKept(broken), undefined);
  });
});

describe('writing a record', () => {
  test('signs once a minute what is not signed, and every 256 lines', () => {
    const { record, medium, clock } = write();
    record.write(joined('a'));
    clock.advance(60_000);
    assert.equal(judge(medium.text).checkpoints, 1);
    clock.advance(60_000);
    assert.equal(judge(medium.text).checkpoints, 1, 'nothing new to sign');
    for (let i = 0; i < 256; i++) record.write(joined(`${i}`));
    assert.equal(judge(medium.text).checkpoints, 2);
  });

  test('lets nobody in where there is no room, and still writes who leaves and what ends', () => {
    const { record, medium } = write();
    assert.equal(record.write(joined('a')).ok, true);
    medium.room = 10;
    assert.equal(record.write(joined('b')).ok, false);
    assert.equal(record.isWritable, false);
    assert.equal(record.write(left('a')).ok, true, 'by the reserve');
    assert.equal(record.write(joined('c')).ok, false, 'the reserve is for nobody who enters');
    assert.equal(record.write({ kind: 'meeting-ended', meeting, why: 'ended' }).ok, true);
    medium.room = 1e6;
    assert.equal(record.write(joined('d')).ok, true);
    assert.equal(record.isWritable, true);
    record.close();
    assert.deepEqual(found(medium.text), []);
  });

  test('still writes who was taken out, by whom, and what was ended, and nothing that gives somebody more', () => {
    const { record, medium } = write();
    medium.room = 10;
    for (const order of ['remove', 'turn-away', 'end'] as const)
      assert.equal(record.write(act(order)).ok, true, order);
    const stays = { kind: 'decision', meeting, asked: 'stay', allowed: false, rule: 'r' } as const;
    assert.equal(record.write({ ...stays, by: asId<SessionId>('a') }).ok, true);
    assert.equal(record.write(act('grant')).ok, false);
    assert.equal(record.write(act('remove', false)).ok, false, 'what was refused takes nobody out');
    assert.deepEqual(found(medium.text), []);
  });

  test('does not begin where it cannot write', () => {
    const medium = new Paper();
    medium.room = 10;
    assert.throws(() => write(newKey(), 'r', medium), { code: 'audit.unwritable' });
  });
});
