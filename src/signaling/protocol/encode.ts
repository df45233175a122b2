import { type Bytes, utf8 } from '../../base/bytes.ts';
import type { Refusal, Result } from '../../base/result.ts';
import type { ServerEvent, WireError } from './messages.ts';

/** The bounds of `wireError`: a longer text of another part is cut, not sent in breach of the schema. */
const MAX_CODE_CHARS = 64;
const MAX_TEXT_CHARS = 500;

export type Encode = (seq: number) => Bytes;

export const encodeReply =
  (re: number, result: Result<unknown>): Encode =>
  (seq) =>
    utf8(
      JSON.stringify(
        result.ok
          ? { seq, re, ok: true, body: result.value }
          : { seq, re, ok: false, error: wireErrorOf(result.refusal) },
      ),
    );

/** The event is written once, however many sessions it goes to. */
export const encodeEvent = (event: ServerEvent): Encode => {
  const text = JSON.stringify(event);
  return (seq) => utf8(`{"seq":${seq},"event":${text}}`);
};

export const encodeHeartbeat = (): Bytes => utf8('{"kind":"heartbeat"}');

const wireErrorOf = ({ code, message, remedy, reference }: Refusal): WireError => ({
  code: code.slice(0, MAX_CODE_CHARS),
  message: message.slice(0, MAX_TEXT_CHARS),
  ...(remedy === undefined ? {} : { remedy: remedy.slice(0, MAX_TEXT_CHARS) }),
  ...(reference === undefined ? {} : { reference }),
});
