import { DQ } from '@iris-drs/datamodels';
import { describe, expect, it } from 'vitest';
import { image, openWorkbench, primary } from '../../../../test/fixtures/workbench.ts';
import { PIXELS, rate, readOut, shape, writeRamp } from '../ramps.ts';

const bench = openWorkbench();
const SATURATED = DQ.SATURATED | DQ.DO_NOT_USE;

const saturated = async (threshold: (i: number) => number, flags?: (i: number) => number, mode = 'utr') => {
  const path = bench.write(
    'saturation.fits',
    primary(),
    image('SCI', shape, threshold, { BUNIT: 'DN' }),
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
  const bias = bench.write(
    'bias.fits',
    primary(),
    image('SCI', shape, () => 900, { BUNIT: 'DN' }),
  );
  return readOut(bench, writeRamp(bench, 'ramp.fits'), {
    'saturation.override_saturation': path,
    'superbias.override_superbias': bias,
    'readoutsamp.mode': mode,
  });
};

describe('saturation', () => {
  it('is judged on reads as they are, bias included, from the threshold on', async () => {
    // The last read of pixel i is 1000 + 40 (2 + i); bias subtracted it would be far below.
    const { dq, states, plan } = await saturated(() => 1000 + 40 * rate(7));
    expect(dq).toEqual(Array.from({ length: PIXELS }, (_, i) => (i >= 7 ? SATURATED : 0)));
    expect([states.saturation, plan.header.get('S_SATURA'), plan.header.get('R_SATURA')]).toEqual([
      'COMPLETE',
      'COMPLETE',
      'saturation.fits',
    ]);
  });

  it('has no limit where the reference says nothing or NO_SAT_CHECK, and tells so', async () => {
    const { dq } = await saturated(
      (i) => (i === 1 ? Number.NaN : 0),
      (i) => (i === 2 ? DQ.NO_SAT_CHECK : 0),
    );
    expect(dq.slice(0, 4)).toEqual([SATURATED, DQ.NO_SAT_CHECK, DQ.NO_SAT_CHECK, SATURATED]);
  });

  it('is not checked without a reference', async () => {
    const { states, dq } = await readOut(bench, writeRamp(bench, 'ramp.fits'));
    expect([states.saturation, dq.every((flags) => flags === 0)]).toEqual(['SKIPPED', true]);
  });
});
