import { FakeDisk, FakeStore } from '../support/fake-store.ts';
import { describeStore } from './store.ts';

describeStore('the fake', () => {
  const disk = new FakeDisk();
  return { open: (limits) => new FakeStore(disk, limits), end: () => {} };
});
