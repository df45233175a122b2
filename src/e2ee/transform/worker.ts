import { createAsyncFrameKeys } from '../keys/store-async.ts';
import { nobleDriver } from '../sframe/noble.ts';
import { webDriver } from '../sframe/web.ts';
import { runTransforms, type TransformScope } from './scope.ts';

// Sound: browsers run this file as a dedicated worker and nowhere else; the compiler's `dom` has no types for its scope.
const scope = globalThis as unknown as TransformScope;
runTransforms(scope, createAsyncFrameKeys({ driver: webDriver(crypto.subtle), hmac: nobleDriver }));
