import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { asId, type ConsumerId, type ProducerId, type TransportId } from '../../src/base/ids.ts';
import type { Direction, Source, TransportOffer } from '../../src/base/media.ts';
import type { DtlsParameters, IceParameters, RtpCapabilities, RtpParameters } from '../../src/base/rtp.ts';
import { type MediaPort, type MediaPortEvent, TOP_LAYER } from '../../src/client/ports.ts';

/** The relay's side and the material of one kind of port, for the suite to drive. */
export interface MediaPortRig<Input, Output> {
  readonly router: RtpCapabilities;
  /** A port with keys of its own: it seals as `number`, and opens what numbers 1 to 4 seal. */
  newPort(number: number): MediaPort<Input, Output>;
  createTransport(direction: Direction): Promise<TransportOffer>;
  connectTransport(transport: TransportId, dtlsParameters: DtlsParameters): Promise<void>;
  restartIce(transport: TransportId): Promise<IceParameters>;
  produce(transport: TransportId, source: Source, rtpParameters: RtpParameters): Promise<ProducerId>;
  consume(transport: TransportId, producer: ProducerId, capabilities: RtpCapabilities): Promise<Consuming>;
  inputOf(source: Source): Input;
  layersOf(source: Source): number;
  /** Frames that were opened so far. */
  framesOf(output: Output): number;
  /** Lets media flow until `holds`, or fails. */
  flowUntil(what: string, holds: () => boolean): Promise<void>;
}

export interface Consuming {
  readonly consumer: ConsumerId;
  readonly rtpParameters: RtpParameters;
  resume(): Promise<void>;
}

const TIMEOUT = { timeout: 60_000 };

/** One port and what the relay knows of it. */
class Peer<Input, Output> {
  readonly port: MediaPort<Input, Output>;
  readonly number: number;
  readonly events: MediaPortEvent[] = [];
  readonly transports = new Map<Direction, TransportId>();
  readonly connects: Direction[] = [];
  readonly announced: RtpParameters[] = [];
  capabilities: RtpCapabilities | undefined;
  readonly #rig: MediaPortRig<Input, Output>;

  constructor(rig: MediaPortRig<Input, Output>, number: number) {
    this.#rig = rig;
    this.number = number;
    this.port = rig.newPort(number);
    this.port.onEvent((event) => this.events.push(event));
  }

  async open(): Promise<void> {
    this.capabilities = await this.port.load(this.#rig.router);
    for (const direction of ['send', 'receive'] as const) await this.#openTransport(direction);
  }

  async #openTransport(direction: Direction): Promise<void> {
    const offer = await this.#rig.createTransport(direction);
    this.transports.set(direction, offer.transport);
    await this.port.openTransport(direction, offer, async (dtlsParameters) => {
      this.connects.push(direction);
      await this.#rig.connectTransport(offer.transport, dtlsParameters);
    });
  }

  transport(direction: Direction): TransportId {
    const transport = this.transports.get(direction);
    assert(transport !== undefined);
    return transport;
  }

  async produce(source: Source): Promise<ProducerId> {
    let made: ProducerId | undefined;
    await this.port.produce({ source, input: this.#rig.inputOf(source) }, async (rtpParameters) => {
      this.announced.push(rtpParameters);
      made = await this.#rig.produce(this.transport('send'), source, rtpParameters);
      return made;
    });
    assert(made !== undefined, 'produce settles after announce');
    return made;
  }

  async consume(source: Source, producer: ProducerId, number: number) {
    assert(this.capabilities !== undefined);
    const consuming = await this.#rig.consume(this.transport('receive'), producer, this.capabilities);
    const { consumer, rtpParameters, resume } = consuming;
    const output = await this.port.consume({ consumer, source, sender: { number }, rtpParameters });
    await resume();
    return { consumer, output, rtpParameters };
  }
}

/** Streams by what names them to the relay: an SSRC, or a media section's and an encoding's own names (RFC 8852). */
const streamsOf = ({ encodings, mid }: RtpParameters): readonly string[] =>
  encodings.map(({ ssrc, rid }) => (ssrc === undefined ? `${mid} ${rid}` : `${ssrc}`));
const ssrcsOf = ({ encodings }: RtpParameters): readonly number[] =>
  encodings.flatMap(({ ssrc }) => (ssrc === undefined ? [] : [ssrc]));

const streamOf = ({ msid }: RtpParameters): string | undefined => msid?.split(' ')[0];

/** What every `MediaPort` keeps. The relay is the rig's; both ports meet there. */
export const describeMediaPort = <Input, Output>(
  name: string,
  openRig: () => Promise<{ rig: MediaPortRig<Input, Output>; close: () => Promise<void> }>,
): void => {
  describe(`media port: ${name}`, () => {
    let rig: MediaPortRig<Input, Output>;
    let close: () => Promise<void>;
    let sender: Peer<Input, Output>;
    let receiver: Peer<Input, Output>;

    beforeEach(async () => {
      ({ rig, close } = await openRig());
      sender = new Peer(rig, 1);
      receiver = new Peer(rig, 2);
    });
    afterEach(async () => {
      sender.port.reset();
      receiver.port.reset();
      await close();
    });

    const openBoth = () => Promise.all([sender.open(), receiver.open()]);
    const flowing = async (source: Source) => {
      const producer = await sender.produce(source);
      const taken = await receiver.consume(source, producer, sender.number);
      await rig.flowUntil(`${source} flows`, () => rig.framesOf(taken.output) > 0);
      return taken;
    };
    const more = async (output: Output, count = 10) => {
      const before = rig.framesOf(output);
      await rig.flowUntil('more comes', () => rig.framesOf(output) >= before + count);
    };
    const input = (source: Source) => ({ source, input: rig.inputOf(source) });
    const neverAnnounced = () => Promise.reject(new Error('nothing may be announced'));

    it('loads first: nothing else works before', TIMEOUT, async () => {
      const offer = await rig.createTransport('send');
      await assert.rejects(sender.port.openTransport('send', offer, async () => {}));
      await assert.rejects(sender.port.produce(input('camera'), neverAnnounced), (error: Error) => {
        assert.doesNotMatch(error.message, /announced/);
        return true;
      });
      const capabilities = await sender.port.load(rig.router);
      const offered = new Set(rig.router.codecs.map(({ mimeType }) => mimeType.toLowerCase()));
      assert(capabilities.codecs.length > 0);
      for (const { mimeType } of capabilities.codecs) assert(offered.has(mimeType.toLowerCase()), mimeType);
    });

    it('connects each transport once, before what is made on it settles', TIMEOUT, async () => {
      await openBoth();
      await flowing('camera');
      await flowing('microphone');
      assert.deepEqual(sender.connects.filter((direction) => direction === 'send').length, 1);
      assert.deepEqual(receiver.connects.filter((direction) => direction === 'receive').length, 1);
      const states = (peer: Peer<Input, Output>, wanted: Direction) =>
        peer.events.flatMap((event) =>
          event.kind === 'transport-state' && event.direction === wanted ? [event.state] : [],
        );
      assert.equal(states(sender, 'send').at(-1), 'connected');
      assert.equal(states(receiver, 'receive').at(-1), 'connected');
    });

    it(
      'announces one encoding for each layer, no name twice, and is live from then on',
      TIMEOUT,
      async () => {
        await openBoth();
        await flowing('camera');
        await flowing('microphone');
        const [camera, microphone] = sender.announced;
        assert(camera !== undefined && microphone !== undefined);
        assert.equal(camera.encodings.length, rig.layersOf('camera'));
        assert.equal(microphone.encodings.length, rig.layersOf('microphone'));
        const streams = [...streamsOf(camera), ...streamsOf(microphone)];
        assert.equal(new Set(streams).size, streams.length);
      },
    );

    it('lets what is of one person be played in time with one another', TIMEOUT, async () => {
      await openBoth();
      const camera = await flowing('camera');
      const microphone = await flowing('microphone');
      const [ofCamera, ofMicrophone] = [camera.rtpParameters, microphone.rtpParameters];
      assert(ofCamera.rtcp.cname);
      assert.equal(ofCamera.rtcp.cname, ofMicrophone.rtcp.cname);
      // Browsers play streams in step that name one media stream.
      assert.equal(streamOf(ofCamera), streamOf(ofMicrophone));
    });

    it('has one live producer per source', TIMEOUT, async () => {
      await openBoth();
      const { output } = await flowing('camera');
      await assert.rejects(sender.port.produce(input('camera'), neverAnnounced), (error: Error) => {
        assert.doesNotMatch(error.message, /announced/);
        return true;
      });
      await more(output);
    });

    it('gives a source up whose announcement is refused, and can produce it after', TIMEOUT, async () => {
      await openBoth();
      const refused = () => Promise.reject(new Error('refused'));
      await assert.rejects(sender.port.produce(input('camera'), refused), /refused/);
      await flowing('camera');
    });

    it('produces anew under other SSRCs, and is opened again', TIMEOUT, async () => {
      await openBoth();
      const first = await flowing('camera');
      sender.port.stopProducing('camera');
      receiver.port.stopConsuming(first.consumer);
      await flowing('camera');
      const [before, after] = sender.announced.map(ssrcsOf);
      assert(before !== undefined && after !== undefined);
      for (const ssrc of after) assert.equal(before.includes(ssrc), false);
      assert.deepEqual(
        receiver.events.filter(({ kind }) => kind === 'frame-refused'),
        [],
      );
    });

    it('refuses frames of another sender than it was told, and says so', TIMEOUT, async () => {
      await openBoth();
      const producer = await sender.produce('microphone');
      const { consumer, output } = await receiver.consume('microphone', producer, 3);
      const refusal = () => receiver.events.find(({ kind }) => kind === 'frame-refused');
      await rig.flowUntil('a frame is refused', () => refusal() !== undefined);
      assert.deepEqual(refusal(), { kind: 'frame-refused', consumer, code: 'frame.sender-mismatch' });
      assert.equal(rig.framesOf(output), 0);
    });

    it('sends nothing of a paused source, and goes on after', TIMEOUT, async () => {
      await openBoth();
      const camera = await flowing('camera');
      const microphone = await flowing('microphone');
      sender.port.setSending('camera', { paused: true, topLayer: TOP_LAYER });
      // What was under way has come when the microphone's later frames have.
      await more(microphone.output, 25);
      const before = rig.framesOf(camera.output);
      await more(microphone.output, 25);
      assert.equal(rig.framesOf(camera.output), before);
      sender.port.setSending('camera', { paused: false, topLayer: TOP_LAYER });
      await more(camera.output);
    });

    it('goes on with the layers that are left, and with all again', TIMEOUT, async () => {
      await openBoth();
      const { output } = await flowing('camera');
      sender.port.setSending('camera', { paused: false, topLayer: 0 });
      await more(output, 25);
      sender.port.setSending('camera', { paused: false, topLayer: TOP_LAYER });
      await more(output, 25);
    });

    it('hears nothing of what it stopped consuming', TIMEOUT, async () => {
      await openBoth();
      const camera = await flowing('camera');
      const microphone = await flowing('microphone');
      receiver.port.stopConsuming(camera.consumer);
      // What was under way, also to whoever counts, has come when the microphone's later frames have.
      await more(microphone.output, 25);
      const before = rig.framesOf(camera.output);
      await more(microphone.output, 25);
      assert.equal(rig.framesOf(camera.output), before);
    });

    it('lets media flow on over an ICE restart', TIMEOUT, async () => {
      await openBoth();
      const { output } = await flowing('camera');
      await sender.port.restartIce('send', await rig.restartIce(sender.transport('send')));
      await receiver.port.restartIce('receive', await rig.restartIce(receiver.transport('receive')));
      await more(output, 25);
    });

    it('begins anew after a reset, and works as before', TIMEOUT, async () => {
      await openBoth();
      await flowing('camera');
      sender.port.reset();
      receiver.port.reset();
      await assert.rejects(sender.port.produce(input('camera'), neverAnnounced));
      await openBoth();
      await flowing('camera');
    });

    it('takes stopping, pausing and resetting what is not there for done', TIMEOUT, async () => {
      const nothing = asId<ConsumerId>('nothing');
      for (const { port } of [sender, receiver]) {
        port.reset();
        port.stopProducing('camera');
        port.stopConsuming(nothing);
        port.setSending('camera', { paused: true, topLayer: TOP_LAYER });
      }
      await openBoth();
      sender.port.stopProducing('screen');
      sender.port.setSending('screen', { paused: true, topLayer: TOP_LAYER });
      receiver.port.stopConsuming(nothing);
      await flowing('camera');
    });
  });
};
