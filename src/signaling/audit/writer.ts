import { type Bytes, toBase64Url } from '../../base/bytes.ts';
import { checkpointText } from '../../trust/record/checkpoint.ts';
import { extend, formatLine, type Head, type Sha256 } from './chain.ts';
import { type Checkpoint, type Content, writeJson } from './schema.ts';

export interface Written {
  readonly head: Head;
  /** What is appended to the file: one whole line. */
  readonly text: string;
}

/** The line that says `content`, and the head after it. */
export const writeLine = (sha256: Sha256, head: Head, content: Content, atUnixMs: number): Written => {
  const json = writeJson({ n: head.count, atUnixMs, content });
  const next = extend(sha256, head, json);
  return { head: next, text: formatLine({ hash: next.hash, json }) };
};

/** The content that signs all lines up to `head`. */
export const checkpointOf = (sign: (text: Bytes) => Bytes, record: string, head: Head): Checkpoint => ({
  kind: 'checkpoint',
  signature: toBase64Url(sign(checkpointText(record, head))),
});
