import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  asId,
  type ConsumerId,
  type MeetingId,
  type ParticipantId,
  type ProducerId,
  type TransportId,
} from '../../src/base/ids.ts';
import type { MediaEvent, MediaReply, MediaRequest } from '../../src/base/media.ts';
import type { Result } from '../../src/base/result.ts';
import type { RtpCapabilities, RtpParameters } from '../../src/base/rtp.ts';
import type { MediaPlane } from '../../src/signaling/ports.ts';

/** A promise that tells nothing within this is taken for broken; the real thing answers in milliseconds. */
const PATIENCE_MS = 10_000;
const FINGERPRINTS = [{ algorithm: 'sha-256', value: Array(32).fill('AB').join(':') }] as const;
const DTLS = { role: 'client', fingerprints: FINGERPRINTS } as const;

const codeOf = (result: Result<unknown>): string => (result.ok ? 'ok' : result.refusal.code);

type ReplyOf<Kind extends MediaReply['kind']> = Extract<MediaReply, { kind: Kind }>;
const replyOf = <Kind extends MediaReply['kind']>(kind: Kind, result: Result<MediaReply>): ReplyOf<Kind> => {
  if (!result.ok) assert.fail(`refused: ${result.refusal.code} ${result.refusal.message}`);
  if (result.value.kind !== kind) assert.fail(`answered ${result.value.kind}, not ${kind}`);
  return result.value as ReplyOf<Kind>;
};

const streamOf = (capabilities: RtpCapabilities, mimeType: string, ssrc: number): RtpParameters => {
  const codec = capabilities.codecs.find((one) => one.mimeType.toLowerCase() === mimeType);
  assert.ok(codec, `the room does not route ${mimeType}`);
  const { clockRate, channels, parameters, rtcpFeedback } = codec;
  return {
    codecs: [{ mimeType: codec.mimeType, payloadType: 96, clockRate, channels, parameters, rtcpFeedback }],
    headerExtensions: [],
    encodings: [{ ssrc }],
    rtcp: { cname: 'contract' },
  };
};

/** Everything that a plane tells, so that a test can wait for one thing wherever it stands. */
class Ear {
  readonly heard: { readonly meeting: MeetingId; readonly to: ParticipantId; readonly event: MediaEvent }[] =
    [];
  readonly #waiting = new Set<() => void>();

  constructor(plane: MediaPlane) {
    plane.onEvent((meeting, to, event) => {
      this.heard.push({ meeting, to, event });
      for (const look of [...this.#waiting]) look();
    });
  }

  until<Kind extends MediaEvent['kind']>(
    to: ParticipantId,
    kind: Kind,
    fits: (event: Extract<MediaEvent, { kind: Kind }>) => boolean = () => true,
  ): Promise<Extract<MediaEvent, { kind: Kind }>> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${kind} was not told`)), PATIENCE_MS);
      const look = () => {
        const found = this.heard
          .filter((one) => one.to === to)
          .map(({ event }) => event)
          .find(
            (event): event is Extract<MediaEvent, { kind: Kind }> =>
              event.kind === kind && fits(event as never),
          );
        if (found === undefined) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

export interface PlaneUnderTest {
  readonly plane: MediaPlane;
  readonly close: () => Promise<void>;
}

/** What every MediaPlane must do, the fake and the real one alike. */
export const describeMediaPlane = (name: string, make: () => Promise<PlaneUnderTest>): void => {
  describe(`MediaPlane: ${name}`, () => {
    let made: PlaneUnderTest;
    let ear: Ear;
    let count = 0;
    before(async () => {
      made = await make();
      ear = new Ear(made.plane);
    });
    after(() => made.close());

    const open = async () => {
      const meeting = asId<MeetingId>(`contract-${++count}`);
      const opened = await made.plane.openRoom(meeting);
      if (!opened.ok) assert.fail(opened.refusal.code);
      return { meeting, capabilities: opened.value };
    };
    const enter = (meeting: MeetingId) => {
      const participant = asId<ParticipantId>(`person-${++count}`);
      assert.equal(codeOf(made.plane.enter(meeting, participant, count)), 'ok');
      return {
        participant,
        ask: (request: MediaRequest) => made.plane.request(meeting, participant, request),
      };
    };
    type Person = ReturnType<typeof enter>;
    const transportOf = async ({ ask }: Person, direction: 'send' | 'receive') =>
      replyOf('transport', await ask({ kind: 'create-transport', direction })).transport;
    const produceBy = async (
      person: Person,
      transport: TransportId,
      capabilities: RtpCapabilities,
      source: 'camera' | 'microphone' = 'camera',
    ) => {
      const codec = source === 'camera' ? 'video/vp8' : 'audio/opus';
      const rtpParameters = streamOf(capabilities, codec, 1_000 + ++count);
      return person.ask({ kind: 'produce', transport, source, rtpParameters, paused: false });
    };
    const receiveBy = (person: Person, transport: TransportId, rtpCapabilities: RtpCapabilities) =>
      person.ask({ kind: 'receive', transport, rtpCapabilities });

    /** Two in a room; the first sends a camera, the second receives it. */
    const watching = async () => {
      const { meeting, capabilities } = await open();
      const [sender, viewer] = [enter(meeting), enter(meeting)];
      const send = await transportOf(sender, 'send');
      const receive = await transportOf(viewer, 'receive');
      replyOf('done', await receiveBy(viewer, receive, capabilities));
      const { producer } = replyOf('producer', await produceBy(sender, send, capabilities));
      const added = await ear.until(viewer.participant, 'consumer-added', (one) => one.producer === producer);
      return { meeting, capabilities, sender, viewer, send, receive, producer, added };
    };

    it('opens a room once: the second answer is the first', async () => {
      const { meeting, capabilities } = await open();
      assert.deepEqual(await made.plane.openRoom(meeting), { ok: true, value: capabilities });
      assert.ok(capabilities.codecs.some(({ mimeType }) => mimeType.toLowerCase() === 'audio/opus'));
    });

    it('lets nobody into a room that is not open', () => {
      const entry = made.plane.enter(asId<MeetingId>('nowhere'), asId<ParticipantId>('nobody'), 1);
      assert.equal(codeOf(entry), 'media.unknown');
    });

    it('answers requests of strangers as it answers those about nothing', async () => {
      const { meeting } = await open();
      const request = { kind: 'create-transport', direction: 'send' } as const;
      const stranger = asId<ParticipantId>('stranger');
      assert.equal(codeOf(await made.plane.request(meeting, stranger, request)), 'media.unknown');
      const elsewhere = await made.plane.request(asId<MeetingId>('nowhere'), stranger, request);
      assert.equal(codeOf(elsewhere), 'media.unknown');
    });

    it('lets one participant in once, and one number', async () => {
      const { meeting } = await open();
      const [a, b] = [asId<ParticipantId>('once-a'), asId<ParticipantId>('once-b')];
      assert.equal(codeOf(made.plane.enter(meeting, a, 7)), 'ok');
      assert.equal(codeOf(made.plane.enter(meeting, a, 8)), 'media.already-in');
      assert.equal(codeOf(made.plane.enter(meeting, b, 7)), 'media.number-taken');
    });

    it('takes other numbers for its people, of which two may be one, and lets others enter beside them', async () => {
      const { meeting } = await open();
      const [a, b, c] = ['expected-a', 'expected-b', 'expected-c'].map((name) => asId<ParticipantId>(name));
      assert.ok(a && b && c);
      assert.equal(codeOf(made.plane.enter(meeting, a, 7)), 'ok');
      assert.equal(codeOf(made.plane.enter(meeting, b, 8)), 'ok');
      const numbers = new Map([a, b, c].map((one) => [one, [16, 33]] as const));
      made.plane.expectSenders(meeting, numbers);
      made.plane.expectSenders(asId<MeetingId>('nowhere'), numbers);
      assert.equal(codeOf(made.plane.enter(meeting, c, 7)), 'media.number-taken', 'entries stay apart');
      assert.equal(codeOf(made.plane.enter(meeting, c, 16)), 'ok');
    });

    it('offers transports that can be connected, once', async () => {
      const { meeting } = await open();
      const person = enter(meeting);
      const offer = replyOf('transport', await person.ask({ kind: 'create-transport', direction: 'send' }));
      assert.ok(offer.iceCandidates.length > 0 && offer.dtlsParameters.fingerprints.length > 0);
      const connect = {
        kind: 'connect-transport',
        transport: offer.transport,
        dtlsParameters: DTLS,
      } as const;
      replyOf('done', await person.ask(connect));
      assert.equal((await person.ask(connect)).ok, false);
      assert.ok(replyOf('ice', await person.ask({ kind: 'restart-ice', transport: offer.transport })));
    });

    it('shows a new stream to who receives, with its owner, and not to its owner', async () => {
      const { sender, viewer, producer, added } = await watching();
      assert.equal(added.participant, sender.participant);
      assert.equal(added.source, 'camera');
      assert.ok(added.rtpParameters.codecs.length > 0 && added.rtpParameters.encodings.length > 0);
      replyOf('done', await viewer.ask({ kind: 'resume-consumer', consumer: added.consumer }));
      const toSender = ear.heard.filter(
        ({ to, event }) => to === sender.participant && event.kind === 'consumer-added',
      );
      assert.deepEqual(toSender, []);
      assert.ok(producer);
    });

    it('shows streams that were there before to who comes later', async () => {
      const { meeting, capabilities, producer } = await watching();
      const late = enter(meeting);
      const receive = await transportOf(late, 'receive');
      replyOf('done', await receiveBy(late, receive, capabilities));
      const added = await ear.until(late.participant, 'consumer-added');
      assert.equal(added.producer, producer);
    });

    it('tells nothing to who does not receive', async () => {
      const { meeting, capabilities, sender, send } = await watching();
      const deaf = enter(meeting);
      await transportOf(deaf, 'receive');
      replyOf('producer', await produceBy(sender, send, capabilities));
      assert.deepEqual(
        ear.heard.filter(({ to }) => to === deaf.participant),
        [],
      );
    });

    it('tells of a pause and of going on', async () => {
      const { sender, viewer, producer, added } = await watching();
      const mine = ({ consumer }: { consumer: ConsumerId }) => consumer === added.consumer;
      replyOf('done', await sender.ask({ kind: 'pause-producer', producer }));
      await ear.until(viewer.participant, 'consumer-paused', mine);
      replyOf('done', await sender.ask({ kind: 'resume-producer', producer }));
      await ear.until(viewer.participant, 'consumer-resumed', mine);
    });

    it('takes away what a closed producer fed', async () => {
      const { sender, viewer, producer, added } = await watching();
      replyOf('done', await sender.ask({ kind: 'close-producer', producer }));
      await ear.until(viewer.participant, 'consumer-removed', ({ consumer }) => consumer === added.consumer);
      assert.equal(codeOf(await sender.ask({ kind: 'close-producer', producer })), 'media.unknown');
    });

    it('mutes from outside a microphone alone, which its owner may resume', async () => {
      const { meeting, capabilities, sender, viewer, send, added } = await watching();
      const answer = await produceBy(sender, send, capabilities, 'microphone');
      const { producer } = replyOf('producer', answer);
      const heard = await ear.until(
        viewer.participant,
        'consumer-added',
        ({ source }) => source === 'microphone',
      );
      made.plane.mute(meeting, sender.participant);
      await ear.until(viewer.participant, 'consumer-paused', ({ consumer }) => consumer === heard.consumer);
      made.plane.mute(meeting, sender.participant);
      replyOf('done', await sender.ask({ kind: 'resume-producer', producer }));
      await ear.until(viewer.participant, 'consumer-resumed', ({ consumer }) => consumer === heard.consumer);
      const paused = ear.heard.filter(
        ({ to, event }) => to === viewer.participant && event.kind === 'consumer-paused',
      );
      assert.equal(paused.length, 1, 'once, and the camera not at all');
      assert.notEqual(heard.consumer, added.consumer);
      made.plane.mute(meeting, viewer.participant);
      made.plane.mute(asId<MeetingId>('nowhere'), viewer.participant);
    });

    it('stops streams of some sources from outside, and tells their owner', async () => {
      const { meeting, sender, viewer, producer, added } = await watching();
      assert.equal(made.plane.sourceOf(meeting, sender.participant, producer), 'camera');
      assert.equal(made.plane.sourceOf(meeting, viewer.participant, producer), undefined);
      made.plane.stop(meeting, sender.participant, ['microphone', 'screen']);
      assert.equal(made.plane.sourceOf(meeting, sender.participant, producer), 'camera');
      made.plane.stop(meeting, sender.participant, ['screen', 'camera']);
      await ear.until(viewer.participant, 'consumer-removed', ({ consumer }) => consumer === added.consumer);
      const told = await ear.until(sender.participant, 'producer-removed');
      assert.deepEqual(told, { kind: 'producer-removed', producer, why: 'stopped' });
      assert.equal(codeOf(await sender.ask({ kind: 'resume-producer', producer })), 'media.unknown');
      made.plane.stop(meeting, asId<ParticipantId>('never-came'), ['camera']);
    });

    it('stops a stream that is being made', async () => {
      const { meeting, capabilities } = await open();
      const person = enter(meeting);
      const send = await transportOf(person, 'send');
      const asked = produceBy(person, send, capabilities);
      made.plane.stop(meeting, person.participant, ['camera']);
      assert.equal(codeOf(await asked), 'media.gone');
    });

    it('lets a second camera replace the first', async () => {
      const { sender, viewer, send, capabilities, added } = await watching();
      replyOf('producer', await produceBy(sender, send, capabilities));
      await ear.until(viewer.participant, 'consumer-removed', ({ consumer }) => consumer === added.consumer);
      await ear.until(viewer.participant, 'consumer-added', ({ consumer }) => consumer !== added.consumer);
    });

    it('takes away what a leaver sent, and forgets the leaver', async () => {
      const { meeting, sender, viewer, added } = await watching();
      made.plane.leave(meeting, sender.participant);
      await ear.until(viewer.participant, 'consumer-removed', ({ consumer }) => consumer === added.consumer);
      const request = { kind: 'create-transport', direction: 'send' } as const;
      assert.equal(codeOf(await sender.ask(request)), 'media.unknown');
      assert.doesNotThrow(() => made.plane.leave(meeting, sender.participant));
      assert.doesNotThrow(() => made.plane.leave(meeting, asId<ParticipantId>('never-came')));
    });

    it('hides the things of others', async () => {
      const { sender, viewer, send, producer, added } = await watching();
      const requests: readonly [Person, MediaRequest][] = [
        [viewer, { kind: 'connect-transport', transport: send, dtlsParameters: DTLS }],
        [viewer, { kind: 'restart-ice', transport: send }],
        [viewer, { kind: 'pause-producer', producer }],
        [viewer, { kind: 'close-producer', producer }],
        [sender, { kind: 'resume-consumer', consumer: added.consumer }],
        [sender, { kind: 'prefer-layers', consumer: added.consumer, spatialLayer: 0 }],
        [sender, { kind: 'request-key-frame', consumer: added.consumer }],
        [sender, { kind: 'close-producer', producer: asId<ProducerId>('nothing') }],
      ];
      for (const [person, request] of requests)
        assert.equal(codeOf(await person.ask(request)), 'media.unknown', request.kind);
    });

    it('keeps the directions of transports apart', async () => {
      const { sender, viewer, send, receive, capabilities } = await watching();
      assert.equal(codeOf(await produceBy(viewer, receive, capabilities)), 'media.invalid');
      assert.equal(codeOf(await receiveBy(sender, send, capabilities)), 'media.invalid');
    });

    it('ends a room with everything in it, as often as asked', async () => {
      const { meeting, sender } = await watching();
      made.plane.closeRoom(meeting);
      made.plane.closeRoom(meeting);
      const request = { kind: 'create-transport', direction: 'send' } as const;
      assert.equal(codeOf(await sender.ask(request)), 'media.unknown');
    });

    it('keeps rooms apart', async () => {
      const [one, two] = [await watching(), await watching()];
      const foreign = ear.heard.filter(
        ({ meeting, to }) => meeting === two.meeting && to === one.viewer.participant,
      );
      assert.deepEqual(foreign, []);
      assert.equal(
        codeOf(await two.viewer.ask({ kind: 'resume-consumer', consumer: one.added.consumer })),
        'media.unknown',
      );
    });

    it('tells nothing to a listener that was taken away', async () => {
      const told: MediaEvent[] = [];
      const stop = made.plane.onEvent((_meeting, _to, event) => told.push(event));
      stop();
      await watching();
      assert.deepEqual(told, []);
    });
  });
};
