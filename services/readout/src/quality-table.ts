import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { readTable } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import { StepError } from '@iris-drs/stpipe';

export interface QualityRow {
  /** RAMP_NO; undefined: every ramp. */
  readonly ramp?: number;
  /** READ_NO. */
  readonly read: number;
  readonly quality: number;
}

const READ = /^(READ_?NO|READ)$/i;
const RAMP = /^(RAMP_?NO|RAMP)$/i;

const unreadable = (path: string, why: string): StepError =>
  new StepError(
    'STEP_INPUT',
    'readoutsamp',
    `${basename(path)}: ${why}; expected columns READ_NO and a quality (and RAMP_NO, if ramps differ), as a FITS table or as text.`,
  );

interface Columns {
  readonly names: readonly string[];
  readonly rows: readonly (readonly number[])[];
}

/** Lines of numbers, separated by blanks or commas, below a line of names where there is one; # begins a comment. */
const textColumns = (path: string): Columns => {
  const lines = readFileSync(path, 'utf8')
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
    .map((line) => line.split(/[\s,;]+/));
  const titled = lines[0]?.some((word) => Number.isNaN(Number(word))) ?? false;
  const names = titled ? lines[0]! : ['READ_NO', 'QUALITY'];
  return { names, rows: lines.slice(titled ? 1 : 0).map((words) => words.map(Number)) };
};

const fitsColumns = async (path: string): Promise<Columns> => {
  using fits = await openFile(path);
  const hdu = fits.hdus.find(({ kind }) => kind === 'bintable');
  if (!hdu) throw unreadable(path, 'a FITS file without a table');
  const { columns } = await readTable(fits, hdu);
  const values = columns.map(({ data }) => Array.from(data as ArrayLike<unknown>, Number));
  return {
    names: columns.map(({ name }) => name.trim()),
    rows: (values[0] ?? []).map((_, row) => values.map((column) => column[row]!)),
  };
};

/**
 * A table of read numbers and a quality of each: the first column that is neither READ_NO nor RAMP_NO.
 *
 * @throws StepError STEP_INPUT when it has no such columns, or something that is no number
 */
export const readQualityTable = async (path: string): Promise<readonly QualityRow[]> => {
  let head: string;
  try {
    head = readFileSync(path).subarray(0, 6).toString('latin1');
  } catch (error) {
    throw unreadable(path, `it cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  const { names, rows } = head === 'SIMPLE' ? await fitsColumns(path) : textColumns(path);
  const find = (pattern: RegExp): number => names.findIndex((name) => pattern.test(name));
  const [read, ramp] = [find(READ), find(RAMP)];
  const quality = names.findIndex((_, i) => i !== read && i !== ramp);
  if (read < 0 || quality < 0) throw unreadable(path, `it has the columns ${names.join(', ')}`);
  return rows.map((row, i) => {
    const values = { read: row[read], quality: row[quality], ramp: ramp < 0 ? undefined : row[ramp] };
    const known = (value: number | undefined): value is number => value !== undefined && !Number.isNaN(value);
    if (!known(values.read) || !known(values.quality))
      throw unreadable(path, `row ${i + 1} is ${row.join(' ')}`);
    return {
      read: values.read,
      quality: values.quality,
      ...(values.ramp === undefined ? {} : { ramp: values.ramp }),
    };
  });
};
