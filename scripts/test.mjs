/**
 * `npm test`: lint, types, arrows, sizes, then the tests. Prints, last, `N passed, N failed, N skipped` and ends
 * with 1 where anything failed. Starts under any Node from 20 on; what it runs, it runs under the project's own.
 * `node scripts/test.mjs [PATH …]` runs the tests under these paths alone, without the checks.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = join(root, 'node_modules');
const ownNode = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const node = existsSync(ownNode) ? ownNode : process.execPath;

/** What is checked before the tests: a name, and the script with its arguments. */
const checks = [
  ['lint', join(modules, '@biomejs', 'biome', 'bin', 'biome'), 'check', '--error-on-warnings', '.'],
  ['types', join(modules, 'vue-tsc', 'bin', 'vue-tsc.js'), '--noEmit', '-p', 'tsconfig.json'],
  ['arrows', join(root, 'scripts', 'arrows.ts')],
  ['sizes', join(root, 'scripts', 'sizes.ts')],
];

function run(args) {
  const path = [dirname(node), join(modules, '.bin'), process.env.PATH].join(delimiter);
  // Without its stripping notice: it would stand before every script's own words.
  return spawnSync(node, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
  });
}

/** Runs a check; true where it passed. */
function check([name, ...args]) {
  process.stdout.write(`\n── ${name}\n`);
  const { status, error } = run(args);
  const passed = status === 0;
  process.stdout.write(passed ? `${name}: ok\n` : `${name}: FAILED${error ? ` (${error.message})` : ''}\n`);
  return passed;
}

/** Runs the tests; gives back vitest's report, or undefined where it came to none. */
function runTests(paths) {
  process.stdout.write('\n── tests\n');
  const folder = mkdtempSync(join(tmpdir(), 'halftone-test-'));
  const file = join(folder, 'report.json');
  try {
    const vitest = join(modules, 'vitest', 'vitest.mjs');
    const { status } = run([
      vitest,
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...paths,
    ]);
    return existsSync(file) ? { ...JSON.parse(readFileSync(file, 'utf8')), status } : undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Counts of a report. A file that could not even be loaded is one failure. */
function count(report) {
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const withStatus = (...statuses) => tests.filter(({ status }) => statuses.includes(status)).length;
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: withStatus('passed'),
    failed: withStatus('failed') + brokenFiles.length,
    skipped: withStatus('skipped', 'pending', 'todo', 'disabled'),
  };
}

function printSkips(report) {
  for (const { name, assertionResults } of report.testResults) {
    for (const { status, fullName } of assertionResults) {
      if (status !== 'passed' && status !== 'failed') {
        process.stdout.write(`skipped: ${relative(root, name)}: ${fullName}\n`);
      }
    }
  }
}

if (!existsSync(join(modules, 'vitest'))) {
  process.stdout.write('nothing is installed yet: run npm install\n0 passed, 1 failed\n');
  process.exit(1);
}

const paths = process.argv.slice(2);
const results = paths.length > 0 ? [] : checks.map((entry) => ({ name: entry[0], passed: check(entry) }));
const report = runTests(paths);
const tests = report ? count(report) : { passed: 0, failed: 1, skipped: 0 };
// Something outside any test: an error that nobody caught, say.
if (report && report.status !== 0 && tests.failed === 0) tests.failed = 1;
if (report) printSkips(report);

const passed = tests.passed + results.filter((result) => result.passed).length;
const failed = tests.failed + results.filter((result) => !result.passed).length;
const failedChecks = results.filter((result) => !result.passed).map(({ name }) => name);
if (failedChecks.length > 0) process.stdout.write(`failed checks: ${failedChecks.join(', ')}\n`);
process.stdout.write(
  `${passed} passed, ${failed} failed${tests.skipped > 0 ? `, ${tests.skipped} skipped` : ''}\n`,
);
process.exitCode = failed > 0 ? 1 : 0;
