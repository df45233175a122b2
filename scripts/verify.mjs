// Every check of the project, each with its duration: `npm run verify`.
import { spawnSync } from 'node:child_process';
import { runMain } from './lib/fault.mjs';
import { PROJECT_DIR } from './lib/paths.mjs';

/** The quick ones first. @type {readonly {name: string, command: [string, ...string[]]}[]} */
const CHECKS = [
  { name: 'lint and format', command: ['biome', 'check', '--error-on-warnings', '.'] },
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'unused code', command: ['knip'] },
  { name: 'tests', command: ['node', '--disable-warning=ExperimentalWarning', 'scripts/test.mjs'] },
];

/** @param {typeof CHECKS[number]} check */
function runCheck({ name, command: [file, ...args] }) {
  console.log(`\n--- ${name}: ${[file, ...args].join(' ')}`);
  const startedAtMs = performance.now();
  const { status, error } = spawnSync(file, args, { cwd: PROJECT_DIR, stdio: 'inherit' });
  if (error) console.error(error.message);
  return { name, passed: status === 0, seconds: ((performance.now() - startedAtMs) / 1000).toFixed(1) };
}

await runMain(async () => {
  const outcomes = CHECKS.map(runCheck);
  console.log('');
  for (const { name, passed, seconds } of outcomes)
    console.log(`${passed ? 'ok  ' : 'FAIL'} ${seconds.padStart(6)} s  ${name}`);
  if (outcomes.some(({ passed }) => !passed)) process.exitCode = 1;
});
