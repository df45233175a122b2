/** What a part needs of a log: an event's name and fields that hold no names, addresses or secrets (see `redact`). */
export interface Logger {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export const silentLogger: Logger = { info() {}, warn() {}, error() {} };
