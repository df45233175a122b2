import assert from 'node:assert/strict';
import { before, beforeEach, describe, test } from 'node:test';
import { type Result, refuse } from '../../../../src/base/result.ts';
import type { Enrolment } from '../../../../src/client/enrol/answer.ts';
import {
  type AskAuthority,
  DeviceOpening,
  type OpeningState,
} from '../../../../src/client/page/device-opening.ts';
import { judgeKept } from '../../../../src/client/page/kept-device.ts';
import type { DeviceStore, KeptDevice } from '../../../../src/client/people/device-store.ts';
import type { OwnDevices } from '../../../../src/trust/devices/devices.ts';
import type { DeviceId } from '../../../../src/trust/devices/ids.ts';
import { DAY_MS } from '../../../../src/trust/hosts/validity.ts';
import { newKeyPair } from '../../../../src/trust/signing/keys.ts';
import { judgeDeviceCertificate } from '../../../../src/trust/signing/people-certificate.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { Ministry } from '../../../support/ministry.ts';
import { device, granted, NOW, person } from '../../../support/people.ts';

const CODE = '7Q2M-0000-ABCD-WXYZ-1234';
const REFUSED = refuse('enrolment.refused', 'no certificate');

class MemoryStore implements DeviceStore {
  kept: KeptDevice | undefined;
  isBroken = false;
  async load() {
    if (this.isBroken) throw new Error('private window');
    return this.kept && { ...this.kept, seen: undefined };
  }
  async keep(kept: KeptDevice) {
    this.kept = kept;
  }
  async seeList() {}
  readonly records = { newestOf: async () => undefined, keep: async () => {} };
}

/** An authority that answers when the test says so. */
class SlowAuthority {
  readonly asked: { keys: CryptoKeyPair; code: string | undefined; answer(to: Result<Enrolment>): void }[] =
    [];
  readonly #waiting: (() => void)[] = [];
  readonly ask: AskAuthority = (keys, code, onWaiting) =>
    new Promise((answer) => {
      onWaiting();
      this.asked.push({ keys, code, answer });
      for (const told of this.#waiting.splice(0)) told();
    });
  async next() {
    while (this.asked.length === 0) await new Promise<void>((told) => this.#waiting.push(told));
    const [asked] = this.asked.splice(0, 1);
    return asked ?? assert.fail();
  }
}

describe('the opening of a meeting by certificate', () => {
  let ministry: Ministry;
  let store: MemoryStore;
  let authority: SlowAuthority;
  let clock: FakeClock;
  let told: string[];
  let heard: readonly DeviceId[];
  let hear: () => Promise<readonly DeviceId[]>;

  before(async () => {
    ministry = await Ministry.open();
  });
  beforeEach(() => {
    heard = [];
    hear = async () => heard;
    [store, authority, clock, told] = [new MemoryStore(), new SlowAuthority(), new FakeClock(NOW), []];
  });

  const devicesOf = (...names: string[]): OwnDevices => ({
    person: person('ada'),
    devices: names.map((name) => ({ device: device(name), sinceUnixMs: NOW })),
    issuedUnixMs: NOW,
  });
  const enrolment = async ({ isCleared = true, devices = devicesOf('ada-1') } = {}): Promise<Enrolment> => {
    const { signer, clearance } = await ministry.official('ada');
    const { root } = ministry.people;
    return {
      root,
      certificate: signer.certificate,
      identity: granted(await judgeDeviceCertificate(signer.certificate, root, NOW)),
      scale: ministry.scale,
      statements: { scale: clearance, clearance: isCleared ? clearance : undefined },
      devices,
    };
  };
  const keep = async (options: Parameters<typeof enrolment>[0] = {}): Promise<KeptDevice> => {
    const { root, certificate, scale, statements, devices } = await enrolment(options);
    const { clearance } = statements;
    store.kept = { root: root.pem, certificate, scale, clearance, devices, pair: await newKeyPair(false) };
    return store.kept;
  };
  const open = (code?: string): DeviceOpening =>
    new DeviceOpening({
      store,
      ask: authority.ask,
      clock,
      code,
      hear: () => hear(),
      onReady: () => told.push('ready'),
      onNewDevices: (devices) => told.push(...devices),
      onListenerError: (error) => assert.fail(String(error)),
    });
  const words = (state: OpeningState): string =>
    'fault' in state ? `${state.kind} ${state.fault ?? ''}`.trim() : state.kind;
  /** Settles with the first state of this kind, now or later. */
  const until = (opening: DeviceOpening, kind: OpeningState['kind']): Promise<string> =>
    new Promise((resolve) => {
      const look = (state: OpeningState): void => {
        if (state.kind === kind) resolve(words(state));
      };
      opening.onChange(look);
      look(opening.state);
    });

  test('judges what is kept by its dates', async () => {
    const kept = await keep();
    const kinds = await Promise.all([0, 18, 21, 31].map((days) => judgeKept(kept, NOW + days * DAY_MS)));
    assert.deepEqual(kinds, ['good', 'good', 'ending', 'over']);
    assert.equal(await judgeKept(undefined, NOW), 'none');
    assert.equal(await judgeKept({ ...kept, clearance: undefined }, NOW), 'not-cleared');
    const other = await Ministry.open();
    const stranger = await other.clear('ada');
    assert.equal(await judgeKept({ ...kept, clearance: stranger }, NOW), 'not-cleared');
    assert.equal(await judgeKept({ ...kept, root: 'no certificate' }, NOW), 'none');
  });

  test('uses a device that is kept, and asks nobody', async () => {
    const { certificate } = await keep();
    const opening = open(CODE);
    await opening.start();
    assert.equal(opening.state.kind, 'ready');
    assert.equal(opening.device?.certificate, certificate);
    assert.deepEqual([told, authority.asked.length], [['ready'], 0]);
  });

  test('renews one that ends soon while the person goes on, and tells of devices that are new', async () => {
    const kept = await keep();
    clock.advance(21 * DAY_MS);
    const opening = open();
    const started = opening.start();
    await until(opening, 'ready');
    const { keys, code, answer } = await authority.next();
    assert.deepEqual([keys, code], [kept.pair, undefined]);
    const renewed = await enrolment({ devices: devicesOf('ada-1', 'ada-2') });
    answer({ ok: true, value: renewed });
    await started;
    assert.equal(opening.device?.certificate, renewed.certificate);
    assert.deepEqual(told, ['ready', 'ada-2']);
    assert.deepEqual([store.kept?.devices?.devices.length, store.kept?.unseen], [2, ['ada-2']]);
  });

  test('tells of devices that it hears of, with each opening and whenever it is asked to hear', async () => {
    await keep();
    heard = [device('ada-2')];
    const opening = open();
    await opening.start();
    assert.deepEqual(told, ['ready', 'ada-2']);
    heard = [device('ada-3')];
    await opening.hear();
    assert.deepEqual(told, ['ready', 'ada-2', 'ada-3']);
  });

  test('keeps what nobody was shown yet over a renewal', async () => {
    const kept = await keep({ devices: devicesOf('ada-1', 'ada-2') });
    store.kept = { ...kept, unseen: [device('ada-2')] };
    clock.advance(21 * DAY_MS);
    const opening = open();
    const started = opening.start();
    const devices = devicesOf('ada-1', 'ada-2', 'ada-3');
    (await authority.next()).answer({ ok: true, value: await enrolment({ devices }) });
    await started;
    assert.deepEqual(store.kept?.unseen, ['ada-2', 'ada-3']);
  });

  test('goes on with what it has where a renewal in the background is refused', async () => {
    const kept = await keep();
    clock.advance(21 * DAY_MS);
    const opening = open();
    const started = opening.start();
    (await authority.next()).answer(REFUSED);
    await started;
    assert.deepEqual([opening.state.kind, opening.device?.certificate], ['ready', kept.certificate]);
  });

  test('enrols with the code of the link, and keeps a key that cannot be taken out', async () => {
    const opening = open(CODE);
    const started = opening.start();
    const { code, answer } = await authority.next();
    assert.equal(code, CODE);
    assert.deepEqual(opening.state, { kind: 'waiting', isAsked: true });
    answer({ ok: true, value: await enrolment({ devices: devicesOf('ada-0', 'ada-1') }) });
    await started;
    assert.equal(opening.state.kind, 'ready');
    assert.equal(store.kept?.pair.privateKey.extractable, false);
    assert.deepEqual(told, ['ready'], 'the first time no device is new');
  });

  test('asks for a code where there is none, and again, with the same key, where one was wrong', async () => {
    const opening = open();
    await opening.start();
    assert.equal(words(opening.state), 'asking');
    void opening.enrol(CODE);
    const first = await authority.next();
    first.answer(REFUSED);
    await until(opening, 'asking');
    assert.equal(words(opening.state), 'asking enrolment.code');
    assert.equal(opening.state.kind === 'asking' && opening.state.typed, CODE);
    const again = opening.enrol(CODE);
    const second = await authority.next();
    assert.equal(second.keys, first.keys);
    second.answer({ ok: true, value: await enrolment() });
    await again;
    assert.equal(opening.state.kind, 'ready');
  });

  test('asks for a code where the certificate has ended', async () => {
    await keep();
    clock.advance(31 * DAY_MS);
    const opening = open();
    await opening.start();
    assert.equal(words(opening.state), 'asking device.over');
  });

  test('asks once more after the question under way, however often there is said to be word', async () => {
    await keep();
    const opening = open();
    const answers: (() => void)[] = [];
    hear = () => new Promise((resolve) => answers.push(() => resolve(heard)));
    const all = [opening.hear(), opening.hear(), opening.hear()];
    assert.equal(answers.length, 1);
    heard = [device('ada-2')];
    answers[0]?.();
    while (answers.length < 2) await new Promise(setImmediate);
    answers[1]?.();
    await Promise.all(all);
    assert.deepEqual([answers.length, told], [2, ['ada-2', 'ada-2']]);
    const later = opening.hear();
    answers[2]?.();
    await later;
    assert.equal(answers.length, 3);
  });

  test('does not take an answer that came after the person cancelled', async () => {
    const opening = open(CODE);
    const started = opening.start();
    const { answer } = await authority.next();
    opening.cancel();
    answer({ ok: true, value: await enrolment() });
    await started;
    assert.equal(words(opening.state), 'asking');
    assert.equal(store.kept, undefined);
  });

  test('renews at once without a clearance, and says so where there is still none', async () => {
    await keep({ isCleared: false });
    const opening = open();
    const started = opening.start();
    (await authority.next()).answer({ ok: true, value: await enrolment({ isCleared: false }) });
    await started;
    assert.equal(words(opening.state), 'stopped clearance.missing');
    const again = opening.start();
    (await authority.next()).answer({ ok: true, value: await enrolment() });
    await again;
    assert.equal(opening.state.kind, 'ready');
  });

  test('offers a code where the device is not renewed, which proves no revocation', async () => {
    await keep({ isCleared: false });
    const opening = open();
    const started = opening.start();
    (await authority.next()).answer(REFUSED);
    await started;
    assert.equal(words(opening.state), 'stopped enrolment.not-renewed');
    opening.enrolAgain('enrolment.not-renewed');
    assert.equal(words(opening.state), 'asking enrolment.not-renewed');
  });

  test('uses up no code in a browser that keeps nothing', async () => {
    store.isBroken = true;
    const opening = open(CODE);
    await opening.start();
    assert.equal(words(opening.state), 'stopped device.no-place');
    assert.equal(authority.asked.length, 0);
  });
});
