import { defaultCryptoProvider, getCiphersuiteFromName, getCiphersuiteImpl } from 'ts-mls';
import { SUITE_NAMES } from '../suites.ts';
import type { MlsCrypto } from './provider.ts';

/** The library's own, on WebCrypto (ML-KEM and P-384 signatures in JavaScript): for browsers. */
export const webMlsCrypto: MlsCrypto = (suite) =>
  getCiphersuiteImpl(getCiphersuiteFromName(SUITE_NAMES[suite]), defaultCryptoProvider);
