import { newStoreFolder } from '../support/store-folder.ts';
import { describeStore } from './store.ts';

describeStore('sqlite', newStoreFolder);
