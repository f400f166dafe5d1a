import { median } from './compare.ts';

export interface SoakedExposure {
  readonly exposureId: string;
  readonly detector: string;
  /** From the last read on the volume to its frame on the volume. */
  readonly latencySeconds: number;
  /** When the last read was on the volume, ms since 1970. */
  readonly lastMillis: number;
  /** What the service says it spent on each step; `follow` lasts as long as the ramp. */
  readonly stepSeconds: Readonly<Record<string, number>>;
  /** Reads that are not in the frame. */
  readonly lost: number;
}

export interface SoakRun {
  readonly exposures: readonly SoakedExposure[];
  /** Frames that did not come. */
  readonly missing: number;
  readonly failures: readonly string[];
  readonly processes: readonly {
    readonly name: string;
    readonly cpuSeconds: number;
    readonly peakBytes: number;
  }[];
  /** Seconds that the writer was behind at most. */
  readonly late: number;
  readonly readSeconds: number;
  readonly bytesPerSecond: number;
  readonly seconds: number;
}

export interface SoakReport extends SoakRun {
  readonly bench: 'soak';
  readonly medianSeconds: number;
  readonly largestSeconds: number;
  /** Of the latency over time, seconds per second, and its error. */
  readonly trend: number;
  readonly trendError: number;
  readonly lost: number;
  readonly passed: boolean;
  /** Why not. */
  readonly wrong: readonly string[];
}

/** Slope of a straight line through points of equal weight, and its standard error from their scatter. */
export const straightLine = (x: readonly number[], y: readonly number[]): readonly [number, number] => {
  const n = x.length;
  if (n < 3) return [0, Number.POSITIVE_INFINITY];
  const mean = (v: readonly number[]) => v.reduce((a, b) => a + b, 0) / n;
  const [x0, y0] = [mean(x), mean(y)];
  const spread = x.reduce((sum, v) => sum + (v - x0) ** 2, 0);
  const slope = x.reduce((sum, v, i) => sum + (v - x0) * (y[i]! - y0), 0) / spread;
  const rest = y.reduce((sum, v, i) => sum + (v - y0 - slope * (x[i]! - x0)) ** 2, 0);
  return [slope, Math.sqrt(rest / (n - 2) / spread)];
};

/**
 * The lag grows when a line through the latencies rises by more than twice its error, and by more than the time between
 * two reads within the run.
 */
export const soakReport = (run: SoakRun): SoakReport => {
  const { exposures, readSeconds, seconds } = run;
  const latencies = exposures.map(({ latencySeconds }) => latencySeconds).sort((a, b) => a - b);
  const [trend, trendError] = straightLine(
    exposures.map(({ lastMillis }) => lastMillis / 1000),
    exposures.map(({ latencySeconds }) => latencySeconds),
  );
  const lost = exposures.reduce((sum, one) => sum + one.lost, 0);
  const wrong = [
    ...(run.missing > 0 ? [`${run.missing} frames did not come`] : []),
    ...(lost > 0 ? [`${lost} reads are in no frame`] : []),
    ...(trend > 2 * trendError && trend * seconds > readSeconds ? ['the lag grows'] : []),
    ...(run.late > readSeconds ? [`reads were written ${run.late.toFixed(2)} s late`] : []),
    ...run.failures,
  ];
  return {
    ...{ bench: 'soak', ...run, trend, trendError, lost, wrong, passed: wrong.length === 0 },
    medianSeconds: median(latencies),
    largestSeconds: latencies.at(-1) ?? Number.NaN,
  };
};

/** Median of each step, the longest first, ms. */
const stepsText = ({ exposures }: SoakReport): string => {
  const names = new Set(exposures.flatMap(({ stepSeconds }) => Object.keys(stepSeconds)));
  names.delete('follow');
  return [...names]
    .map((name) => [name, median(exposures.map(({ stepSeconds }) => stepSeconds[name] ?? 0))] as const)
    .filter(([, seconds]) => seconds >= 0.0005)
    .sort(([, a], [, b]) => b - a)
    .map(([name, seconds]) => `${name} ${milli(seconds)}`)
    .join(', ');
};

const milli = (seconds: number): string => (seconds * 1000).toFixed(0);

/** The report as people read it. */
export const soakText = (report: SoakReport): string => {
  const ids = [...new Set(report.exposures.map(({ exposureId }) => exposureId.slice(-4)))].sort();
  const of = (number: string) => report.exposures.filter(({ exposureId }) => exposureId.endsWith(number));
  const lines = [
    `${(report.bytesPerSecond / 1e6).toFixed(0)} MB/s for ${report.seconds.toFixed(0)} s, writer late by at most ${milli(report.late)} ms`,
    'last read to frame on the volume, ms:',
    ...ids.map((id) => {
      const cells = [...of(id)]
        .sort((a, b) => (a.detector < b.detector ? -1 : 1))
        .map(({ detector, latencySeconds }) => `${detector} ${milli(latencySeconds).padStart(5)}`);
      return `  exposure ${id}  ${cells.join('  ')}`;
    }),
    `median ${milli(report.medianSeconds)} ms, largest ${milli(report.largestSeconds)} ms, trend ` +
      `${(report.trend * 1000).toFixed(1)} ± ${(report.trendError * 1000).toFixed(1)} ms/s`,
    `steps, median ms: ${stepsText(report)}`,
    `reads lost: ${report.lost}; frames missing: ${report.missing}`,
    ...report.processes.map(
      ({ name, cpuSeconds, peakBytes }) =>
        `  ${name.padEnd(12)} ${cpuSeconds.toFixed(1).padStart(6)} s of CPU, ${(peakBytes / 1e9).toFixed(2)} GB at most`,
    ),
    report.passed ? 'passed' : `failed: ${report.wrong.join('; ')}`,
  ];
  return `${lines.join('\n')}\n`;
};
