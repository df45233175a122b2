import { readCode } from '../../trust/devices/codes.ts';

/** Whether it could be an enrolment code, however it was typed. */
export const isCode = (typed: string): boolean => readCode(typed) !== undefined;
