import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const PYTHON = process.env.DRS_PYTHON ?? '/usr/bin/python3';

/** FITS files that astropy ships for its own tests. */
const ASTROPY_DATA = '/usr/lib/python3/dist-packages/astropy/io/fits/tests/data';

/** An absent oracle fails under DRS_REQUIRE_ORACLES=1, else is announced and skipped by the caller's early return. */
function absent(what: string): undefined {
  if (process.env.DRS_REQUIRE_ORACLES === '1') throw new Error(`oracle missing: ${what}`);
  console.warn(`oracle missing, not checked: ${what}`);
  return undefined;
}

/** Standard output of a Python script that uses astropy, or undefined where there is none. */
export function astropy(
  script: string,
  args: readonly string[],
  flags: readonly string[] = [],
): string | undefined {
  if (spawnSync(PYTHON, ['-c', 'import astropy']).status !== 0) return absent('python3-astropy');
  const run = spawnSync(PYTHON, [...flags, script, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (run.status !== 0) throw new Error(`${script} failed: ${run.stderr}`);
  return run.stdout;
}

/** fitsverify's report, or undefined where it is not installed. */
export function fitsverify(path: string): string | undefined {
  const run = spawnSync('fitsverify', [path], { encoding: 'utf8' });
  return run.error ? absent('fitsverify') : run.stdout;
}

/** Pack a file with fpack, and unpack that with funpack; undefined where there is no fpack. */
export function fpack(
  path: string,
  flags: readonly string[],
): { readonly packed: string; readonly unpacked: string } | undefined {
  const packed = `${path}.${flags.join('')}.fz`;
  const unpacked = `${packed}.fits`;
  for (const [command, ...args] of [
    ['fpack', ...flags, '-O', packed, path],
    ['funpack', '-O', unpacked, packed],
  ] as const) {
    const run = spawnSync(command, args, { encoding: 'utf8' });
    if (run.error) return absent('fpack (libcfitsio-bin)');
    if (run.status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${run.stdout}${run.stderr}`);
  }
  return { packed, unpacked };
}

export function astropyData(): string | undefined {
  return existsSync(ASTROPY_DATA) ? ASTROPY_DATA : absent(ASTROPY_DATA);
}

/** A directory that goes when the tests of the file are over. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'fits-test-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
