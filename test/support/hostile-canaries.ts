import { type Bytes, concatBytes, toBase64Url, toHex, utf8 } from '../../src/base/bytes.ts';
import type { EncodedClip } from '../../src/client/clips/clip.ts';
import type { ShippedClips } from '../../src/client/clips/files.ts';
import type { GroupTools } from '../../src/client/group/tools.ts';
import type { Group, GroupKeyAgreement } from '../../src/e2ee/mls/port.ts';
import type { SyncDriver } from '../../src/e2ee/sframe/driver.ts';

/** In each frame, behind what stays clear. Opus frames keep their size, which is constant. */
const marked = (clip: EncodedClip, canary: Bytes): EncodedClip => ({
  ...clip,
  frames: clip.frames.map((frame) => {
    const kept = clip.codec === 'opus' ? frame.bytes.subarray(0, -canary.length) : frame.bytes;
    return { ...frame, bytes: concatBytes(kept, canary) };
  }),
});

export const withCanary = ({ camera, microphone }: ShippedClips, canary: Bytes): ShippedClips => ({
  camera: camera.map((clip) => marked(clip, canary)),
  microphone: microphone.map((clip) => marked(clip, canary)),
});

/** Every way in which bytes may lie somewhere. */
export const formsOf = (bytes: Bytes): Buffer[] =>
  [bytes, toHex(bytes), toBase64Url(bytes), Buffer.from(bytes).toString('base64').replace(/=+$/, '')].map(
    (form) => Buffer.from(form as string),
  );

/**
 * Base64 of it wherever it stands in a longer text: three alignments, without the characters that depend on its neighbours. Of letters,
 * digits and spaces both alphabets make the same.
 */
const inBase64 = (text: string): string[] =>
  [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
    const [from, to] = [Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6)];
    return bytes.toString('base64').slice(from, to);
  });

/** Every way in which a text may lie somewhere: as such, beside wider letters, in a statement, and in what holds statements. */
export const formsOfText = (text: string): Buffer[] => {
  const inStatements = inBase64(text);
  const forms = [text, toHex(utf8(text)), ...inStatements, ...inStatements.flatMap(inBase64)];
  return [Buffer.from(text, 'utf16le'), ...forms.map((form) => Buffer.from(form))];
};

/** All secrets that any device of a meeting makes, and the groups that it makes them with. */
export class SecretLog {
  readonly groups: Group[] = [];
  /** Copies. */
  readonly baseKeys: Bytes[] = [];
  /** The very bytes that were handed on. */
  readonly handedOn: Bytes[] = [];
  readonly frameKeys = new Map<string, Bytes>();

  tools(inner: GroupTools): GroupTools {
    return {
      ...inner,
      startAgreement: async (owner) => {
        const started = await inner.startAgreement(owner);
        return { ...started, agreement: this.#watched(started.agreement) };
      },
    };
  }

  /** Keys of frames as they are derived. */
  driver(inner: SyncDriver): SyncDriver {
    return {
      ...inner,
      aead: (suite, key) => {
        this.frameKeys.set(toHex(key), key.slice());
        return inner.aead(suite, key);
      },
    };
  }

  #watched(real: GroupKeyAgreement): GroupKeyAgreement {
    const noted = <R extends Awaited<ReturnType<GroupKeyAgreement['create']>>>(made: R): R => {
      if (made.ok) this.#watch(made.value);
      return made;
    };
    return {
      keyPackage: () => real.keyPackage(),
      candidate: (bytes) => real.candidate(bytes),
      create: async (context) => noted(await real.create(context)),
      join: async (...how) => noted(await real.join(...how)),
    };
  }

  #watch(group: Group): void {
    this.groups.push(group);
    const draw = group.baseKey.bind(group);
    group.baseKey = async (size) => {
      const key = await draw(size);
      if (key.ok) this.baseKeys.push(key.value.slice());
      if (key.ok) this.handedOn.push(key.value);
      return key;
    };
  }
}
