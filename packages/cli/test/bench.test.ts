import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { drs, oracleMissing, testDirectory } from './drs.ts';

const scratch = testDirectory();
const python = process.env.DRS_PYTHON ?? '/usr/bin/python3';
const small = ['--size', '256', '--runs', '2'];

interface Line {
  readonly bench: string;
  readonly case: string;
  readonly seconds: number;
  readonly nsPerSample?: number;
  readonly nsPerSamplePerCore?: number;
  readonly peakBytes?: number;
  readonly reference: string | null;
  readonly referenceSeconds: number | null;
  readonly ratio: number | null;
}

const bench = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const outcome = drs(['bench', ...args, ...small], { TMPDIR: scratch, ...env });
  const lines = args.includes('--json')
    ? outcome.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Line)
    : [];
  return { ...outcome, lines };
};

const expectWellFormed = (lines: readonly Line[]): void => {
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) {
    expect(line.case).not.toBe('');
    expect(line.seconds).toBeGreaterThan(0);
    expect(line.nsPerSample).toBeGreaterThan(0);
    if (line.peakBytes !== undefined) expect(line.peakBytes).toBeGreaterThanOrEqual(256 * 256 * 4);
    if (line.reference === null) expect([line.referenceSeconds, line.ratio]).toEqual([null, null]);
    else expect(line.ratio! * line.seconds).toBeCloseTo(line.referenceSeconds!, 9);
  }
};

const references = (lines: readonly Line[]): string => lines.map(({ reference }) => reference).join('; ');

describe('bench', () => {
  it('times every way to a slope beside reading, memcpy and scalar code that gives the same slopes', () => {
    const { status, lines, stderr } = bench(['readout', '--json']);
    expect(status).toBe(0);
    expectWellFormed(lines);
    expect(new Set(lines.map(({ bench: name }) => name))).toEqual(new Set(['readout']));
    const cases = new Set(lines.map((line) => line.case.replace(/, 256².*/, '')));
    for (const name of ['cds', 'mcds of 2 + 2 reads', 'utr', 'non-linearity + utr', 'ols with variances'])
      expect(cases).toContain(name);
    expect(cases.size).toBe(10);
    for (const reference of ['reading the same bytes', 'memcpy', 'scalar twin'])
      expect(references(lines)).toContain(reference);
    expect(lines.every(({ nsPerSamplePerCore }) => nsPerSamplePerCore! > 0)).toBe(true);
    if (!stderr.includes('nothing in memory'))
      expect(lines.some((line) => line.case.includes('file in memory'))).toBe(true);
  });

  it('times the rules of references beside a scan of all of them that gives the same answers', () => {
    const { status, lines } = bench(['crds', '--json']);
    expect(status).toBe(0);
    expectWellFormed(lines);
    expect(lines.map((line) => line.case)).toEqual([
      'load 100 mappings',
      ...lines.slice(1).map(() => 'best references, 32 types of 300 headers'),
    ]);
    expect(references(lines)).toContain('scan of all rules');
  });

  it('times FITS reading and writing beside cfitsio and astropy', () => {
    const { status, lines, stderr } = bench(['fits', '--json']);
    expect(status).toBe(0);
    expectWellFormed(lines);
    expect(lines.some((line) => line.case.startsWith('read'))).toBe(true);
    expect(lines.some((line) => line.case.startsWith('write'))).toBe(true);
    for (const name of ['cfitsio', 'astropy']) {
      if (stderr.includes(`not compared with ${name}`)) oracleMissing(name);
      else expect(references(lines)).toContain(name);
    }
  });

  it('times dark and flat beside numpy that gives the same planes', () => {
    const { status, lines } = bench(['calib', '--json']);
    expect(status).toBe(0);
    expectWellFormed(lines);
    if (spawnSync(python, ['-c', 'import numpy']).status !== 0) oracleMissing('python3-numpy');
    else expect(references(lines)).toContain('numpy');
  });

  it('times Image2Pipeline beside astropy that gives the same product, in a running process and as a whole one', () => {
    const each = ['running process', 'running process', 'whole process'];
    const { status, lines } = bench(['image2', '--json']);
    expect(status).toBe(0);
    expectWellFormed(lines);
    const cases = lines.map((line) => line.case.split(',')[0]);
    if (spawnSync(python, ['-c', 'import astropy']).status !== 0) {
      expect(cases).toEqual(each);
      return oracleMissing('python3-astropy');
    }
    // Beside iris_pipeline's algorithm, and a lean form of it.
    expect(cases).toEqual([...each, ...each]);
    expect(references(lines)).toContain('astropy');
  });

  it('goes on alone, and says so, where there is no Python', () => {
    const { status, lines, stderr } = bench(['calib', '--json'], { DRS_PYTHON: '/nonexistent/python' });
    expect(status).toBe(0);
    expectWellFormed(lines);
    expect(lines.every(({ reference }) => reference === null)).toBe(true);
    expect(stderr).toContain('not compared with numpy, which is unavailable');
  });

  it('prints a table for people', () => {
    const { status, stdout } = bench(['calib'], { DRS_PYTHON: '/nonexistent/python' });
    expect(status).toBe(0);
    expect(stdout.split('\n')[0]).toMatch(/^bench +case +ms +ns\/sample/);
    expect(stdout).toContain('none available');
  });

  it('leaves nothing in the temporary directory', () => {
    bench(['calib', '--json'], { DRS_PYTHON: '/nonexistent/python' });
    expect(readdirSync(scratch)).toEqual([]);
  });

  it.each([[['nonsense']], [['--size', '3']], [['--size', 'x']], [['--runs', '0']], [['--frob']]])(
    'exits 2 on wrong usage %j',
    (args) => {
      const { status, stdout, stderr } = drs(['bench', ...args]);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^drs: /);
    },
  );
});
