import { DQ } from '@iris-drs/datamodels';
import { describe, expect, it } from 'vitest';
import { image, openWorkbench, primary } from '../../../../test/fixtures/workbench.ts';
import { rate, readOut, writeRamp } from '../ramps.ts';

const bench = openWorkbench();
const cards = { GAIN: 2, RDNOISE: 6 };
const [ny, nx] = [6, 8];
const size = [ny, nx] as const;
const LOST = DQ.NON_SCIENCE | DQ.DO_NOT_USE;
const MODES = ['cds', 'mcds', 'utr', 'ols', 'likely'];

const inside = (i: number, x: number, y: number, w: number, h: number): boolean =>
  i % nx >= x && i % nx < x + w && Math.floor(i / nx) >= y && Math.floor(i / nx) < y + h;

describe.each(MODES)('guide windows in %s', (mode) => {
  const options = { 'readoutsamp.mode': mode };

  it('that the header names are lost, and nothing else is', async () => {
    const window = { SARRMODE: 'ODGW', ODGWX1: 3, ODGWY1: 2, ODGWNX1: 2, ODGWNY1: 3 };
    const guided = (i: number): boolean => inside(i, 2, 1, 2, 3);
    const path = writeRamp(bench, 'guided.fits', {
      ...{ cards: { ...cards, ...window }, size },
      value: (i, t) => (guided(i) ? 500 + ((i * 37) % 11) : 1000 + rate(i) * t),
    });
    const { sci, dq, varPoisson, plan } = await readOut(bench, path, options);
    for (let i = 0; i < ny * nx; i++) {
      if (guided(i)) expect([sci[i], varPoisson[i], dq[i]! & LOST]).toEqual([Number.NaN, Number.NaN, LOST]);
      else {
        expect(sci[i]).toBeCloseTo(rate(i), 3);
        expect(dq[i]).toBe(0);
      }
    }
    expect(plan.header.get('S_ODGW')).toBe('COMPLETE');
  });

  it('that the user names are on the detector, not in the subarray, and grow', async () => {
    const subarray = { SUBARRAY: 'CUSTOM', SUBSTRT1: 11, SUBSTRT2: 21, SUBSIZE1: nx, SUBSIZE2: ny };
    const path = writeRamp(bench, 'subarray.fits', { cards: { ...cards, ...subarray }, size });
    const { dq } = await readOut(bench, path, {
      ...options,
      'guide_windows.windows': '13,23,2,1; 500,500,16,16',
      'guide_windows.grow': '1',
    });
    const lost = dq.map((flags) => (flags & LOST) === LOST);
    expect(lost).toEqual(dq.map((_, i) => inside(i, 1, 1, 4, 3)));
  });
});

describe('a guide window that moves from read to read', () => {
  const reads = 8;
  /** Reads 2 and 3 guide elsewhere than the others; a pixel is reset when it guides. */
  const files = () => {
    const level = Array.from({ length: ny * nx }, () => 1000);
    return Array.from({ length: reads }, (_, read) => {
      const x = read === 2 || read === 3 ? 4 : 1;
      for (let i = 0; i < ny * nx; i++)
        level[i] = inside(i, x, 1, 2, 2) ? 300 : level[i]! + (read > 0 ? 10 * rate(i) : 0);
      return bench.write(
        `read${read}.fits`,
        primary({
          ...cards,
          ...{ DETECTOR: 'IMG1', SARRMODE: 'ODGW', ODGWX1: x + 1, ODGWY1: 2, ODGWNX1: 2, ODGWNY1: 2 },
          ...{ RAMP_NO: 0, READ_NO: read, FRM_TIME: 10_000_000 },
        }),
        image('SCI', [ny, nx], Float32Array.from(level), { BUNIT: 'DN' }),
      );
    });
  };

  it.each(['ols', 'likely'])('costs %s the reads that it covered', async (mode) => {
    const { sci, dq } = await readOut(bench, files(), { 'readoutsamp.mode': mode, 'jump.skip': 'true' });
    for (let i = 0; i < ny * nx; i++) {
      // Six guided reads leave two that are neighbours, two guided ones leave runs of two and four.
      const always = inside(i, 1, 1, 2, 2);
      const some = inside(i, 4, 1, 2, 2);
      expect(sci[i]).toBeCloseTo(rate(i), 3);
      expect(dq[i]).toBe(always || some ? DQ.DROPOUT : 0);
    }
  });

  it('costs a sum all pixels that it covered in a read that was used', async () => {
    const lost = async (mode: string): Promise<number> => {
      const { dq } = await readOut(bench, files(), { 'readoutsamp.mode': mode });
      return dq.filter((flags) => (flags & LOST) === LOST).length;
    };
    // CDS takes the first and the last read, UTR all.
    expect([await lost('cds'), await lost('utr')]).toEqual([4, 8]);
  });
});

describe('without guide windows', () => {
  it('the step is skipped, and what it cannot read is refused', async () => {
    const path = writeRamp(bench, 'plain.fits', { cards });
    const { plan } = await readOut(bench, path);
    expect(plan.header.get('S_ODGW')).toBe('SKIPPED');
    for (const windows of ['1,2,3', '0,1,2,2', 'all'])
      await expect(readOut(bench, path, { 'guide_windows.windows': windows })).rejects.toMatchObject({
        code: 'STEP_OPTION_TYPE',
      });
  });
});
