import { destination, pino } from 'pino';
import type { Logger } from '../base/logger.ts';
import type { Settings } from '../config/settings.ts';

/** JSON lines on the error output, so that the standard output stays for what a person or a script reads. */
export const createLogger = (level: Settings['logLevel']): Logger => {
  const log = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination(2));
  return {
    info: (event, fields) => log.info({ event, ...fields }),
    warn: (event, fields) => log.warn({ event, ...fields }),
    error: (event, fields) => log.error({ event, ...fields }),
  };
};
