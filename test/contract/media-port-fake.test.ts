import { asId, type ConsumerId, type ProducerId, type TransportId } from '../../src/base/ids.ts';
import type { Source } from '../../src/base/media.ts';
import type { RtpParameters } from '../../src/base/rtp.ts';
import { createFrameKeys } from '../../src/e2ee/keys/store.ts';
import { nodeDriver } from '../../src/e2ee/sframe/node.ts';
import { type FakeInput, FakeMediaPort, FakeNet, type FakeOutput } from '../support/fake-media-port.ts';
import { ROUTER } from '../support/fake-server.ts';
import { until } from '../support/until.ts';
import { describeMediaPort, type MediaPortRig } from './media-port.ts';

const ICE = { usernameFragment: 'fragment', password: 'password' };
const layersOf = (source: Source): number => (source === 'camera' ? 3 : 1);

const openFake = (): MediaPortRig<FakeInput, FakeOutput> => {
  const net = new FakeNet();
  const ports: FakeMediaPort[] = [];
  const producers = new Map<ProducerId, RtpParameters>();
  let lastId = 0;
  const mint = () => `${++lastId}`;
  return {
    router: ROUTER,
    newPort(number) {
      const frameKeys = createFrameKeys({ driver: nodeDriver });
      frameKeys.useOwnKey(number, new Uint8Array(32).fill(number));
      for (let other = 1; other <= 4; other++) frameKeys.addSender(other, new Uint8Array(32).fill(other));
      const port = new FakeMediaPort(frameKeys, net);
      ports.push(port);
      return port;
    },
    createTransport: async () => ({
      transport: asId<TransportId>(mint()),
      iceParameters: ICE,
      iceCandidates: [],
      dtlsParameters: { fingerprints: [{ algorithm: 'sha-256', value: '00' }] },
    }),
    connectTransport: async () => {},
    restartIce: async () => ICE,
    async produce(_transport, _source, rtpParameters) {
      const producer = asId<ProducerId>(mint());
      producers.set(producer, rtpParameters);
      return producer;
    },
    async consume(_transport, producer) {
      const rtpParameters = producers.get(producer);
      if (rtpParameters === undefined) throw new Error('no such producer');
      return { consumer: asId<ConsumerId>(mint()), rtpParameters, resume: async () => {} };
    },
    inputOf: (source) => ({ layers: layersOf(source) }),
    layersOf,
    framesOf: ({ frames }) => frames.length,
    flowUntil: (what, holds) =>
      until(what, () => {
        for (const port of ports) for (const source of port.sources) port.sendFrames(source, 1);
        return holds();
      }),
  };
};

describeMediaPort('the fake', async () => ({ rig: openFake(), close: async () => {} }));
