import type { AsyncFrameKeys } from '../../../src/e2ee/frame-keys.ts';
import { createAsyncFrameKeys } from '../../../src/e2ee/keys/store-async.ts';
import { nobleDriver } from '../../../src/e2ee/sframe/noble.ts';
import { webDriver } from '../../../src/e2ee/sframe/web.ts';
import { runTransforms, type TransformScope } from '../../../src/e2ee/transform/scope.ts';

/** The project's worker, but that its cipher breaks once the page says so: by a throw, or by keys that are none. */
const scope = globalThis as unknown as TransformScope & { name: string };
const state = { isBroken: false };
const real = webDriver(crypto.subtle);

const throwing = (keys: AsyncFrameKeys): AsyncFrameKeys => ({
  ...keys,
  newSealingContext(source, codec) {
    const context = keys.newSealingContext(source, codec);
    if (!context.ok) return context;
    const seal = (frame: Uint8Array, keyFrame: boolean) => {
      if (state.isBroken) throw new Error('broken on purpose');
      return context.value.seal(frame, keyFrame);
    };
    return { ok: true, value: { seal } };
  },
});

const withBrokenKey = createAsyncFrameKeys({
  hmac: nobleDriver,
  driver: {
    ...real,
    async aead(suite, key) {
      const aead = await real.aead(suite, key);
      const other = await crypto.subtle.generateKey({ name: 'AES-CTR', length: 256 }, false, ['encrypt']);
      const broken = async (nonce: Uint8Array) => {
        const algorithm = { name: 'AES-GCM', iv: new Uint8Array(nonce) };
        return new Uint8Array(await crypto.subtle.encrypt(algorithm, other, new Uint8Array(1)));
      };
      return {
        ...aead,
        seal: (nonce, aad, plaintext) => (state.isBroken ? broken(nonce) : aead.seal(nonce, aad, plaintext)),
      };
    },
  },
});

const keys =
  scope.name === 'throwing'
    ? throwing(createAsyncFrameKeys({ driver: real, hmac: nobleDriver }))
    : withBrokenKey;
runTransforms(scope, keys);
const { onmessage } = scope;
scope.onmessage = (event) => {
  if (event.data === 'break') state.isBroken = true;
  else onmessage?.(event);
};
