import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { LogFields, Logger } from '../../src/base/logger.ts';
import { Arrivals } from '../../src/client/selfcheck/arrivals.ts';
import type { Headless, HeadlessSource } from '../../src/client/selfcheck/headless.ts';
import { joinHeadless, type RealMeeting, startRelay } from '../support/real-meeting.ts';
import { Stalling } from '../support/stalling-socket.ts';
import { eventually } from '../support/until.ts';

const TIMEOUT = { timeout: 60_000 };
/** Well above what a client acknowledges at once, and below what one may ask in a row. */
const RING = 512;

const logged: string[] = [];
const log = (event: string, fields?: LogFields) => logged.push(`${event} ${JSON.stringify(fields)}`);
const logger: Logger = { info: log, warn: log, error: log };

describe(
  'a client that stops reading while more happens than a relay keeps for it, all real',
  TIMEOUT,
  () => {
    const faults: string[] = [];
    const stalling = new Stalling();
    let relay: RealMeeting;
    let ada: Headless;
    let bob: Headless;
    let cem: Headless;

    before(async () => {
      relay = await startRelay(1, logger, { limits: { maxOutboxMessages: RING } });
      ada = await join('Ada');
      bob = await join('Bob', stalling);
      cem = await join('Cem');
      await Promise.all([ada, bob, cem].map((one) => one.produce()));
    });
    after(async () => {
      await Promise.all([ada, bob, cem].map(({ meeting }) => meeting.leave()));
      await relay.stop();
    });

    const join = async (name: string, socket?: Stalling) => {
      const device = await relay.people.device();
      const options = { device, logger, ...(socket && { openSocket: socket.open }) };
      return joinHeadless(relay.link, name, (fault) => faults.push(fault), options);
    };
    const idOf = ({ meeting }: Headless) => meeting.state.self?.participant;
    const peopleAt = ({ meeting: { state } }: Headless) =>
      [state.self, ...state.participants.values()].map((one) => one?.person).sort();
    /** Frames that are sent from now on are opened, byte for byte. */
    const hears = async (to: Headless, from: Headless, source: HeadlessSource) => {
      const fresh = new Arrivals(from.sent, source);
      to.onStream(({ kind, stream }) => {
        if (kind === 'added' && stream.participant === idOf(from) && stream.source === source)
          stream.output.onFrame((frame) => fresh.add(frame));
      });
      await eventually(`${to.name} opens ${from.name}'s ${source}`, () => fresh.layer !== undefined);
      assert.equal(fresh.wrong, 0);
    };
    const flows = async () => {
      for (const source of ['microphone', 'camera'] as const) {
        await hears(bob, ada, source);
        await hears(ada, bob, source);
      }
    };
    const wasLogged = (text: string) => logged.some((line) => line.includes(text));
    /** Each time is an event for everybody else. */
    const mutesAndUnmutes = async ({ meeting }: Headless, times: number) => {
      for (let i = 0; i < times; i++)
        assert.equal((await meeting.setPaused('microphone', i % 2 === 0)).ok, true);
    };

    it('is cut and out, and comes back by itself to the meeting as it is now, with media', async () => {
      await flows();
      const phases: string[] = [];
      bob.meeting.onChange(({ phase: { kind } }) => {
        if (kind !== (phases.at(-1) ?? 'in')) phases.push(kind);
      });
      const before = idOf(bob);
      assert.ok(before);
      stalling.stopReading();
      await mutesAndUnmutes(cem, RING);
      await eventually('it is out for others', () => !ada.meeting.state.participants.has(before));
      assert.ok(wasLogged('connection.slow-reader'));
      assert.equal((await ada.meeting.order({ kind: 'raise-hand' })).ok, true);

      stalling.readOn();
      await eventually('it is in again', () => phases.at(-1) === 'in');
      assert.deepEqual(phases, ['reconnecting', 'rejoining', 'in']);
      assert.notEqual(idOf(bob), before);
      for (const one of [ada, cem])
        await eventually(`${one.name} sees it`, () =>
          one.meeting.state.participants.has(idOf(bob) ?? before),
        );
      await flows();
      assert.deepEqual(peopleAt(bob), peopleAt(ada));
      assert.deepEqual(bob.meeting.state.conducted, ada.meeting.state.conducted);
      assert.deepEqual(faults, []);
    });
  },
);
