import { DQ } from '@iris-drs/datamodels';
import { describe, expect, it } from 'vitest';
import { image, openWorkbench, primary } from '../../../../test/fixtures/workbench.ts';
import { PIXELS, rate, readOut, shape, writeRamp } from '../ramps.ts';

const bench = openWorkbench();
const bias = (level: (i: number) => number, flags?: (i: number) => number): string =>
  bench.write(
    'bias.fits',
    primary(),
    image('SCI', shape, level, { BUNIT: 'DN' }),
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
/** F(x) = x + 1e-4 x². */
const coefficients = (): string =>
  bench.write(
    'nl.fits',
    primary({ NLFORM: 'RELATIVE' }),
    image('COEFFS', [2, ...shape], (k) => (k < PIXELS ? 0 : 1e-4)),
  );

describe('the bias', () => {
  it('comes off before the non-linearity', async () => {
    const { sci } = await readOut(bench, writeRamp(bench, 'ramp.fits'), {
      'superbias.override_superbias': bias(() => 1000),
      'nonlincorr.override_nonlincoeff': coefficients(),
      'readoutsamp.mode': 'cds',
    });
    const signal = 40 * rate(5);
    expect(sci[5]).toBeCloseTo((signal + 1e-4 * signal ** 2) / 40, 3);
  });

  it('alone does not change a slope', async () => {
    const options = { 'superbias.override_superbias': bias((i) => 700 + i) };
    const { sci, states } = await readOut(bench, writeRamp(bench, 'ramp.fits'), options);
    expect([sci[9], states.superbias]).toEqual([expect.closeTo(rate(9), 4), 'COMPLETE']);
  });

  it('passes its flags on, and a pixel without one cannot be used', async () => {
    const options = {
      'superbias.override_superbias': bias(
        (i) => (i === 3 ? Number.NaN : 700),
        (i) => (i === 5 ? DQ.UNRELIABLE_BIAS : 0),
      ),
    };
    const { sci, dq } = await readOut(bench, writeRamp(bench, 'ramp.fits'), options);
    expect(dq.slice(2, 7)).toEqual([0, DQ.UNRELIABLE_BIAS | DQ.DO_NOT_USE, 0, DQ.UNRELIABLE_BIAS, 0]);
    expect(sci[3]).toBeNaN();
  });
});
