import { describe, expect, it } from 'vitest';
import { type SoakRun, soakReport, soakText, straightLine } from '../../../src/commands/bench/soak-report.ts';

const run = (latency: (second: number) => number, more: Partial<SoakRun> = {}): SoakRun => ({
  exposures: Array.from({ length: 40 }, (_, i) => {
    const second = 1.5 * i;
    const noise = 0.05 * Math.sin(12.9898 * i);
    return {
      ...{ exposureId: `e-000${1 + (i >> 2)}`, detector: `IMG${1 + (i % 4)}`, lost: 0 },
      ...{ latencySeconds: latency(second) + noise, lastMillis: 1000 * second },
      stepSeconds: { follow: 7, save: 0.2 },
    };
  }),
  ...{
    missing: 0,
    failures: [],
    processes: [],
    late: 0.01,
    readSeconds: 0.72,
    bytesPerSecond: 233e6,
    seconds: 60,
  },
  ...more,
});

describe('a soak', () => {
  it('passes when the lag stays what it was', () => {
    const report = soakReport(run(() => 0.5));
    expect([report.passed, report.lost]).toEqual([true, 0]);
    expect(Math.abs(report.trend)).toBeLessThan(3 * report.trendError);
    expect(soakText(report)).toMatch(
      /median 5\d\d ms.*\nsteps, median ms: save 200\nreads lost: 0.*\npassed\n$/,
    );
  });

  it('fails when it grows, also slowly, and not for a trend that is nothing in a minute', () => {
    expect(soakReport(run((t) => 0.5 + 0.02 * t)).wrong).toEqual(['the lag grows']);
    expect(soakReport(run((t) => 0.5 + 0.005 * t)).passed).toBe(true);
  });

  it('fails when reads or frames are lost, or are not written in time', () => {
    const lost = run(() => 0.5);
    const [first, ...others] = lost.exposures;
    expect(soakReport({ ...lost, exposures: [{ ...first!, lost: 1 }, ...others] }).wrong).toEqual([
      '1 reads are in no frame',
    ]);
    expect(soakReport(run(() => 0.5, { missing: 2, late: 3 })).wrong).toEqual([
      '2 frames did not come',
      'reads were written 3.00 s late',
    ]);
  });
});

it('a straight line has the slope of its points and the error of their scatter', () => {
  expect(straightLine([0, 1, 2, 3], [1, 3, 5, 7])).toEqual([2, 0]);
  // By numpy: 0.6 and 0.230940.
  const [slope, error] = straightLine([0, 1, 2], [0, 1, 1.2]);
  expect([slope, error]).toEqual([expect.closeTo(0.6, 9), expect.closeTo(0.4 / Math.sqrt(3), 9)]);
});
