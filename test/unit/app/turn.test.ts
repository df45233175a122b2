import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { checkTurn } from '../../../src/app/doctor/turn.ts';
import { turnOf } from '../../../src/app/turn/turn.ts';
import { loadSettings } from '../../../src/config/load.ts';
import type { Settings } from '../../../src/config/settings.ts';
import { FakeTurn } from '../../support/fake-turn.ts';

const SECRET = '0123456789abcdef0123';
const OWN = 'turn:10.0.0.5:3478?transport=udp';
const folder = mkdtempSync(join(tmpdir(), 'belfry-turn-'));
let files = 0;
const secretFile = (text = SECRET, mode = 0o600): string => {
  const path = join(folder, `secret-${files++}`);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};

const settingsOf = (defaults: Partial<Settings>): Settings => {
  const loaded = loadSettings({ flags: {}, environment: {}, defaults: { stateDir: folder, ...defaults } });
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded.value;
};
const turn = (settings: Partial<Settings>, announced: readonly string[] = ['10.0.0.1']) =>
  turnOf(settingsOf(settings), { announced });

describe('the deployment’s TURN server', () => {
  it('is none unless named, whatever else is said', async () => {
    assert.equal(await turn({}), undefined);
    assert.equal(await turn({ turnSecretFile: '/nowhere', turnOutside: true }), undefined);
  });

  it('is told with its secret, which is one line of a file', async () => {
    const turnSecretFile = secretFile(`${SECRET}\n`);
    assert.deepEqual(await turn({ turnServers: [OWN], turnSecretFile }), { urls: [OWN], secret: SECRET });
  });

  it('is on a network of this relay: private, or where it announces itself', async () => {
    const turnSecretFile = secretFile();
    const outside = { turnServers: [OWN, 'turns:203.0.113.9:443'], turnSecretFile };
    await assert.rejects(turn(outside), { code: 'turn.outside', message: /203\.0\.113\.9/ });
    await assert.rejects(turn({ ...outside, turnServers: ['turn:[2001:db8::9]'] }), { code: 'turn.outside' });
    assert.ok(await turn(outside, ['203.0.113.1']));
    assert.ok(await turn({ ...outside, turnOutside: true }));
  });

  it('needs a secret that is long enough, printable, one line, and its owner’s alone', async () => {
    const refused = async (turnSecretFile: string | undefined, code: string) =>
      assert.rejects(turn({ turnServers: [OWN], turnSecretFile }), ({ code: found, message, remedy }) => {
        assert.equal(found, code);
        assert.ok(!`${message}${remedy}`.includes(SECRET.slice(0, 12)), 'the secret is in no message');
        return true;
      });
    await refused(undefined, 'turn.no-secret');
    for (const text of ['', SECRET.slice(1), `${SECRET}\n${SECRET}`, `${SECRET} x`, SECRET.repeat(100)])
      await refused(secretFile(text), 'turn.secret');
    for (const mode of [0o640, 0o604, 0o620]) await refused(secretFile(SECRET, mode), 'turn.secret');
    await refused(join(folder, 'gone'), 'turn.secret');
    await refused(folder, 'turn.secret');
  });

  it('is judged by doctor', async () => {
    const reach = { announced: ['10.0.0.1'] };
    const check = (settings: Partial<Settings>) => checkTurn(settingsOf(settings), reach);
    assert.deepEqual(await check({}), { verdict: 'ok', detail: 'no TURN server is named' });
    const { verdict, remedy } = await check({ turnServers: [OWN] });
    assert.equal(verdict, 'fail');
    assert.match(remedy ?? '', /static-auth-secret/);
    const gone = await FakeTurn.open({ username: 'n', credential: 'c' });
    const own = { turnServers: [`turn:127.0.0.1:${gone.port}?transport=udp`], turnSecretFile: secretFile() };
    assert.deepEqual(await check(own), { verdict: 'ok', detail: `${own.turnServers} answer` });
    gone.close();
    assert.equal((await check(own)).verdict, 'warn');
  });
});
