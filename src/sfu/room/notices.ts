import type { RoomId } from '../../base/ids.ts';
import type { LogFields, Logger } from '../../base/logger.ts';
import type { Redact } from '../../base/redact.ts';
import type { RoomNotice } from './step/effect.ts';

/** Which notices an operator must act on, and which are the cure. */
const LEVELS: Readonly<Record<RoomNotice['kind'], 'info' | 'warn' | 'error'>> = {
  'router-lost': 'error',
  'router-reopened': 'info',
  'reopen-failed': 'warn',
  'room-lost': 'error',
  'transport-lost': 'info',
  'watch-refused': 'error',
  'consume-refused': 'warn',
  'seen-in-clear': 'error',
};

/** Writes a notice as `room.KIND`; rooms and people as pseudonyms. */
export const logNotice = (logger: Logger, redact: Redact, room: RoomId, notice: RoomNotice): void => {
  const { kind, ...rest } = notice;
  const about: LogFields = 'participant' in rest ? { ...rest, participant: redact(rest.participant) } : rest;
  logger[LEVELS[kind]](`room.${kind}`, { room: redact(room), ...about });
};
