import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNatsServer, natsVersion } from '../instance/nats-server.ts';
import { ROOT } from '../instance/paths.ts';

export const usage = 'test [vitest arguments]';
export const summary = 'run the tests; what they need is installed first';

interface Counts {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
}

/** The run in one plain line, whatever the reporter's colours: for whoever reads logs by machine. */
const closingLine = (path: string): string | undefined => {
  try {
    const counts = JSON.parse(readFileSync(path, 'utf8')) as Counts;
    // A file that cannot even be loaded has no test that could fail.
    const failed = counts.numFailedTests || counts.numFailedTestSuites;
    const skipped = counts.numPendingTests > 0 ? `, ${counts.numPendingTests} skipped` : '';
    return `${counts.numPassedTests} passed, ${failed} failed${skipped}`;
  } catch {
    return undefined;
  }
};

export const run = async (args: readonly string[]): Promise<number> => {
  if (process.env.NATS_URL === undefined) {
    const server = findNatsServer((line) => process.stderr.write(`drs: ${line}\n`));
    process.stderr.write(`drs: tests use ${natsVersion(server)}, Node ${process.version}\n`);
  }
  const dir = mkdtempSync(join(tmpdir(), 'drs-test-'));
  const results = join(dir, 'results.json');
  try {
    const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
    const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...args], {
      cwd: ROOT,
      stdio: 'inherit',
    });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    });
    const line = closingLine(results);
    if (line !== undefined) process.stdout.write(`${line}\n`);
    return code === 0 ? 0 : 1;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};
