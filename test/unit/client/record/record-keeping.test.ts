import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { toBase64Url } from '../../../../src/base/bytes.ts';
import type { Refusal } from '../../../../src/base/result.ts';
import { ok } from '../../../../src/base/result.ts';
import type { Ask } from '../../../../src/client/media-session.ts';
import { RecordKeeping } from '../../../../src/client/record/record-keeping.ts';
import { makeRecordKey, readRecordKey } from '../../../../src/signaling/audit/crypto.ts';
import {
  COUNTERSIGNATURE,
  checkpointText,
  type SignedCheckpoint,
} from '../../../../src/trust/record/checkpoint.ts';
import { peekStatement } from '../../../../src/trust/signing/statement.ts';
import type { Vouched } from '../../../../src/trust/statement/vouched.ts';
import { newSeenLists } from '../../../support/certified-world.ts';
import { Ministry } from '../../../support/ministry.ts';
import { granted } from '../../../support/people.ts';

const RECORD = 'r'.repeat(22);
const newKey = () => readRecordKey(makeRecordKey());
const hash = (byte: number) => new Uint8Array(32).fill(byte);

const signed = (
  key: ReturnType<typeof newKey>,
  count: number,
  byte: number,
  record = RECORD,
): SignedCheckpoint => ({
  record,
  count,
  hash: toBase64Url(hash(byte)),
  publicKey: key.publicKey,
  signature: toBase64Url(key.sign(checkpointText(record, { count, hash: hash(byte) }))),
});

describe("what a device keeps of a relay's record", () => {
  const key = newKey();
  let kept: Map<string, SignedCheckpoint>;
  let problems: string[];
  let countersigned: Vouched[];
  let isChair: boolean;
  let keeping: RecordKeeping;

  beforeEach(async () => {
    [kept, problems, countersigned, isChair] = [new Map(), [], [], false];
    const ministry = await Ministry.open();
    const { signer, clearance } = await ministry.official('alice');
    keeping = new RecordKeeping({
      device: {
        root: ministry.people.root,
        scale: ministry.scale,
        certificate: signer.certificate,
        signing: signer.signing,
        clearance,
        lists: newSeenLists(),
        records: {
          newestOf: async (record) => kept.get(record),
          async keep(checkpoint) {
            kept.set(checkpoint.record, checkpoint);
          },
        },
      },
      ask: (async (_: string, fields: { countersignature: Vouched }) => {
        countersigned.push(fields.countersignature);
        return ok({});
      }) as unknown as Ask,
      countersigns: () => isChair,
      onKept() {},
      onProblem: (problem: Refusal) => problems.push(problem.code),
    });
  });

  it('is the newest that the relay signed, of each record', async () => {
    await keeping.take(signed(key, 5, 1));
    await keeping.take(signed(key, 9, 2));
    await keeping.take(signed(key, 2, 3, 's'.repeat(22)));
    assert.deepEqual(
      [...kept.values()].map(({ count }) => count),
      [9, 2],
    );
    assert.deepEqual(problems, []);
  });

  it('is nothing that the relay did not sign', async () => {
    const good = signed(key, 5, 1);
    await keeping.take({ ...good, count: 6 });
    await keeping.take({ ...good, publicKey: newKey().publicKey });
    assert.deepEqual(problems, ['record.not-signed', 'record.not-signed']);
    assert.equal(kept.size, 0);
  });

  it('shows a record that was made shorter or other, or that another key signs', async () => {
    await keeping.take(signed(key, 5, 1));
    await keeping.take(signed(key, 4, 1));
    await keeping.take(signed(key, 5, 2));
    await keeping.take(signed(newKey(), 6, 2));
    assert.deepEqual(problems, ['record.behind', 'record.forked', 'record.other-key']);
    assert.equal(kept.get(RECORD)?.count, 5);
  });

  it('is countersigned by who is the chair then', async () => {
    await keeping.take(signed(key, 5, 1));
    isChair = true;
    await keeping.take(signed(key, 6, 2));
    const said = countersigned.map(({ statement }) => granted(peekStatement(COUNTERSIGNATURE, statement)));
    assert.deepEqual(said, [{ record: RECORD, count: 6, hash: toBase64Url(hash(2)) }]);
  });
});
