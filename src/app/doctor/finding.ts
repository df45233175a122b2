import type { Settings } from '../../config/settings.ts';

/** `warn`: it runs, but not as well as it could. `fail`: it will not run. */
export interface Finding {
  readonly verdict: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  readonly remedy?: string;
}

export interface Check {
  readonly name: string;
  run(settings: Settings): Finding | Promise<Finding>;
}

export const good = (detail: string): Finding => ({ verdict: 'ok', detail });
export const weak = (detail: string, remedy: string): Finding => ({ verdict: 'warn', detail, remedy });
export const bad = (detail: string, remedy: string): Finding => ({ verdict: 'fail', detail, remedy });
