import { DQ } from '@iris-drs/datamodels';
import { describe, expect, it } from 'vitest';
import { type Cards, errorOf, image, openWorkbench, primary } from '../../../../test/fixtures/workbench.ts';
import { PIXELS, rate, readOut, shape, writeRamp } from '../ramps.ts';

const bench = openWorkbench();
const file = (name: string, planes: readonly number[], cards: Cards = {}, flags?: (i: number) => number) =>
  bench.write(
    name,
    primary(cards),
    image('COEFFS', [planes.length, ...shape], (k) => planes[Math.floor(k / PIXELS)]!),
    ...(flags
      ? [
          image(
            'DQ',
            shape,
            Uint32Array.from({ length: PIXELS }, (_, i) => flags(i)),
          ),
        ]
      : []),
  );
/** Slope of pixel 4 by cds. */
const slope = async (options: Record<string, string>) => {
  const path = writeRamp(bench, 'ramp.fits', { value: (i, t) => rate(i) * t });
  return readOut(bench, path, { 'readoutsamp.mode': 'cds', ...options });
};
const plain = rate(4);
/** As x(1 + 0 + 0.001 x), and as 0 + 0.001 x, of the last read. */
const RELATIVE = plain * (1 + 1e-3 * 40 * plain);
const POLYNOMIAL = plain * 1e-3;

describe('the form of the non-linearity', () => {
  it('is that of the type under which a silent file is known', async () => {
    const silent = file('silent.fits', [0, 1e-3]);
    const { sci } = await slope({ 'nonlincorr.override_nonlincoeff': silent });
    expect(sci[4]).toBeCloseTo(RELATIVE, 4);
    const other = await slope({ 'nonlincorr.override_linearity': silent });
    expect(other.sci[4]).toBeCloseTo(POLYNOMIAL, 6);
  });

  it('is what the file says of itself, whatever the type', async () => {
    const polynomial = file('told.fits', [0, 1e-3], { NLFORM: 'POLYNOMIAL' });
    const { sci } = await slope({ 'nonlincorr.override_nonlincoeff': polynomial });
    expect(sci[4]).toBeCloseTo(POLYNOMIAL, 6);
  });

  it('is refused when the file says that it is something else', async () => {
    const dark = file('dark.fits', [0, 1e-3], { REFTYPE: 'DARK' });
    expect(await errorOf(slope({ 'nonlincorr.override_nonlincoeff': dark }))).toMatch(
      /^KEYWORD_MISSING: .*NLFORM: found none, and REFTYPE 'DARK'/,
    );
  });
});

describe('the non-linearity', () => {
  it('is recorded once, and is SKIPPED, with a warning, where no reference applies', async () => {
    const one = await slope({ 'nonlincorr.override_nonlincoeff': file('nl.fits', [0, 0]) });
    expect([one.states.nonlincorr, one.plan.header.get('R_LINEAR')]).toEqual(['COMPLETE', 'nl.fits']);
    const none = await slope({});
    expect(none.sci[4]).toBeCloseTo(plain, 5);
    expect([
      none.states.nonlincorr,
      none.plan.header.get('S_LINEAR'),
      none.plan.header.get('R_LINEAR'),
    ]).toEqual(['SKIPPED', 'SKIPPED', 'N/A']);
    expect(bench.lines).toContain(
      'WARN no NONLINCOEFF or LINEARITY reference applies: reads are taken as linear',
    );
  });

  it('is not applied where the reference says NO_LIN_CORR or nothing, and tells so', async () => {
    const path = bench.write(
      'holes.fits',
      primary({ NLFORM: 'RELATIVE' }),
      image('COEFFS', [2, ...shape], (k) => (k === PIXELS + 3 ? Number.NaN : k < PIXELS ? 0 : 1e-3)),
      image(
        'DQ',
        shape,
        Uint32Array.from({ length: PIXELS }, (_, i) => (i === 4 ? DQ.NO_LIN_CORR : 0)),
      ),
    );
    const { sci, dq } = await slope({ 'nonlincorr.override_nonlincoeff': path });
    expect(dq.slice(2, 6)).toEqual([0, DQ.NO_LIN_CORR, DQ.NO_LIN_CORR, 0]);
    expect([sci[3], sci[4]]).toEqual([expect.closeTo(rate(3), 5), expect.closeTo(rate(4), 5)]);
  });
});
