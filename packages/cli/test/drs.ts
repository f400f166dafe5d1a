import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

/** That of ./drs: most of what a short command does is reading its own sources. */
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/compiled', import.meta.url));
const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Of stderr, without the empty last one. */
  readonly complaints: readonly string[];
}

/** Runs the command line as a child process under this process's own Node. */
export const drs = (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input?: string | Buffer,
): Outcome => {
  const run = spawnSync(
    process.execPath,
    ['--conditions=@iris/source', '--disable-warning=ExperimentalWarning', MAIN, ...args],
    {
      encoding: 'utf8',
      timeout: 60_000,
      maxBuffer: 1 << 26,
      env: { NODE_COMPILE_CACHE: CACHE, ...process.env, ...env },
      ...(input === undefined ? {} : { input }),
    },
  );
  if (run.error) throw run.error;
  const { status, stdout, stderr } = run;
  return { status, stdout, stderr, complaints: stderr.split('\n').filter((line) => line !== '') };
};

/** A directory for one test file. */
export const testDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'drs-cli-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};

/** An absent oracle fails under DRS_REQUIRE_ORACLES=1, else is announced, and the caller returns early. */
export const oracleMissing = (what: string): void => {
  if (process.env.DRS_REQUIRE_ORACLES === '1') throw new Error(`oracle missing: ${what}`);
  console.warn(`oracle missing, not checked: ${what}`);
};
