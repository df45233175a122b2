import { FakeEngine } from '../support/fake-engine.ts';
import { describeEngine } from './engine.ts';

describeEngine('the fake', async () => new FakeEngine({ workers: 2 }));
