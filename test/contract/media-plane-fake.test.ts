import { FakeMediaPlane } from '../support/fake-media-plane.ts';
import { describeMediaPlane } from './media-plane.ts';

describeMediaPlane('the fake', async () => ({ plane: new FakeMediaPlane(), close: async () => {} }));
