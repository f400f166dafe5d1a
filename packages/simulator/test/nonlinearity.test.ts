import { describe, expect, it } from 'vitest';
import { linearised, nonlinear } from '../src/nonlinearity.ts';

describe('non-linearity', () => {
  it('is taken back by F over the whole range of the detector', () => {
    for (const c1 of [0, 4e-7, 8e-7, 1.2e-6])
      for (const c2 of [0, 5e-12, 8e-12])
        for (const c0 of [0, 0.01])
          for (const y of [-50, 0, 1, 1000, 20_000, 40_000, 60_000])
            expect(Math.abs(linearised(nonlinear(y, c0, c1, c2), c0, c1, c2) - y)).toBeLessThan(1e-3);
  });

  it('makes a pixel read less than its signal', () => {
    // By hand: x = 50000 reads the signal 50000 (1 + 6e-7·50000 + 4e-12·50000²) = 52000.
    expect(linearised(50_000, 0, 6e-7, 4e-12)).toBeCloseTo(52_000, 9);
    expect(nonlinear(52_000, 0, 6e-7, 4e-12)).toBeCloseTo(50_000, 4);
  });
});
