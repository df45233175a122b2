import type { Extension } from 'ts-mls';
import { type Bytes, concatBytes, equalBytes, utf8 } from '../../base/bytes.ts';
import type { MeetingContext } from './port.ts';

/** Of the range for private use (RFC 9420 section 17.3). */
export const CONTEXT_EXTENSION = 0xf0be;

const field = (bytes: Bytes): Bytes => {
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, bytes.length);
  return concatBytes(size, bytes);
};

/** Every field behind its length: no two contexts have one encoding. */
const encodeContext = ({ meeting, marking, suite, chair, charterHash }: MeetingContext): Bytes =>
  concatBytes(...[meeting, marking, suite, chair].map((text) => field(utf8(text))), field(charterHash));

export const groupIdOf = ({ meeting }: MeetingContext): Bytes => utf8(meeting);

export const contextExtension = (context: MeetingContext): Extension => ({
  extensionType: CONTEXT_EXTENSION,
  extensionData: encodeContext(context),
});

/** Whether a group's extensions are the context's one and nothing else. */
export const hasContext = (extensions: readonly Extension[], context: MeetingContext): boolean => {
  const [only, ...others] = extensions;
  return (
    others.length === 0 &&
    only?.extensionType === CONTEXT_EXTENSION &&
    equalBytes(only.extensionData, encodeContext(context))
  );
};
