import { describeEngine } from '../contract/engine.ts';
import { startEngine } from './engine-support.ts';

describeEngine('mediasoup', () => startEngine({ workers: 2 }));
