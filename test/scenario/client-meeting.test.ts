import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { toBase64Url } from '../../src/base/bytes.ts';
import { asId, type ParticipantId } from '../../src/base/ids.ts';
import { TOP_LAYER } from '../../src/client/ports.ts';
import { gather } from '../support/certified-world.ts';
import { type FakeClient, type FakeWorld, idOf, outputOf, secureRandom } from '../support/fake-meeting.ts';
import { settle, until } from '../support/until.ts';

const CAMERA = { layers: 3 };
const MICROPHONE = { layers: 1 };

describe('a client in a meeting', () => {
  let world: FakeWorld;
  let ada: FakeClient;
  let bob: FakeClient;

  beforeEach(async () => {
    world = await gather();
    ada = await world.join('Ada');
    bob = await world.join('Bob');
  });

  /** Frames of Ada's that are sent now and opened at Bob's. */
  const flows = async (source: 'camera' | 'microphone' = 'microphone') => {
    await until(`Bob takes Ada's ${source}`, () => outputOf(bob, ada, source) !== undefined);
    const sent = ada.port.sendFrames(source, 3);
    assert(sent.length > 0, 'Ada sends');
    const opened = outputOf(bob, ada, source)?.frames.slice(-sent.length);
    assert.deepEqual(opened, sent);
  };
  const adaProduces = async () => {
    assert.deepEqual(await ada.meeting.produce('microphone', MICROPHONE), { ok: true, value: undefined });
    assert.deepEqual(await ada.meeting.produce('camera', CAMERA), { ok: true, value: undefined });
  };
  const bobsStreams = () => [...bob.meeting.state.streams.values()].map(({ source }) => source).sort();
  const personOf = ({ meeting }: FakeClient) => meeting.state.self?.person;
  const seenBy = ({ meeting }: FakeClient) =>
    [...meeting.state.participants.values()].map(({ person }) => person);
  const codeOf = (outcome: { ok: boolean; refusal?: { code: string } }) => outcome.refusal?.code ?? 'ok';

  it('sees who showed a certificate, and itself', async () => {
    await until('Ada sees Bob', () => ada.meeting.state.participants.size === 1);
    assert.deepEqual([seenBy(ada), seenBy(bob)], [[personOf(bob)], [personOf(ada)]]);
    assert.equal(ada.meeting.state.self?.name, 'Ada');
    assert.equal(ada.meeting.state.phase.kind, 'in');
  });

  it('knows also those of whom the reply to its entry had no room to tell, and hears them', async () => {
    world.server.isCrowded = true;
    await adaProduces();
    const cora = await world.join('Cora');
    const people = () => seenBy(cora).sort();
    await until('she sees both', () => people().length === 2);
    assert.deepEqual(people(), [personOf(ada), personOf(bob)].sort());
    await until('she takes Ada’s microphone', () => outputOf(cora, ada, 'microphone') !== undefined);
    const sent = ada.port.sendFrames('microphone', 3);
    assert.deepEqual(outputOf(cora, ada, 'microphone')?.frames.slice(-3), sent);
  });

  it('opens what others seal, frame by frame, on every layer', async () => {
    await adaProduces();
    await flows('microphone');
    await flows('camera');
    assert.deepEqual(bobsStreams(), ['camera', 'microphone']);
    assert.deepEqual(bob.meeting.state.refusedFrames, {});
  });

  it('tells a late listener of the streams that are there', async () => {
    await adaProduces();
    await flows('camera');
    const seen: string[] = [];
    bob.meeting.onStream(({ kind, stream }) => seen.push(`${kind} ${stream.source}`));
    assert.deepEqual(seen.sort(), ['added camera', 'added microphone']);
  });

  it('resumes a consumer only once the media stack has taken it', async () => {
    bob.port.failures.add('consume');
    await ada.meeting.produce('microphone', MICROPHONE);
    await until('it failed', () => bob.meeting.state.problem !== undefined);
    assert.equal(world.server.countExecuted('resume-consumer'), 0);
    assert.deepEqual(bobsStreams(), []);
    await ada.meeting.produce('camera', CAMERA);
    await flows('camera');
    await settle();
    assert.equal(world.server.countExecuted('resume-consumer'), 1);
  });

  it('gives a stream out before it lets it flow, and takes it back where the relay does not', async () => {
    const order: string[] = [];
    bob.meeting.onStream(({ kind, stream }) =>
      order.push(`${kind} ${stream.source}, ${world.server.countExecuted('resume-consumer')} resumed`),
    );
    world.server.refuseNext('resume-consumer', { code: 'media.refused', message: 'not now' });
    await ada.meeting.produce('microphone', MICROPHONE);
    await until('it was taken back', () => order.length === 2);
    assert.deepEqual(order, ['added microphone, 0 resumed', 'removed microphone, 1 resumed']);
    assert.deepEqual([bobsStreams(), bob.port.consuming], [[], []]);
    assert.equal(bob.meeting.state.problem?.code, 'media.refused');
  });

  it('follows pause, stop and replacement of a source', async () => {
    await adaProduces();
    await flows();
    assert.equal(codeOf(await ada.meeting.setPaused('microphone', true)), 'ok');
    assert.equal(ada.port.isPaused('microphone'), true);
    assert.equal(world.server.executed.at(-1)?.kind, 'pause-producer');
    assert.deepEqual(ada.meeting.state.own.get('microphone'), { paused: true });
    assert.equal(codeOf(await ada.meeting.setPaused('microphone', false)), 'ok');
    await flows();
    assert.equal(codeOf(await ada.meeting.stop('camera')), 'ok');
    await until('Bob saw it go', () => bobsStreams().length === 1);
    assert.equal(outputOf(bob, ada, 'camera'), undefined);
    assert.equal(codeOf(await ada.meeting.produce('microphone', { layers: 1 })), 'ok');
    assert.equal(world.server.countExecuted('produce'), 3);
    await flows();
    assert.equal(codeOf(await ada.meeting.setPaused('camera', true)), 'source.off');
  });

  it('starts a source that is paused without a frame of it leaving', async () => {
    assert.equal(codeOf(await ada.meeting.produce('microphone', MICROPHONE, true)), 'ok');
    assert.deepEqual(ada.port.sendFrames('microphone', 3), []);
    assert.equal(ada.meeting.state.own.get('microphone')?.paused, true);
    await ada.meeting.setPaused('microphone', false);
    await flows('microphone');
  });

  it('lets layers rest that the relay has no receiver for, over a pause too', async () => {
    await adaProduces();
    const session = world.server.sessions[0];
    const producer = session?.producers.keys().toArray()[1];
    assert(session !== undefined && producer !== undefined);
    const says = async (spatialLayer: number) => {
      session.event({ kind: 'layers-needed', producer, spatialLayer });
      await settle();
    };
    await says(0);
    assert.equal(ada.port.topLayerOf('camera'), 0);
    await ada.meeting.setPaused('camera', true);
    await says(1);
    assert.deepEqual([ada.port.isPaused('camera'), ada.port.topLayerOf('camera')], [true, 1]);
    await ada.meeting.setPaused('camera', false);
    assert.deepEqual([ada.port.isPaused('camera'), ada.port.topLayerOf('camera')], [false, 1]);
    await ada.meeting.produce('camera', { layers: 3 });
    assert.equal(ada.port.topLayerOf('camera'), TOP_LAYER, 'a new producer sends all');
  });

  it('passes layer wishes on, and shows what the relay forwards', async () => {
    await adaProduces();
    await flows('camera');
    assert.equal(codeOf(await bob.meeting.preferLayers(idOf(ada), 'camera', { spatialLayer: 1 })), 'ok');
    await until('the relay says so', () =>
      [...bob.meeting.state.streams.values()].some(({ layers }) => layers?.spatialLayer === 1),
    );
    const unknown = await bob.meeting.preferLayers(idOf(ada), 'screen', { spatialLayer: 1 });
    assert.equal(codeOf(unknown), 'stream.unknown');
  });

  it('forgets who left, with streams and keys', async () => {
    await adaProduces();
    await flows('camera');
    await ada.meeting.leave();
    assert.deepEqual(ada.meeting.state.phase, { kind: 'closed', why: undefined });
    await until('Bob saw Ada go', () => bob.meeting.state.participants.size === 0);
    assert.deepEqual([bobsStreams(), bob.port.consuming], [[], []]);
    assert.deepEqual(bob.streams.map(({ kind }) => kind).sort(), ['added', 'added', 'removed', 'removed']);
    assert.equal(codeOf(await ada.meeting.produce('camera', CAMERA)), 'meeting.closed');
  });

  it('says of a start that the person took back that it was stopped, and keeps what replaced it', async () => {
    const [first, second] = [{ layers: 1 }, { layers: 1 }];
    const outcomes = [ada.meeting.produce('microphone', first), ada.meeting.stop('microphone')];
    assert.deepEqual((await Promise.all(outcomes)).map(codeOf), ['source.stopped', 'ok']);
    ada.port.failures.add('produce');
    const replaced = [ada.meeting.produce('microphone', first), ada.meeting.produce('microphone', second)];
    assert.deepEqual((await Promise.all(replaced)).map(codeOf), ['source.stopped', 'ok']);
    await flows('microphone');
  });

  it('answers a refused source with the server’s code, and keeps nothing of it', async () => {
    world.server.refuseNext('produce', { code: 'media.refused', message: 'not this one' });
    assert.equal(codeOf(await ada.meeting.produce('camera', CAMERA)), 'media.refused');
    assert.deepEqual([ada.meeting.state.own.size, ada.port.sources], [0, []]);
    assert.equal(codeOf(await ada.meeting.produce('camera', CAMERA)), 'ok');
    await flows('camera');
  });

  it('takes back at the relay what its own media stack could not start', async () => {
    ada.port.failures.add('start');
    assert.equal(codeOf(await ada.meeting.produce('camera', CAMERA)), 'media.failed');
    assert.equal(world.server.sessions[0]?.producers.size, 0);
    assert.equal(codeOf(await ada.meeting.produce('camera', CAMERA)), 'ok');
    await flows('camera');
  });

  it('ends with the meeting, and says why', async () => {
    await adaProduces();
    world.server.toAll({ kind: 'meeting-ended', why: 'ended' });
    await until('it ended', () => ada.meeting.state.phase.kind === 'closed');
    const { phase } = ada.meeting.state;
    assert.equal(phase.kind === 'closed' && phase.why?.code, 'meeting.ended');
    await settle();
    assert.deepEqual([ada.port.sources, bob.port.consuming], [[], []]);
  });

  for (const [why, code] of [
    ['in-clear', 'media.seen-in-clear'],
    ['wrong-sender', 'media.wrong-sender'],
  ] as const)
    it(`stops a source that the relay stopped as ${why}, says so, and does not start it again`, async () => {
      await adaProduces();
      const producer = [...(world.server.sessions[0]?.producers.keys() ?? [])][1];
      assert(producer !== undefined);
      world.server.sessions[0]?.event({ kind: 'producer-removed', producer, why });
      await until('it stopped', () => !ada.port.sources.includes('camera'));
      assert.equal(ada.meeting.state.problem?.code, code);
      assert.deepEqual([...ada.meeting.state.own.keys()], ['microphone']);
      world.server.resetMedia();
      await until('media is back', () => ada.port.sources.length > 0);
      await settle();
      assert.deepEqual(ada.port.sources, ['microphone']);
    });

  it('stops a source that cannot be sealed, at the relay too', async () => {
    await adaProduces();
    ada.port.say({ kind: 'sealing-failed', source: 'camera', code: 'frame.exhausted' });
    await until('it stopped', () => world.server.countExecuted('close-producer') === 1);
    assert.equal(ada.meeting.state.problem?.code, 'frame.exhausted');
    assert.deepEqual(ada.port.sources, ['microphone']);
  });

  it('is over, and says why, where what seals and opens is gone: also for who only listens', async () => {
    await adaProduces();
    bob.port.say({ kind: 'failed', code: 'transform.worker-silent' });
    const { phase } = bob.meeting.state;
    assert.equal(phase.kind === 'closed' && phase.why?.code, 'transform.worker-silent');
    assert.deepEqual(bob.port.consuming, []);
  });

  it('starts what the relay alone took away', async () => {
    await adaProduces();
    await flows();
    const session = world.server.sessions[0];
    const [producer] = session?.producers.keys() ?? [];
    assert(session !== undefined && producer !== undefined);
    session.producers.delete(producer);
    session.event({ kind: 'producer-removed', producer, why: 'room-rebuilt' });
    await until('it was produced again', () => world.server.countExecuted('produce') === 3);
  });

  it('survives listeners that throw, and tells of them', async () => {
    ada.meeting.onChange(() => {
      throw new Error('a broken view');
    });
    await adaProduces();
    await flows();
    assert(world.listenerErrors.length > 0);
  });

  it('draws another number where its own is taken, and gives up in the end', async () => {
    const taken = { code: 'join.number-taken', message: 'taken' };
    world.server.refuseNext('enter', taken, 3);
    await world.join('Cem');
    const entries = world.server.executed.filter((request) => request.kind === 'enter').slice(-4);
    assert.equal(
      new Set(entries.map(({ announcement }) => announcement.salt)).size,
      4,
      'a salt for each try',
    );
    assert(new Set(entries.map(({ announcement }) => announcement.number)).size > 1);
    world.server.refuseNext('enter', taken, 100);
    const { joined } = await world.tryToJoin('Dee');
    assert.equal(codeOf(joined), 'join.number-taken');
  });

  it('is refused at the door with the server’s code, and leaves nothing running', async () => {
    world.server.refuseNext('enter', { code: 'entry.refused', message: 'not admitted' });
    const before = world.clock.pendingTimers;
    const { joined } = await world.tryToJoin('Eve');
    assert.equal(codeOf(joined), 'entry.refused');
    await settle();
    assert.equal(world.clock.pendingTimers, before);
  });

  it('refuses a name that no card can hold', async () => {
    const { joined } = await world.tryToJoin('N'.repeat(100));
    assert.equal(joined.ok, false);
  });

  describe('towards people who prove nothing', () => {
    const EVE = asId<ParticipantId>('eve');
    const announcement = { salt: toBase64Url(secureRandom(16)), number: 5 };

    it('lists them apart, and neither sees nor hears them', async () => {
      const salt = toBase64Url(secureRandom(16));
      world.server.alter = (entry) => ({ ...entry, announcement: { ...entry.announcement, salt } });
      const eve = await world.join('Eve');
      await eve.meeting.produce('microphone', MICROPHONE);
      await until('the stream was refused', () => bob.meeting.state.refusedStreams === 1);
      assert.deepEqual([...bob.meeting.state.unverified.keys()], [idOf(eve)]);
      assert.equal(bob.meeting.state.participants.has(idOf(eve)), false);
      assert.deepEqual([bobsStreams(), bob.port.consuming], [[], []]);
      assert.deepEqual(eve.meeting.state.participants.size, 0);
    });

    it('counts streams of people who were never named', async () => {
      world.server.toAll({
        kind: 'consumer-added',
        consumer: asId('c'),
        producer: asId('p'),
        participant: EVE,
        source: 'camera',
        rtpParameters: {
          codecs: [{ mimeType: 'video/VP8', payloadType: 101, clockRate: 90_000 }],
          headerExtensions: [],
          encodings: [{ ssrc: 1 }],
          rtcp: {},
        },
        producerPaused: false,
      });
      await until('it was counted', () => bob.meeting.state.refusedStreams === 1);
      assert.equal(bob.port.calls.includes('consume'), false);
    });

    it('refuses the later of two who carry one number, and whoever carries its own', async () => {
      const number = ada.meeting.state.self?.number ?? assert.fail('Ada is in');
      const bytes = new Uint8Array([number >> 16, number >> 8, number]);
      const eve = await world.join('Eve', {
        randomBytes: (size) => (size === bytes.length ? bytes : secureRandom(size)),
      });
      await until(
        'both refused',
        () => ada.meeting.state.unverified.size + bob.meeting.state.unverified.size === 2,
      );
      assert.equal(bob.meeting.state.unverified.get(idOf(eve)), 'roster.number-taken');
      assert.equal(ada.meeting.state.unverified.get(idOf(eve)), 'roster.number-taken');
      assert.equal(bob.meeting.state.participants.has(idOf(ada)), true);
    });

    it('does not let a second announcement of a known participant change anything', async () => {
      world.server.toAll({ kind: 'participant-joined', participant: idOf(ada), announcement });
      await settle();
      assert.deepEqual(seenBy(bob), [personOf(ada)]);
      assert.equal(bob.meeting.state.unverified.size, 0);
      await adaProduces();
      await flows();
    });

    it('refuses frames whose sender is another than the relay says', async () => {
      const cem = await world.join('Cem');
      await adaProduces();
      await cem.meeting.produce('microphone', MICROPHONE);
      await until('Bob takes both', () => bob.port.consuming.length === 3);
      // The relay sends Cem's frames where Ada's were announced.
      const ssrc = [...(world.server.sessions[0]?.producers.values() ?? [])][0]?.rtpParameters.encodings[0]
        ?.ssrc;
      cem.port.sendFrames('microphone', 1);
      const wire = world.net.sealed.at(-1);
      assert(ssrc !== undefined && wire !== undefined);
      world.net.send(ssrc, wire);
      assert.deepEqual(bob.meeting.state.refusedFrames, { 'frame.sender-mismatch': 1 });
      assert.deepEqual(outputOf(bob, ada, 'microphone')?.frames, []);
      await flows();
    });

    it('counts replayed and damaged frames, and goes on', async () => {
      await adaProduces();
      await flows();
      const ssrc = [...(world.server.sessions[0]?.producers.values() ?? [])][0]?.rtpParameters.encodings[0]
        ?.ssrc;
      const wire = world.net.sealed.at(-1);
      assert(ssrc !== undefined && wire !== undefined);
      world.net.send(ssrc, wire);
      world.net.send(
        ssrc,
        wire.map((byte, i) => (i === wire.length - 1 ? byte ^ 1 : byte)),
      );
      assert.equal(bob.meeting.state.refusedFrames['frame.replayed'], 2);
      await flows();
    });
  });
});
