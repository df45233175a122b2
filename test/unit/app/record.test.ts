import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { findRecords, newRecordPath, recordFolderIn } from '../../../src/app/record/files.ts';
import {
  judgeRecord,
  judgeRecords,
  keyBeside,
  printExport,
  readCheckpoint,
} from '../../../src/app/record/inspect.ts';
import { openRecord } from '../../../src/app/record/record.ts';
import { asId, type MeetingId, type SessionId } from '../../../src/base/ids.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { secureRandomBytes } from '../../../src/base/platform.ts';
import { readRecordKey, sha256 } from '../../../src/signaling/audit/crypto.ts';
import { openAuditFile } from '../../../src/signaling/audit/file.ts';
import { AuditRecord } from '../../../src/signaling/audit/record.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { heldReserves } from '../../support/held-reserve.ts';

describe('the record of a relay', () => {
  let stateDir: string;
  beforeEach(() => {
    stateDir = mkdtempSync(join(tmpdir(), 'belfry-record-'));
  });
  afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

  const clock = new FakeClock();
  const open = () => openRecord({ stateDir, clock, randomBytes: secureRandomBytes, logger: silentLogger });
  const opened = (meeting: string) =>
    ({ kind: 'meeting-opened', meeting: asId<MeetingId>(meeting) }) as const;
  const linesOf = async (path: string, wanted: object) => {
    const lines: string[] = [];
    await printExport([{ path, isWhole: true }], wanted, clock.unixMs(), (line) => lines.push(line));
    return lines;
  };

  test('begins anew at each start, under one key, for its owner alone', async () => {
    const [first, second] = [await open(), await open()];
    first.audit.close();
    second.audit.close();
    const paths = await findRecords(recordFolderIn(stateDir));
    assert.equal(paths.length, 2);
    const verdicts = await Promise.all(paths.map((path) => judgeRecord(path, {})));
    assert.deepEqual(
      verdicts.flatMap(({ findings }) => findings),
      [],
    );
    assert.equal(verdicts[0]?.opening?.publicKey, verdicts[1]?.opening?.publicKey);
    for (const path of [...paths, join(stateDir, 'record.pem')]) assert.equal(statSync(path).mode & 0o077, 0);
  });

  test('says of one meeting what belongs to it', async () => {
    const { audit, path } = await open();
    for (const meeting of ['a', 'b', 'a']) audit.write(opened(meeting));
    assert.equal((await linesOf(path, { meeting: 'a' })).length, 2);
    assert.equal((await linesOf(path, { reference: 'none' })).length, 0);
    audit.close();
  });

  test('is exported above a marking when two people allowed it, and one who was refused is found all the same', async () => {
    const { audit, path } = await open();
    const label = { scale: 's', level: 'secret', groups: [] };
    const of = { meeting: asId<MeetingId>('a'), marking: label, twoPersons: true } as const;
    const by = asId<SessionId>('s1');
    const refused = {
      kind: 'decision',
      asked: 'entry',
      allowed: false,
      rule: 'r',
      by,
      reference: 'ABCD-EFGH',
    } as const;
    audit.write({ ...of, ...refused });
    audit.write(opened('b'));
    const exported = async (isWhole = true) => {
      const lines: string[] = [];
      const print = (line: string) => lines.push(line);
      const { refused } = await printExport([{ path, isWhole }], { meeting: 'a' }, clock.unixMs(), print);
      return [lines.length, refused.get('a')?.code];
    };
    assert.deepEqual(await exported(), [0, 'export.not-allowed']);
    assert.equal((await linesOf(path, {})).filter((line) => line.includes('"a"')).length, 0);
    assert.equal((await linesOf(path, { reference: 'ABCD-EFGH' })).length, 1);
    const act = { kind: 'act', order: 'allow-export', allowed: true, rule: 'acts', by, on: [] } as const;
    audit.write({ ...of, ...act });
    audit.write({ ...of, kind: 'export-allowed', by: [by, asId<SessionId>('s2')] });
    assert.deepEqual(await exported(), [3, undefined]);
    assert.deepEqual(await exported(false), [0, 'export.not-whole']);
    audit.close();
  });

  test('is whole as far as it goes when its process is killed', async () => {
    const { audit, path } = await open();
    audit.write(opened('a'));
    const { findings, unsigned, lines } = await judgeRecord(path, {});
    assert.deepEqual([findings, lines, unsigned], [[], 2, 2]);
    audit.close();
  });

  test('is held against what was noted down of it', async () => {
    const { audit, path } = await open();
    audit.write(opened('a'));
    const kept = join(stateDir, 'kept.json');
    writeFileSync(kept, JSON.stringify(audit.checkpoint() ?? assert.fail()));
    audit.close();
    const checkpoint = await readCheckpoint(kept);
    const expected = { kept: [checkpoint] };
    assert.deepEqual((await judgeRecord(path, expected)).findings, []);
    const lines = readFileSync(path, 'utf8').split(/(?<=\n)/);
    writeFileSync(path, lines.slice(0, 1).join(''));
    assert.deepEqual(
      (await judgeRecord(path, expected)).findings.map(({ code }) => code),
      ['checkpoint.beyond-end'],
    );
    const other = await open();
    other.audit.close();
    assert.deepEqual(
      (await judgeRecord(other.path, expected)).findings.map(({ code }) => code),
      ['record.other'],
    );
    const paths = [path, other.path];
    const both = await judgeRecords({ paths, isOne: false }, { kept: checkpoint });
    assert.deepEqual(
      both.map(({ verdict }) => verdict.findings.map(({ code }) => code)),
      [['checkpoint.beyond-end'], []],
    );
    await assert.rejects(readCheckpoint(path), { code: 'audit.checkpoint' });
    await assert.rejects(readCheckpoint(join(stateDir, 'none')), { code: 'audit.checkpoint' });
  });

  describe('after another', () => {
    /** Three lives of a relay, of which the second one was killed. */
    const lives = async () => {
      const paths: string[] = [];
      for (const isKilled of [false, true, false]) {
        const { audit, path } = await open();
        for (const meeting of ['a', 'b']) audit.write(opened(meeting));
        if (!isKilled) audit.close();
        paths.push(path);
        clock.advance(1_000);
      }
      return paths;
    };
    const all = async () => findRecords(recordFolderIn(stateDir));
    const codesOf = async (paths: readonly string[], isOne = false) => {
      const judged = await judgeRecords({ paths, isOne }, { publicKey: await keyBeside(paths) });
      return judged.map(({ verdict }) => verdict.findings.map(({ code }) => code).join());
    };
    const cut = (path: string, count: number) => {
      const lines = readFileSync(path, 'utf8').split(/(?<=\n)/);
      writeFileSync(path, lines.slice(0, -count).join(''));
    };

    test('says how far that went: whole, killed or not', async () => {
      const paths = await lives();
      assert.deepEqual(await codesOf(paths), ['', '', '']);
      const judged = await judgeRecords({ paths, isOne: false }, {});
      assert.deepEqual(
        judged.map(({ verdict: { hasStopped }, isNamed }) => [hasStopped, isNamed]),
        [
          [true, true],
          [false, true],
          [true, false],
        ],
      );
    });

    test('shows that its end was cut off, also where it is looked at alone', async () => {
      const [first = '', second = ''] = await lives();
      cut(second, 1);
      assert.deepEqual(await codesOf(await all()), ['', 'checkpoint.beyond-end', '']);
      cut(first, 2);
      assert.deepEqual(await codesOf([first], true), ['checkpoint.beyond-end']);
    });

    test('shows that it is missing, or stands for another one', async () => {
      const [first = '', second = '', third = ''] = await lives();
      const text = readFileSync(second, 'utf8');
      rmSync(second);
      assert.deepEqual(await codesOf(await all()), ['', 'record.missing']);
      assert.deepEqual(await codesOf([third], true), [''], 'nobody asked for the others');
      writeFileSync(second, text);
      const elsewhere = mkdtempSync(join(tmpdir(), 'belfry-record-'));
      const foreign = await openRecord({
        stateDir: elsewhere,
        clock,
        randomBytes: secureRandomBytes,
        logger: silentLogger,
      });
      foreign.audit.close();
      copyFileSync(foreign.path, first);
      rmSync(elsewhere, { recursive: true });
      assert.deepEqual(await codesOf(await all()), ['record.other', 'record.missing', '']);
    });

    test('shows that an older one of the same relay was put in the place of the newest, which no other names', async () => {
      const [, second = '', third = ''] = await lives();
      copyFileSync(second, third);
      assert.deepEqual(await codesOf(await all()), ['', '', 'record.other']);
      assert.deepEqual(await codesOf([third], true), ['record.other']);
      const copy = join(stateDir, 'copy.record');
      copyFileSync(second, copy);
      assert.deepEqual(await codesOf([copy], true), [''], 'a copy has the name that somebody gave it');
    });

    test('names what began in the same moment, and records of before records named each other', async () => {
      const [first, second] = [await open(), await open()];
      const third = await open();
      const { opening } = await judgeRecord(third.path);
      assert.equal(opening?.after?.length, 1, 'the second one names the first');
      for (const { audit } of [first, second, third]) audit.close();
      rmSync(third.path);
      const key = readRecordKey(readFileSync(join(stateDir, 'record.pem'), 'utf8'));
      const old = { kind: 'record', record: 'o'.repeat(22), publicKey: key.publicKey } as const;
      const path = newRecordPath(stateDir, old.record, 0);
      const medium = openAuditFile(path);
      new AuditRecord({ medium, sha256, sign: key.sign, opening: old, clock, logger: silentLogger }).close();
      const next = await open();
      next.audit.close();
      const after = (await judgeRecord(next.path)).opening?.after ?? [];
      assert.deepEqual(
        after.map(({ record }) => record === old.record),
        [true, false],
      );
      assert.deepEqual(await codesOf(await all()), ['', '', '', '']);
      rmSync(path);
      // Those of one second stand in no order.
      assert.deepEqual((await codesOf(await all())).sort(), ['', '', 'record.missing']);
    });

    test('that is damaged keeps no relay from beginning', async () => {
      const [first = '', second = '', third = ''] = await lives();
      writeFileSync(first, '');
      writeFileSync(second, 'no record\n');
      writeFileSync(third, 'x'.repeat(200_000));
      const next = await open();
      assert.equal(next.audit.write(opened('a')).ok, true);
      next.audit.close();
      assert.deepEqual((await judgeRecord(next.path)).opening?.after, []);
    });

    test('is not signed by another key than that of the folder', async () => {
      const paths = await lives();
      assert.equal(await keyBeside(paths), (await judgeRecord(paths[0] ?? '')).opening?.publicKey);
      rmSync(join(stateDir, 'record.pem'));
      assert.equal(await keyBeside(paths), undefined);
      (await open()).audit.close();
      assert.deepEqual((await codesOf(await all())).slice(0, 2), ['record.other', 'record.other']);
    });
  });

  test('keeps room, and gives it back', async () => {
    const { audit, path } = await open();
    assert.deepEqual(heldReserves(path), [512 * 1024]);
    assert.deepEqual(
      readdirSync(recordFolderIn(stateDir)),
      [basename(path)],
      'nothing is left of it by a kill',
    );
    audit.close();
    assert.deepEqual(heldReserves(path), []);
  });

  test('does not begin by a key that others may read, or that is none', async () => {
    (await open()).audit.close();
    const key = join(stateDir, 'record.pem');
    writeFileSync(key, 'no key');
    await assert.rejects(open(), { code: 'audit.key' });
    chmodSync(key, 0o644);
    await assert.rejects(open(), { code: 'trust.permissions' });
  });

  test('that is not there is said to be not there', async () => {
    await assert.rejects(findRecords(join(stateDir, 'nowhere')), { code: 'audit.none' });
    await assert.rejects(findRecords(stateDir), { code: 'audit.none' });
  });
});
