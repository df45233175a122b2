import type { CiphersuiteImpl } from 'ts-mls';
import type { MlsSuite } from '../suites.ts';

/** The library's cryptography without the device's own signatures, which come from its `Signer`. */
export type MlsCrypto = (suite: MlsSuite) => Promise<CiphersuiteImpl>;
