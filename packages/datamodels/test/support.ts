import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, openEngine } from '@iris-drs/kernels';
import { afterAll, beforeAll } from 'vitest';

/** A directory that goes when the tests of the file are over; gives paths in it. */
export function temporary(): (name: string) => string {
  const directory = mkdtempSync(join(tmpdir(), 'datamodels-test-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return (name) => join(directory, name);
}

/** An engine for the tests of a file. */
export function sharedEngine(): { readonly engine: Engine } {
  const holder: { engine?: Engine } = {};
  beforeAll(async () => {
    holder.engine = await openEngine({ threads: 2 });
  });
  afterAll(() => holder.engine?.close());
  return {
    get engine() {
      if (!holder.engine) throw new Error('the engine is opened before the first test');
      return holder.engine;
    },
  };
}

const PYTHON = process.env.DRS_PYTHON ?? '/usr/bin/python3';

function absent(what: string): undefined {
  if (process.env.DRS_REQUIRE_ORACLES === '1') throw new Error(`oracle missing: ${what}`);
  console.warn(`oracle missing, not checked: ${what}`);
  return undefined;
}

/** What a Python program with astropy and numpy at hand prints as JSON; undefined where there is none. */
export function astropy(program: string, ...args: readonly string[]): unknown {
  if (spawnSync(PYTHON, ['-c', 'import astropy, numpy']).status !== 0) return absent('python3-astropy');
  const head = 'import sys, json\nimport numpy as np\nfrom astropy.io import fits\nargs = sys.argv[1:]\n';
  const run = spawnSync(PYTHON, ['-W', 'error', '-c', head + program, ...args], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`python failed: ${run.stderr}`);
  return run.stdout.trim() === '' ? null : JSON.parse(run.stdout);
}

/** fitsverify's report, or undefined where it is not installed. */
export function fitsverify(path: string): string | undefined {
  const run = spawnSync('fitsverify', [path], { encoding: 'utf8' });
  return run.error ? absent('fitsverify') : run.stdout;
}

/** Message of the error that a promise ends with, its directory taken out. */
export async function messageOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return String(error).replace(/\/\S*\/(?=[^/\s]+\.fits)/g, '');
  }
  return 'no error';
}

/** Values that tell pixels apart: 0, step, 2 step … */
export const ramp32 = (n: number, step = 1): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => i * step);
