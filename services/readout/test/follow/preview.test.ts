import { describe, expect, it } from 'vitest';
import { image, openWorkbench, primary } from '../../../../test/fixtures/workbench.ts';
import { glance, viewOf } from '../../src/follow/preview.ts';

const bench = openWorkbench();

describe('a glance at a read', () => {
  it('takes evenly spread pixels', async () => {
    const [ny, nx] = [128, 256];
    const path = bench.write(
      'read.fits',
      primary(),
      image('SCI', [ny, nx], (i) => i),
    );
    const { openRamp } = await import('@iris-drs/datamodels');
    const { reads } = await openRamp(path);
    const { shape, pixels } = await glance(reads[0]![0]!);
    expect(shape).toEqual([64, 64]);
    expect([pixels[0], pixels[1], pixels[64]]).toEqual([nx + 2, nx + 6, 3 * nx + 2]);
  });
});

describe('the view of a ramp', () => {
  /** Evenly from -6 to 6. */
  const noise = (i: number) => {
    const hash = Math.sin(i * 12.9898) * 43758.5453;
    return 12 * (hash - Math.floor(hash)) - 6;
  };
  const read = (r: number, hit = -1) =>
    Float32Array.from({ length: 100 }, (_, i) => 100 + 20 * r + noise(i + 1000 * r) + (i === hit ? 5000 : 0));

  it('has its slope, what is saturated and the jumps', () => {
    const reads = [0, 1, 2, 3, 4, 5].map((r) => read(r, r >= 3 ? 42 : -1));
    const view = viewOf({ shape: [10, 10], reads, times: [0, 2, 4, 6, 8, 10] }, 5000);
    expect(view.medianSlope).toBeGreaterThan(9);
    expect(view.medianSlope).toBeLessThan(11);
    expect(view.saturatedFraction).toBe(0.01);
    expect(view.jumpRate).toBeCloseTo(1 / 100 / 10, 6);
  });

  it('sees no jumps with too few reads', () => {
    const view = viewOf({ shape: [10, 10], reads: [read(0), read(1)], times: [0, 2] }, 5000);
    expect([view.jumpRate, view.saturatedFraction]).toEqual([0, 0]);
  });
});
