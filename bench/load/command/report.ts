import { describeResult } from '../../table.ts';
import { STATUS, type Status } from '../order.ts';
import { remakeReport } from '../report/folder.ts';
import { headlineOf } from '../report/html.ts';
import { usage } from './print.ts';

export const report = (folder: string): Status => {
  const made = remakeReport(folder);
  if (!made.ok) return usage(made.refusal);
  const { path, result } = made.value;
  const { word, text } = headlineOf(result);
  console.log(`${describeResult(result)}\n\n${word}: ${text}\nReport: ${path}`);
  return STATUS.passed;
};
