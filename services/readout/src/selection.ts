import { basename } from 'node:path';
import type { RampModel } from '@iris-drs/datamodels';
import { openFile } from '@iris-drs/fits/node';
import { type OptionsOf, StepError } from '@iris-drs/stpipe';
import { type QualityRow, readQualityTable } from './quality-table.ts';

/** Reads of one ramp that enter its slope, in the order they were taken. */
export interface ChosenReads {
  readonly indices: readonly number[];
  /** What each counts, above 0; all alike unless given. */
  readonly quality?: readonly number[];
}

export interface Selection {
  /** By ramp. */
  readonly ramps: readonly ChosenReads[];
  /** In words; undefined where every read was chosen. */
  readonly text?: string;
}

export const selectionSpec = {
  reads: {
    type: 'string',
    default: null,
    doc: 'Reads that enter, as slices from 0: 0:10, 2:20:2, -5:, or several, 0:4; -4:; None: all',
  },
  seconds: {
    type: 'string',
    default: null,
    doc: 'Reads from:to seconds after the first one of their ramp enter, both ends included; None: all',
  },
  read_table: {
    type: 'string',
    default: null,
    doc: 'Table of READ_NO and a quality (seeing, say), text or FITS; reads that it lacks do not enter',
  },
  min_quality: { type: 'float', default: null, doc: 'Reads of less quality do not enter' },
  max_quality: {
    type: 'float',
    default: null,
    doc: 'Reads of more do not: for seeing, where less is better',
  },
  quality_weights: {
    type: 'option',
    choices: ['none', 'quality', 'inverse', 'inverse_square'],
    default: 'none',
    doc: 'Reads count by q, 1/q or 1/q² (seeing: inverse_square); cds, mcds, utr',
  },
} as const;

type SelectionOptions = OptionsOf<typeof selectionSpec>;

const invalid = (message: string): StepError => new StepError('STEP_OPTION_TYPE', 'readoutsamp', message);

/** Indices that slices like Python's choose of so many. In a .cfg a comma would make a list of values. */
const sliced = (text: string, count: number): Set<number> => {
  const chosen = new Set<number>();
  for (const part of text.split(/[,;]/).map((one) => one.trim())) {
    const match = /^(-?\d+)?(:)?(-?\d+)?(?::(\d+)?)?$/.exec(part);
    const step = Number(match?.[4] ?? 1);
    if (!match || part === '' || step < 1)
      throw invalid(`reads = '${text}'; expected slices such as 0:10 or -5: or 3, joined by semicolons.`);
    const place = (given: string | undefined, otherwise: number): number => {
      if (given === undefined) return otherwise;
      const n = Number(given);
      return Math.min(Math.max(n < 0 ? count + n : n, 0), count);
    };
    const first = place(match[1], 0);
    const end = match[2] === undefined ? Math.min(first + 1, count) : place(match[3], count);
    for (let i = first; i < end; i += step) chosen.add(i);
  }
  return chosen;
};

const limits = (text: string): readonly [from: number, to: number] => {
  const match = /^\s*([\d.eE+-]*)\s*:\s*([\d.eE+-]*)\s*$/.exec(text);
  const from = match?.[1] ? Number(match[1]) : Number.NEGATIVE_INFINITY;
  const to = match?.[2] ? Number(match[2]) : Number.POSITIVE_INFINITY;
  if (!match || Number.isNaN(from) || Number.isNaN(to))
    throw invalid(`seconds = '${text}'; expected from:to, such as 0:60 or 5:.`);
  return [from, to];
};

/** READ_NO and RAMP_NO of each read: their headers', where reads are files; else their places from 0. */
const numbersOf = async ({ reads }: RampModel): Promise<readonly (readonly [number, number])[][]> => {
  const paths = reads.flat().map(({ path }) => path);
  const own = new Set(paths).size === paths.length && paths.length > 1;
  const all: [number, number][][] = [];
  for (const [ramp, images] of reads.entries()) {
    const row: [number, number][] = [];
    for (const [read, { path }] of images.entries()) {
      if (!own) row.push([ramp, read]);
      else {
        using fits = await openFile(path);
        const { header } = fits.hdus[0]!;
        row.push([header.integer('RAMP_NO') ?? ramp, header.integer('READ_NO') ?? read]);
      }
    }
    all.push(row);
  }
  return all;
};

const WEIGHTS: Readonly<Record<string, (q: number) => number>> = {
  quality: (q) => q,
  inverse: (q) => 1 / q,
  inverse_square: (q) => 1 / q ** 2,
};

const weightOf = (row: QualityRow, how: string, table: string): number => {
  const weight = WEIGHTS[how]?.(row.quality) ?? 1;
  if (weight > 0 && Number.isFinite(weight)) return weight;
  throw invalid(
    `${basename(table)}: quality ${row.quality} of read ${row.read} is no weight (${how}); expected a number above 0.`,
  );
};

const describe = (options: SelectionOptions): string | undefined => {
  const { reads, seconds, read_table, min_quality, max_quality, quality_weights } = options;
  const said = {
    ...{ reads, seconds, min_quality, max_quality },
    read_table: read_table === null ? null : basename(read_table),
    quality_weights: quality_weights === 'none' ? null : quality_weights,
  };
  const parts = Object.entries(said).flatMap(([name, value]) => (value === null ? [] : [`${name}=${value}`]));
  return parts.length > 0 ? parts.join(' ') : undefined;
};

/**
 * The reads that enter the slope: those that every given option allows.
 *
 * A row of the table without RAMP_NO is for that read of every ramp.
 *
 * @throws StepError STEP_OPTION_TYPE for text that cannot be read, STEP_INPUT for a table that cannot
 */
export const selectReads = async (ramp: RampModel, options: SelectionOptions): Promise<Selection> => {
  const { reads, seconds, read_table: table, min_quality: low, max_quality: high } = options;
  const text = describe(options);
  if (table === null && (low !== null || high !== null || options.quality_weights !== 'none'))
    throw invalid('min_quality, max_quality and quality_weights need a read_table.');
  const [from, to] = limits(seconds ?? ':');
  const rows = table === null ? undefined : await readQualityTable(table);
  const numbers = rows && (await numbersOf(ramp));
  const weighted = options.quality_weights !== 'none';

  const ramps = ramp.times.map((times, r): ChosenReads => {
    const wanted = reads === null ? undefined : sliced(reads, times.length);
    const indices: number[] = [];
    const quality: number[] = [];
    for (const [i, t] of times.entries()) {
      const since = t - times[0]!;
      if ((wanted && !wanted.has(i)) || since < from || since > to) continue;
      if (rows && table !== null) {
        const [rampNo, readNo] = numbers![r]![i]!;
        const row = rows.find((one) => one.read === readNo && (one.ramp ?? rampNo) === rampNo);
        if (!row || !(row.quality >= (low ?? -Infinity) && row.quality <= (high ?? Infinity))) continue;
        quality.push(weightOf(row, options.quality_weights, table));
      }
      indices.push(i);
    }
    return weighted ? { indices, quality } : { indices };
  });
  return { ramps, ...(text === undefined ? {} : { text }) };
};
