import { newFakeRig } from '../support/store-kinds.ts';
import { describeStore } from './store.ts';

describeStore('fake', newFakeRig);
