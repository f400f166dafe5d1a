/** One case beside one reference, as `drs bench --json` prints it. Without any reference the last three are null. */
export interface BenchLine {
  readonly bench: string;
  readonly case: string;
  /** Median of the runs. */
  readonly seconds: number;
  /** Per pixel, in readout per pixel and read. */
  readonly nsPerSample?: number;
  /** Processor time of all threads, median. */
  readonly cpuSeconds?: number;
  /** Processor time to a sample: what one core takes. */
  readonly nsPerSamplePerCore?: number;
  /** Most of the frame pool that was in use. */
  readonly peakBytes?: number;
  readonly reference: string | null;
  readonly referenceSeconds: number | null;
  /** referenceSeconds / seconds */
  readonly ratio: number | null;
  /** What the case is meant to reach at full size, and whether it did. */
  readonly target?: string;
  readonly targetMet?: boolean;
}

export interface BenchSettings {
  /** Frames are `[size, size]`. */
  readonly size: number;
  /** The size was asked for; a bench that has shapes of its own then takes this one. */
  readonly sizeGiven: boolean;
  readonly runs: number;
  /** For files; removed after the bench. */
  readonly directory: string;
  readonly say: (line: string) => void;
}

export type Suite = (settings: BenchSettings) => Promise<BenchLine[]>;

const milliseconds = (seconds: number | null): string =>
  seconds === null ? '-' : (seconds * 1000).toFixed(seconds < 0.01 ? 2 : seconds < 1 ? 1 : 0);

const HEAD = ['bench', 'case', 'ms', 'ns/sample', '/core', 'peak MiB', 'reference', 'ms', 'ratio', 'target'];
const RIGHT = new Set([2, 3, 4, 5, 7, 8]);

const cells = (line: BenchLine): string[] => [
  line.bench,
  line.case,
  milliseconds(line.seconds),
  line.nsPerSample?.toFixed(2) ?? '-',
  line.nsPerSamplePerCore?.toFixed(2) ?? '-',
  line.peakBytes === undefined ? '-' : (line.peakBytes / 2 ** 20).toFixed(0),
  line.reference ?? 'none available',
  milliseconds(line.referenceSeconds),
  line.ratio === null ? '-' : line.ratio.toFixed(2),
  line.target === undefined ? '' : `${line.target}: ${line.targetMet ? 'met' : 'missed'}`,
];

/** The lines as people read them. */
export const table = (lines: readonly BenchLine[]): string => {
  const rows = [HEAD, ...lines.map(cells)];
  const widths = HEAD.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const pad = (cell: string, i: number): string =>
    RIGHT.has(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!);
  return `${rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n')}\n`;
};
