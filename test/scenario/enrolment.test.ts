/** Devices ask for their certificates through a relay that is only a mailbox, over real HTTP. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { MAX_WAITING_REQUESTS, relayMailbox } from '../../src/app/enrolment/mailbox.ts';
import { answerRequest } from '../../src/app/people/answer.ts';
import { findPeopleRoot } from '../../src/app/people/authority.ts';
import { clear } from '../../src/app/people/clearances.ts';
import { type DeskNote, workOff } from '../../src/app/people/desk.ts';
import { enroll, readRequest, sign } from '../../src/app/people/enrolment.ts';
import { revokeId } from '../../src/app/people/lists.ts';
import { MAX_RENEWALS } from '../../src/app/people/register.ts';
import { secureRandomBytes, systemClock } from '../../src/base/platform.ts';
import { ok } from '../../src/base/result.ts';
import { openAnswer, readAnswer } from '../../src/client/enrol/answer.ts';
import { ANSWER_WITHIN_MS, type EnrolOptions, enrol, renew } from '../../src/client/enrol/enrol.ts';
import type { Fetch } from '../../src/client/enrol/fetch-port.ts';
import type { DeviceStore, KeptDevice } from '../../src/client/people/device-store.ts';
import { type HearOptions, hearOfDevices, markSeen } from '../../src/client/people/own-devices.ts';
import { createSignaling, type Signaling } from '../../src/signaling/signaling.ts';
import { CODE_VALID_MS } from '../../src/trust/devices/codes.ts';
import { newDevices } from '../../src/trust/devices/devices.ts';
import { DAY_MS } from '../../src/trust/hosts/validity.ts';
import { newKeyPair } from '../../src/trust/signing/keys.ts';
import { FakeMediaPlane } from '../support/fake-media-plane.ts';
import { FakeDisk, FakeStore } from '../support/fake-store.ts';
import { Ministry } from '../support/ministry.ts';
import { codeOf, granted, person, randomBytes } from '../support/people.ts';
import {
  inFolder,
  newPeople,
  newPeopleFolder,
  requestText,
  scaleWithGroups,
} from '../support/people-folder.ts';

const people = newPeopleFolder();
const mailbox = { path: join(mkdtempSync(join(tmpdir(), 'belfry-mailbox-')), 'mailbox'), randomBytes };
const now = (laterMs = 0) => inFolder(people, Date.now() + laterMs);
let signaling: Signaling;
let origin: string;
let rootSha256: Uint8Array;

const silent = { info() {}, warn() {}, error() {} };
const startRelay = async () => {
  const relay = createSignaling({
    media: new FakeMediaPlane(),
    audit: { write: () => ok(undefined) },
    clock: systemClock,
    randomBytes: secureRandomBytes,
    logger: silent,
    redact: String,
    people: { trust: (await Ministry.open()).trust(), store: new FakeStore(new FakeDisk()) },
    enrolment: await relayMailbox(mailbox, systemClock),
  });
  const { host, port } = await relay.listen({ host: '127.0.0.1', port: 0 });
  return { relay, origin: `http://${host}:${port}` };
};

before(async () => {
  // Long enough ago for a code that has ended meanwhile.
  await newPeople(people, Date.now() - CODE_VALID_MS - DAY_MS);
  rootSha256 = (await findPeopleRoot(people)).root.sha256;
  ({ relay: signaling, origin } = await startRelay());
});
after(() => signaling.close());

/** A desk that sits there: it answers as soon as a request waits. */
const notes: DeskNote[] = [];
const answering = () => void workOff(now(), mailbox).then((done) => notes.push(...done));

const optionsFor = async (change: Partial<EnrolOptions> = {}): Promise<EnrolOptions> => ({
  origin,
  rootSha256,
  keys: await newKeyPair(false),
  fetch: fetch as Fetch,
  clock: systemClock,
  onWaiting: answering,
  ...change,
});
const textAt = async (url: string): Promise<string> => (await fetch(url)).text();

const memoryDevice = (device: KeptDevice): DeviceStore => {
  let kept = device;
  return {
    load: async () => ({ ...kept, seen: undefined }),
    async keep(next) {
      kept = next;
    },
    async seeList() {},
    records: { newestOf: async () => undefined, async keep() {} },
  };
};

const codeFor = async (name: string) => (await enroll(now(), person(name))).code;

describe('a device that asks for its certificate', () => {
  it('gets it, with the scale and its own devices, and the clearance once there is one', async () => {
    const options = await optionsFor();
    const first = granted(await enrol(options, (await codeFor('alice')).toLowerCase()));
    assert.equal(first.identity.person, 'alice');
    assert.equal(first.scale.groups.length, JSON.parse(scaleWithGroups().text).groups.length);
    assert.equal(first.statements.clearance, undefined);
    assert.deepEqual(
      first.devices.devices.map(({ device }) => device),
      [first.identity.device],
    );

    await clear(now(), { person: person('alice'), level: 'secret', groups: [] });
    const renewed = granted(await renew(options));
    assert.equal(renewed.identity.device, first.identity.device);
    assert.ok(renewed.statements.clearance);
  });

  it('hears that it renews too often, as the desk does, and nothing is signed for it', async () => {
    const keys = await newKeyPair(false);
    const code = await codeFor('bea');
    for (let n = 0; n <= MAX_RENEWALS; n++) await sign(now(), await requestText(keys, code));
    const request = await requestText(keys);
    const box = await relayMailbox(mailbox, systemClock);
    const { keyId } = (await readRequest(request)).publicKey;
    granted(await box.put(keyId, request));
    const [note] = await workOff(now(), mailbox);
    assert.match(note?.kind === 'refused' ? note.why : '', /^d[0-9a-f]+ of bea was given 12 certificates/);
    const answer = granted(readAnswer((await box.answerTo(keyId)) ?? ''));
    const opened = await openAnswer(answer, { rootSha256, keyId, nowUnixMs: Date.now() });
    assert.equal(codeOf(opened), 'enrolment.too-often');
  });

  it('hears of a new device of its person when it renews', async () => {
    const one = await optionsFor();
    const before = granted(await enrol(one, await codeFor('bob')));
    const other = granted(await enrol(await optionsFor(), await codeFor('bob')));
    const { devices } = granted(await renew(one));
    assert.deepEqual(newDevices(before.devices, devices), [other.identity.device]);
    assert.deepEqual(newDevices(devices, devices), []);
  });

  describe('whose person has another device', () => {
    // One address asks so often: of a relay of its own.
    let own: Awaited<ReturnType<typeof startRelay>>;
    before(async () => {
      own = await startRelay();
    });
    after(() => own.relay.close());

    /** A device as its store keeps it. */
    const enrolled = async (name: string) => {
      const options = await optionsFor({ origin: own.origin });
      const { root, certificate, identity, scale, statements, devices } = granted(
        await enrol(options, await codeFor(name)),
      );
      const { clearance } = statements;
      const store = memoryDevice({
        root: root.pem,
        certificate,
        scale,
        clearance,
        devices,
        pair: options.keys,
      });
      return { options, store, identity };
    };
    const hear = (
      { options, store }: Awaited<ReturnType<typeof enrolled>>,
      change: Partial<HearOptions> = {},
    ) => hearOfDevices(store, { ...options, ...change });

    it('hears of it without asking for a certificate, and again until somebody has seen it', async () => {
      const one = await enrolled('carl');
      assert.deepEqual(await hear(one), []);
      const other = await enrolled('carl');
      const before = notes.length;
      assert.deepEqual(await hear(one), [other.identity.device]);
      assert.deepEqual(await hear(one), [other.identity.device], 'nobody has seen it');
      await markSeen(one.store);
      assert.deepEqual(await hear(one), []);
      assert.deepEqual(await hear(other), [], 'who comes last hears of nobody new');
      const third = await enrolled('carl');
      assert.deepEqual(await hear(one), [third.identity.device]);
      assert.deepEqual(await hear(other), [third.identity.device]);
      assert.equal(notes.length, before + 1, 'the desk did nothing for it');
    });

    it('hears of nobody else, of no older list, of none that another signed, and waits for no relay', async () => {
      const [one, stranger] = [await enrolled('cleo'), await enrolled('cid')];
      const url = ({ identity }: typeof one) =>
        `${own.origin}/v1/enrolment/${identity.publicKey.keyId}/devices`;
      await enrolled('cid');
      const other = await enrolled('cleo');
      const [cleos, cids] = [await textAt(url(one)), await textAt(url(stranger))];
      const says = (text: string): Partial<HearOptions> => ({
        fetch: async () => ({ status: 200, text: async () => text }),
      });
      const altered = cleos.replace(/"signature":"....../, '"signature":"AAAAAA');
      for (const text of [cids, altered, '', 'null', '{}'])
        assert.deepEqual(await hear(one, says(text)), [], text.slice(0, 20));
      assert.deepEqual(await hear(one, { fetch: () => Promise.reject(new Error('no network')) }), []);
      let isEnded = false;
      const silent: HearOptions['fetch'] = (_, { signal }) =>
        new Promise(() => signal?.addEventListener('abort', () => (isEnded = true)));
      const hasty = { ...systemClock, after: (_: number, run: () => void) => systemClock.after(0, run) };
      assert.deepEqual(await hear(one, { fetch: silent, clock: hasty }), []);
      assert.ok(isEnded);
      assert.deepEqual(await hear(one, says(cleos)), [other.identity.device]);
      await markSeen(one.store);
      const third = await enrolled('cleo');
      assert.deepEqual(await hear(one), [third.identity.device]);
      await markSeen(one.store);
      assert.deepEqual(await hear(one, says(cleos)), []);
      assert.equal((await one.store.load())?.devices?.devices.length, 3, 'it does not go back');
      assert.equal((await fetch(`${url(one)}/more`)).status, 404);
    });
  });

  it('is refused in one way whatever is wrong with the code; the desk knows why', async () => {
    const used = await codeFor('carol');
    granted(await enrol(await optionsFor(), used));
    const gone = await codeFor('eve');
    await revokeId(now(), 'eve');
    // Last: the next code that is given out has those that ended forgotten.
    const over = (await enroll(now(-CODE_VALID_MS - 1_000), person('dave'))).code;
    const from = notes.length;
    for (const code of [used, over, gone, '0000-0000-0000-0000-0000'])
      assert.equal(codeOf(await enrol(await optionsFor(), code)), 'enrolment.refused');
    const reasons = notes.slice(from).map((note) => (note.kind === 'refused' ? note.why : note.kind));
    assert.equal(reasons.length, 4);
    assert.equal(new Set(reasons).size, 4, reasons.join(' | '));
  });

  it('may try again on the same device after a mistyped code', async () => {
    const options = await optionsFor();
    assert.equal(codeOf(await enrol(options, '1111-1111-1111-1111-1111')), 'enrolment.refused');
    assert.equal(codeOf(await enrol(options, '1111-1111-1111-1111-1111')), 'enrolment.refused');
    granted(await enrol(options, await codeFor('frank')));
  });

  it('is told at once that a code has another form', async () => {
    const never: Fetch = () => assert.fail('nothing is sent');
    assert.equal(codeOf(await enrol(await optionsFor({ fetch: never }), 'hello')), 'code.form');
  });

  it('gets no certificate once it was revoked', async () => {
    const options = await optionsFor();
    const { identity } = granted(await enrol(options, await codeFor('grace')));
    await revokeId(now(), identity.device);
    assert.equal(codeOf(await renew(options)), 'enrolment.refused');
  });

  it('is told what to do where the authority does not answer, or the relay', async () => {
    let nowMs = 0;
    const clock = {
      ...systemClock,
      nowMs: () => nowMs,
      after(delayMs: number, run: () => void) {
        // What waits for an answer waits here no longer than an answer takes; deadlines of requests are not driven.
        if (delayMs <= 5_000) setImmediate(run);
        nowMs += delayMs <= 5_000 ? delayMs : 0;
        return () => {};
      },
    };
    const unanswered = await optionsFor({ clock, onWaiting: () => {} });
    assert.equal(codeOf(await enrol(unanswered, await codeFor('henry'))), 'enrolment.late');
    assert.ok(nowMs >= ANSWER_WITHIN_MS);
    const nowhere = await optionsFor({ origin: 'http://127.0.0.1:9' });
    assert.equal(codeOf(await enrol(nowhere, await codeFor('ida'))), 'enrolment.network');
    await workOff(now(), mailbox);
  });
});

describe('a relay that is not to be trusted', () => {
  const through =
    (change: (text: string) => string | Promise<string>): Fetch =>
    async (url, options) => {
      const response = await fetch(url, options);
      const text = await response.text();
      const isAnswer = options.method === 'GET' && response.status === 200;
      const changed = isAnswer ? await change(text) : text;
      return { status: response.status, text: async () => changed };
    };
  const swap = (part: string, value: unknown) => (text: string) =>
    JSON.stringify({ ...JSON.parse(text), [part]: value });
  const enrolThrough = async (change: (text: string) => string | Promise<string>) =>
    codeOf(await enrol(await optionsFor({ fetch: through(change) }), await codeFor('mallory')));
  const answerOf = async (folder: string, name: string) => {
    const at = inFolder(folder, Date.now());
    const { code } = await enroll(at, person(name));
    return (await answerRequest(at, await requestText(await newKeyPair(false), code))).answer;
  };

  it('cannot put an authority of its own in the place of the one that invited', async () => {
    const own = newPeopleFolder();
    await newPeople(own, Date.now());
    const forged = await answerOf(own, 'mallory');
    assert.equal(await enrolThrough(swap('root', 'root' in forged && forged.root)), 'enrolment.other-root');
    const whole = (text: string) => JSON.stringify({ ...forged, request: JSON.parse(text).request });
    assert.equal(await enrolThrough(whole), 'enrolment.other-root');
    const { scale, devices } = forged as Extract<typeof forged, { kind: 'enrolled' }>;
    assert.equal(await enrolThrough(swap('scale', scale)), 'certificate.other-root');
    assert.equal(await enrolThrough(swap('devices', devices)), 'enrolment.devices');
  });

  it('cannot hand out what was meant for another device or person', async () => {
    const other = (await answerOf(people, 'niaj')) as Record<string, unknown>;
    assert.equal(await enrolThrough(swap('certificate', other.certificate)), 'enrolment.other-key');
    assert.equal(await enrolThrough(swap('devices', other.devices)), 'enrolment.devices');
    const cleared = await clear(now(), { person: person('niaj'), level: 'secret', groups: [] });
    assert.equal(await enrolThrough(swap('clearance', cleared.vouched)), 'enrolment.clearance');
  });

  it('cannot take an earlier answer for the one that is waited for', async () => {
    const options = await optionsFor();
    granted(await enrol(options, await codeFor('olga')));
    let old = '';
    const keep = through((text) => {
      old ||= text;
      return text;
    });
    granted(await renew({ ...options, fetch: keep }));
    const ending = new AbortController();
    const replayed: Fetch = async (url, asked) => {
      if (asked.method === 'POST') return fetch(url, asked);
      setImmediate(() => ending.abort());
      return { status: 200, text: async () => old };
    };
    const again = await renew({ ...options, fetch: replayed, signal: ending.signal });
    assert.equal(codeOf(again), 'enrolment.ended');
  });

  it('cannot make anything of a request for a key of its own', async () => {
    const [code, thief] = [await codeFor('peggy'), await newKeyPair(false)];
    const exchanged: Fetch = async (url, options) =>
      options.method === 'POST'
        ? fetch(url, { ...options, body: await requestText(thief) })
        : fetch(url, options);
    const ending = new AbortController();
    const from = notes.length;
    const onWaiting = () =>
      void workOff(now(), mailbox).then((done) => {
        notes.push(...done);
        ending.abort();
      });
    const options = await optionsFor({ fetch: exchanged, onWaiting, signal: ending.signal });
    assert.equal(codeOf(await enrol(options, code)), 'enrolment.ended');
    assert.deepEqual(
      notes.slice(from).map(({ kind }) => kind),
      ['refused'],
    );
    granted(await enrol(await optionsFor(), code));
  });

  it('may lose answers and nonsense may come of it, but no certificate', async () => {
    assert.equal(await enrolThrough(() => 'not json'), 'enrolment.answer');
    assert.equal(await enrolThrough(() => '{"kind":"enrolled"}'), 'enrolment.answer');
  });
});

describe('the mailbox', () => {
  // Relays of their own: what one address may ask is counted.
  let fresh: Signaling;
  beforeEach(async () => {
    ({ relay: fresh, origin } = await startRelay());
  });
  afterEach(() => fresh.close());

  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${origin}/v1/enrolment`, { method: 'POST', body, headers });
  const codeIn = async (response: Response) => `${response.status} ${(await response.json()).code}`;

  it('takes requests that somebody signed, from its own page, and no others', async () => {
    assert.equal(await codeIn(await post('{}')), '400 http.malformed');
    const request = JSON.parse(await requestText(await newKeyPair(false)));
    const { signature } = JSON.parse(await requestText(await newKeyPair(false)));
    assert.equal(await codeIn(await post(JSON.stringify({ ...request, signature }))), '400 http.malformed');
    assert.equal(await codeIn(await post('x'.repeat(9_000))), '413 http.too-large');
    const foreign = await post(JSON.stringify(request), { origin: 'https://elsewhere.example' });
    assert.equal(await codeIn(foreign), '403 http.origin');
    assert.deepEqual(readdirSync(join(mailbox.path, 'requests')), []);
  });

  it('says the same of what waits and of what was never asked, and looks nowhere else', async () => {
    const keyId = 'A'.repeat(43);
    for (const path of [keyId, '..%2f..%2fetc', '../requests/x', 'short', ''])
      assert.equal(await codeIn(await fetch(`${origin}/v1/enrolment/${path}`)), '404 http.not-found', path);
  });

  it('ends a flood of one address, and is bounded', async () => {
    const body = await requestText(await newKeyPair(false));
    const answers: number[] = [];
    for (let i = 0; i < 40; i++) answers.push((await post(body)).status);
    assert.equal(answers[0], 202);
    assert.equal(answers.at(-1), 429, answers.join(' '));
    const full = await relayMailbox(mailbox, systemClock);
    const name = (i: number) => `${'B'.repeat(39)}${String(i).padStart(4, '0')}`;
    for (let i = 0; i < MAX_WAITING_REQUESTS; i++)
      writeFileSync(join(mailbox.path, 'requests', `${name(i)}.json`), '{}');
    assert.equal(codeOf(await full.put('C'.repeat(43) as never, '{}')), 'enrolment.full');
    assert.equal(codeOf(await full.put(name(1) as never, '{}')), 'ok', 'who waits already may repeat it');
    const done = await workOff(now(), mailbox);
    assert.ok(done.filter(({ kind }) => kind === 'dropped').length >= MAX_WAITING_REQUESTS);
    assert.equal(codeOf(await full.put('C'.repeat(43) as never, '{}')), 'ok');
  });
});

describe('a desk that is killed', () => {
  it('after it signed and before it answered uses no code twice: it answers the same device', async () => {
    const [keys, code] = [await newKeyPair(false), await codeFor('rupert')];
    const text = await requestText(keys, code);
    const killed = await answerRequest(now(), text);
    const next = await answerRequest(now(), text);
    assert.equal(next.issued?.device, killed.issued?.device);
    const thief = await answerRequest(now(), await requestText(await newKeyPair(false), code));
    assert.equal(thief.why?.code, 'code.used');
  });
});
