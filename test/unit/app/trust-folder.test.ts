import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { findPeopleRoot } from '../../../src/app/people/authority.ts';
import { enroll } from '../../../src/app/people/enrolment.ts';
import { revokeId } from '../../../src/app/people/lists.ts';
import { publishTo } from '../../../src/app/people/publish.ts';
import { openTrustFolder } from '../../../src/app/trust/trust-folder.ts';
import { toBase64Url } from '../../../src/base/bytes.ts';
import { LIST_VALID_MS } from '../../../src/trust/revocation/list.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeDisk, FakeStore } from '../../support/fake-store.ts';
import { NOW, person } from '../../support/people.ts';
import { inFolder, newPeople, newPeopleFolder } from '../../support/people-folder.ts';

describe('the folder of public files', () => {
  const authority = newPeopleFolder();
  let folder: string;
  let store: FakeStore;
  let clock: FakeClock;
  let warnings: string[];
  let heard: () => void = () => {};
  const closing: (() => void)[] = [];

  beforeEach(async () => {
    folder = join(mkdtempSync(join(tmpdir(), 'belfry-trust-')), 'public');
    store = new FakeStore(new FakeDisk());
    clock = new FakeClock(NOW);
    warnings = [];
    await newPeople(authority).catch(() => {});
    await publishTo(inFolder(authority), folder);
  });
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  const open = async () => {
    const warn = (event: string, fields?: Record<string, unknown>) => {
      warnings.push(`${event} ${fields?.code ?? ''}`);
      heard();
    };
    const opened = await openTrustFolder({ folder, store, clock, logger: { info() {}, warn, error: warn } });
    closing.push(opened.close);
    return opened.trust;
  };
  /** The next list or warning that comes of what `change` does. */
  const after = async (trust: Awaited<ReturnType<typeof open>>, change: () => unknown) => {
    const next = new Promise<void>((resolve) => {
      heard = resolve;
      trust.onList(resolve);
    });
    await change();
    await next;
  };
  const number = (trust: Awaited<ReturnType<typeof open>>) => trust.list()?.current.list.number;
  const revoked = async (name: string) => {
    await enroll(inFolder(authority), person(name));
    await revokeId(inFolder(authority), name);
    await publishTo(inFolder(authority), folder);
  };

  it('gives root, scale and list, and each newer list as it is published', async () => {
    const trust = await open();
    assert.equal(trust.scale.levels.length, 4);
    const first = number(trust) ?? 0;
    await after(trust, () => revoked('mallory'));
    assert.equal(number(trust), first + 1);
    assert.ok(trust.list()?.current.list.persons.includes(person('mallory')));
    assert.equal(store.lastSeenList(toBase64Url(trust.root.sha256))?.number, first + 1);
  });

  it('keeps the last good list where what comes is broken or older', async () => {
    await revoked('eve');
    const trust = await open();
    const last = number(trust);
    const path = join(folder, 'revocation.json');
    await after(trust, () => writeFileSync(path, '{'));
    assert.deepEqual([number(trust), warnings.at(-1)], [last, 'list.refused json.malformed']);
    const older = newPeopleFolder();
    await newPeople(older);
    await after(trust, () => publishTo(inFolder(older), folder));
    assert.equal(number(trust), last);
    assert.match(String(warnings.at(-1)), /^list\.refused certificate\.other-root$/);
  });

  it('takes no older list than it has seen before a restart', async () => {
    const root = toBase64Url((await findPeopleRoot(authority)).root.sha256);
    store.seeList({ root, number: 1_000, digest: 'A'.repeat(43) as never });
    assert.equal(number(await open()), undefined);
    assert.deepEqual(warnings, ['list.refused revocation.older']);
  });

  it('takes the lists of an authority that replaced another, whatever number that one had come to', async () => {
    await revoked('ivy');
    const before = number(await open()) ?? 0;
    assert.ok(before > 1);
    const next = newPeopleFolder();
    await newPeople(next);
    await publishTo(inFolder(next), folder);
    assert.equal(number(await open()), 1);
    assert.deepEqual(
      warnings.filter((one) => !one.includes('other-root')),
      [],
    );
    // The replaced one still does not go back.
    const root = toBase64Url((await findPeopleRoot(authority)).root.sha256);
    assert.equal(store.lastSeenList(root)?.number, before);
  });

  it('has no list while there is none in force', async () => {
    clock.advance(LIST_VALID_MS + 1);
    const trust = await open();
    assert.equal(trust.list(), undefined);
    assert.deepEqual(warnings, ['list.refused revocation.expired']);
    rmSync(join(folder, 'revocation.json'));
  });

  it('says which file cannot be used, and what writes it', async () => {
    rmSync(join(folder, 'scale.signed.json'));
    await assert.rejects(open(), /scale\.signed\.json cannot be read/);
    writeFileSync(join(folder, 'scale.signed.json'), '{}');
    await assert.rejects(open(), /scale\.signed\.json cannot be used/);
    writeFileSync(join(folder, 'people-root.pem'), 'x');
    await assert.rejects(open(), { code: 'people.files', remedy: /belfry ca publish/ });
  });
});
