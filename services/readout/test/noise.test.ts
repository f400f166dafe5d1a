import { DQ } from '@iris-drs/datamodels';
import { describe, expect, it } from 'vitest';
import { type Cards, image, openWorkbench, primary } from '../../../test/fixtures/workbench.ts';
import { readOut, shape, writeRamp } from './ramps.ts';

const bench = openWorkbench();

/** Five reads 10 s apart, cds: P = 1/40 s, R = 2/40² s². */
const P = 1 / 40;
const R = 2 / 1600;

interface Knowledge {
  readonly gain?: (i: number) => number;
  readonly noise?: (i: number) => number;
  /** HDU of the read noise: liger's RN is in electrons, JWST's SCI in DN. */
  readonly noiseIn?: 'RN' | 'SCI';
  readonly cards?: Cards;
}

const measure = async ({ gain, noise, noiseIn = 'RN', cards = {} }: Knowledge) => {
  const options: Record<string, string> = { 'readoutsamp.mode': 'cds' };
  if (gain)
    options['readoutsamp.override_gain'] = bench.write('gain.fits', primary(), image('GAIN', shape, gain));
  if (noise) {
    const extra: Cards = noiseIn === 'SCI' ? { NOISEKND: 'SINGLE' } : {};
    options['readoutsamp.override_readnoise'] = bench.write(
      'noise.fits',
      primary(),
      image(noiseIn, shape, noise, extra),
    );
  }
  const found = await readOut(bench, writeRamp(bench, 'ramp.fits', { cards }), options);
  return { ...found, warnings: bench.lines.filter((line) => line.startsWith('WARN')) };
};

describe('variances', () => {
  it('are those of photons and reads, from references in e-/DN and electrons', async () => {
    const { varPoisson, varRnoise, sci } = await measure({ gain: (i) => 2 + i, noise: (i) => 6 + 3 * i });
    for (const i of [0, 3, 14]) {
      expect(sci[i]).toBeCloseTo(2 + i, 3);
      expect(varPoisson[i]).toBeCloseTo(((2 + i) / (2 + i)) * P, 5);
      expect(varRnoise[i]).toBeCloseTo(((6 + 3 * i) / (2 + i)) ** 2 * R, 5);
    }
  });

  it('take a read noise in DN as it is, without any gain', async () => {
    const { varPoisson, varRnoise, warnings } = await measure({ noise: () => 4, noiseIn: 'SCI' });
    expect(varRnoise[5]).toBeCloseTo(16 * R, 6);
    expect(varPoisson.every(Number.isNaN)).toBe(true);
    expect(warnings).toContain(
      'WARN no GAIN reference, and no GAIN in header or telemetry: VAR_POISSON is NaN, unknown',
    );
  });

  it('take header values where there is no reference, and mix the two', async () => {
    const header = await measure({ cards: { GAIN: 4, RDNOISE: 8 } });
    expect([header.varPoisson[2], header.varRnoise[2]]).toEqual([
      expect.closeTo((4 / 4) * P, 5),
      expect.closeTo(4 * R, 6),
    ]);
    const mixed = await measure({ gain: (i) => 1 + i, cards: { GAIN: 4, RDNOISE: 8 } });
    expect(mixed.varRnoise[1]).toBeCloseTo(16 * R, 6);
    const other = await measure({ noise: (i) => 2 * i, cards: { GAIN: 4 } });
    expect(other.varRnoise[6]).toBeCloseTo(9 * R, 6);
  });

  it('are unknown, not zero, where nothing is known', async () => {
    const { varPoisson, varRnoise, sci, warnings } = await measure({});
    expect([varPoisson, varRnoise].flat().every(Number.isNaN)).toBe(true);
    expect(sci[3]).toBeCloseTo(5, 4);
    expect(warnings).toHaveLength(3);
    const electronsOnly = await measure({ cards: { RDNOISE: 8 } });
    expect(electronsOnly.varRnoise.every(Number.isNaN)).toBe(true);
    expect(electronsOnly.warnings).toContain(
      'WARN the read noise is in electrons and no gain is known: VAR_RNOISE is NaN, unknown',
    );
  });

  it('are unknown in pixels without a gain, which are flagged', async () => {
    const bad = new Map([
      [1, 0],
      [2, Number.NaN],
      [3, -2],
    ]);
    const { varPoisson, dq } = await measure({ gain: (i) => bad.get(i) ?? 2, noise: () => 6 });
    expect(varPoisson.slice(0, 5).map(Number.isNaN)).toEqual([false, true, true, true, false]);
    expect(dq.slice(0, 5)).toEqual([0, 1, 1, 1, 0].map((one) => one * (DQ.NO_GAIN_VALUE | DQ.DO_NOT_USE)));
  });
});
