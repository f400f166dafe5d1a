import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { previewPixels } from '../src/index.ts';
import { zscale } from '../src/zscale.ts';
import { astropy, temporary } from './support.ts';

const path = temporary();

/** Sky with noise and some stars; the same numbers here and in numpy. */
function sky(n: number): Float32Array {
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 32;
  };
  return Float32Array.from(
    { length: n },
    (_, i) => 100 + 10 * (next() + next() + next() - 1.5) + (i % 97 === 0 ? 5000 : 0),
  );
}

describe('zscale', () => {
  it.each([[50], [1000], [4096], [10007]])('agrees with astropy on %d pixels', (n) => {
    const values = sky(n);
    writeFileSync(path('values'), values);
    const limits = astropy(
      `
from astropy.visualization import ZScaleInterval
print(json.dumps([float(v) for v in ZScaleInterval().get_limits(np.fromfile(args[0], 'f4').astype('f8'))]))
`,
      path('values'),
    );
    if (limits === undefined) return;
    const { low, high } = zscale(values);
    const [expectedLow, expectedHigh] = limits as [number, number];
    expect(low).toBeCloseTo(expectedLow, 6);
    expect(high).toBeCloseTo(expectedHigh, 6);
  });

  it('of nothing is nothing', () => {
    expect(zscale(new Float32Array(5).fill(Number.NaN))).toEqual({ low: 0, high: 0 });
  });
});

describe('previews', () => {
  it('are no larger than asked, by whole blocks', () => {
    const plane = { data: new Float32Array(300 * 500), shape: [300, 500] as const };
    expect(previewPixels(plane, 128)).toMatchObject({ width: 125, height: 75 });
    expect(previewPixels(plane)).toMatchObject({ width: 500, height: 300 });
  });

  it('show row 0 at the bottom, brighter as whiter, NaN as black', () => {
    const data = Float32Array.from({ length: 64 }, (_, i) => i);
    data[63] = Number.NaN;
    const { data: grey } = previewPixels({ data, shape: [8, 8] });
    expect(grey[56]).toBe(0);
    expect(grey[6]).toBeGreaterThan(240);
    expect(grey[7]).toBe(0);
    expect(grey[0]).toBeGreaterThan(grey[8]!);
  });

  it('average blocks over their finite pixels', () => {
    const data = Float32Array.of(1, Number.NaN, 9, 9, 3, 2, 9, 9, 0, 0, 4, 4, 0, 0, 4, 4);
    const { width, height, black, white } = previewPixels({ data, shape: [4, 4] }, 2);
    expect([width, height, black, white]).toEqual([2, 2, 0, 9]);
  });
});
