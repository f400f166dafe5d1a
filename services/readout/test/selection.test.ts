import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openWorkbench, primary } from '../../../test/fixtures/workbench.ts';
import { PIXELS, rate, readOut, TIMES, writeRamp } from './ramps.ts';

const bench = openWorkbench();
const cards = { GAIN: 2, RDNOISE: 6 };

/** A ramp whose read 2 is 500 DN too high: a slope that has it shows it. */
const spoiled = () =>
  writeRamp(bench, 'spoiled.fits', {
    cards,
    value: (i, t) => 1000 + rate(i) * t + (t === 20 ? 500 : 0) + (t === 40 ? 900 : 0),
  });

const table = (name: string, text: string): string => {
  writeFileSync(bench.path(name), text);
  return bench.path(name);
};

const reduce = (options: Readonly<Record<string, string>>) =>
  readOut(
    bench,
    spoiled(),
    Object.fromEntries(Object.entries(options).map(([name, value]) => [`readoutsamp.${name}`, value])),
  );

const clean = (sci: readonly number[]): boolean => sci.every((value, i) => Math.abs(value - rate(i)) < 1e-3);

describe('chosen reads', () => {
  it.each([
    ['indices', { reads: '0,1,3' }, 3],
    ['slices', { reads: '0:4:3, 1' }, 3],
    ['slices from the end', { reads: ':2,-2:-1' }, 3],
    ['slices joined by semicolons', { reads: ':2; -2:-1' }, 3],
    ['a single one from the end', { reads: '0:2,-2' }, 3],
    ['seconds', { seconds: '0:10' }, 2],
    ['seconds without a start', { seconds: ':10' }, 2],
    ['both', { seconds: '5:35', reads: '0:2,3' }, 2],
  ])('by %s enter the slope, others do not', async (_name, options, count) => {
    for (const mode of ['utr', 'cds', 'ols']) {
      const { sci, plan } = await reduce({ ...options, mode });
      expect(clean(sci)).toBe(true);
      expect(plan.header.get('NRDUSED')).toBe(mode === 'cds' ? 2 : count);
      expect(String(plan.header.get('RDSELECT'))).toContain(Object.keys(options)[0]);
    }
  });

  it('by a table of qualities with a threshold are recorded', async () => {
    const path = table('seeing.txt', '# FWHM\nREAD_NO SEEING\n0 0.5\n1 0.6\n2 1.9\n3 0.7\n4 2.5\n');
    const { sci, plan } = await reduce({ read_table: path, max_quality: '1' });
    expect(clean(sci)).toBe(true);
    const said = ['NRDUSED', 'RDSELECT'].map((keyword) => plan.header.get(keyword));
    expect(said).toEqual([3, 'max_quality=1 read_table=seeing.txt']);
  });

  it('by a table in FITS, by ramp', async () => {
    const path = bench.write('quality.fits', primary(), {
      kind: 'bintable',
      columns: [
        { name: 'RAMP_NO', format: 'J', data: Int32Array.from([0, 0, 0, 0, 0, 1]) },
        { name: 'READ_NO', format: 'J', data: Int32Array.from([0, 1, 2, 3, 4, 2]) },
        { name: 'Q', format: 'D', data: Float64Array.from([1, 1, 0, 1, 0, 1]) },
      ],
    });
    const { sci, plan } = await reduce({ read_table: path, min_quality: '0.5' });
    expect([clean(sci), plan.header.get('NRDUSED')]).toEqual([true, 3]);
  });

  it('are told by their own numbers where reads are lost', async () => {
    const { image } = await import('../../../test/fixtures/workbench.ts');
    const { openRamp } = await import('@iris-drs/datamodels');
    const { selectReads } = await import('../src/selection.ts');
    const paths = [0, 2, 3].map((read) =>
      bench.write(
        `read${read}.fits`,
        primary({ DETECTOR: 'IMG1', READ_NO: read, RAMP_NO: 0, TGROUP: 10 }),
        image('SCI', [3, 5], () => read, { BUNIT: 'DN' }),
      ),
    );
    const ramp = await openRamp(paths);
    const options = {
      reads: null,
      seconds: null,
      min_quality: 1,
      max_quality: null,
      quality_weights: 'none',
    };
    const read_table = table('lost.csv', 'read_no,quality\n0,1\n1,1\n2,0\n3,1\n');
    const { ramps } = await selectReads(ramp, { ...options, read_table });
    expect(ramps).toEqual([{ indices: [0, 2] }]);
  });
});

describe('weighted reads', () => {
  const path = () => table('weights.txt', '0 1\n1 2\n2 1\n3 2\n4 1\n');

  it('make a weighted straight line with its own variances', async () => {
    const q = [1, 2, 1, 2, 1];
    const mean = TIMES.reduce((sum, t, i) => sum + q[i]! * t, 0) / 7;
    const spread = TIMES.reduce((sum, t, i) => sum + q[i]! * (t - mean) ** 2, 0);
    const weights = TIMES.map((t, i) => (q[i]! * (t - mean)) / spread);
    const { sci, varRnoise } = await reduce({ read_table: path(), quality_weights: 'quality', mode: 'utr' });
    const reads = (i: number) => TIMES.map((t) => rate(i) * t + (t === 20 ? 500 : 0) + (t === 40 ? 900 : 0));
    for (let i = 0; i < PIXELS; i++)
      expect(sci[i]).toBeCloseTo(
        reads(i).reduce((sum, x, r) => sum + weights[r]! * x, 0),
        3,
      );
    expect(varRnoise[0]).toBeCloseTo(9 * weights.reduce((sum, w) => sum + w * w, 0), 7);
  });

  it('make weighted ends for mcds, and no fit', async () => {
    const weighted = { read_table: path(), quality_weights: 'inverse_square', num_coadd: '2' };
    const { sci } = await reduce({ ...weighted, mode: 'mcds' });
    // Ends 0·4/5 + 10·1/5 and 30·1/5 + 40·4/5 s.
    expect(sci[0]).toBeCloseTo(rate(0) + (900 * 0.8) / (38 - 2), 3);
    await expect(reduce({ ...weighted, mode: 'ols' })).rejects.toMatchObject({ code: 'STEP_INPUT' });
  });
});

describe('a choice that cannot be read', () => {
  it.each([
    [{ reads: 'first' }, 'STEP_OPTION_TYPE'],
    [{ seconds: 'all' }, 'STEP_OPTION_TYPE'],
    [{ min_quality: '1' }, 'STEP_OPTION_TYPE'],
    [{ read_table: '/nowhere' }, 'STEP_INPUT'],
    [{ reads: '0' }, 'STEP_INPUT'],
  ])('%j is refused', async (options, code) => {
    await expect(reduce(options as unknown as Record<string, string>)).rejects.toMatchObject({
      code,
      retriable: false,
    });
  });

  it('a table without numbers is refused, and zero as a weight', async () => {
    const names = table('names.txt', 'A B\n1 2\n');
    await expect(reduce({ read_table: names })).rejects.toThrow(/names\.txt: it has the columns A, B/);
    const zero = table('zero.txt', '0 1\n1 0\n');
    await expect(reduce({ read_table: zero, quality_weights: 'inverse' })).rejects.toMatchObject({
      code: 'STEP_OPTION_TYPE',
    });
  });
});
