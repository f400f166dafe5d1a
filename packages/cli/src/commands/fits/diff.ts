import { diffFits, type FitsDiff, type HduDiff, type HeaderDiff } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import { integerArg, numberArg, parse } from '../../args.ts';
import { CliError, usageError } from '../../errors.ts';
import { print } from './files.ts';

const list = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const shown = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value) : String(value ?? 'none');

function* headerLines(diff: HeaderDiff): Generator<string> {
  if (diff.cards) yield `${diff.cards[0]} cards in a, ${diff.cards[1]} in b`;
  for (const keyword of diff.onlyInA) yield `${keyword} only in a`;
  for (const keyword of diff.onlyInB) yield `${keyword} only in b`;
  for (const { keyword, counts } of diff.counts)
    yield `${keyword} ${counts[0]} times in a, ${counts[1]} times in b`;
  const nth = (occurrence: number) => (occurrence === 0 ? '' : ` (${occurrence + 1})`);
  for (const { keyword, occurrence, a, b } of diff.values) {
    yield `${keyword}${nth(occurrence)}: a ${shown(a)}, b ${shown(b)}`;
  }
  for (const { keyword, occurrence, a, b } of diff.comments) {
    yield `comment of ${keyword}${nth(occurrence)}: a ${shown(a)}, b ${shown(b)}`;
  }
}

const percent = (ratio: number): string => `${(100 * ratio).toPrecision(3)} %`;

function* dataLines(data: NonNullable<HduDiff['data']>): Generator<string> {
  if (data.kind === 'table') {
    if (data.columns) yield `${data.columns[0]} columns in a, ${data.columns[1]} in b`;
    for (const name of data.onlyInA) yield `column ${name} only in a`;
    for (const name of data.onlyInB) yield `column ${name} only in b`;
    if (data.rows) yield `${data.rows[0]} rows in a, ${data.rows[1]} in b`;
    for (const { column, keyword, a, b } of data.attributes) {
      yield `${keyword} of column ${column}: a ${shown(a)}, b ${shown(b)}`;
    }
    for (const { column, row, a, b } of data.first)
      yield `column ${column}, row ${row}: a ${shown(a)}, b ${shown(b)}`;
    if (data.total > 0) yield `${data.total} different cells (${percent(data.ratio)})`;
    return;
  }
  if (data.shapes) yield `shape: a [${data.shapes[0]}], b [${data.shapes[1]}]`;
  for (const { index, a, b } of data.first) yield `at [${index}]: a ${a}, b ${b}`;
  if (data.total > 0) {
    yield `${data.total} different ${data.kind === 'image' ? 'pixels' : 'bytes'} (${percent(data.ratio)})`;
  }
}

function* text(diff: FitsDiff): Generator<string> {
  if (diff.identical) yield 'no differences\n';
  if (diff.hduCount) yield `${diff.hduCount[0]} HDUs in a, ${diff.hduCount[1]} in b\n`;
  for (const hdu of diff.hdus) {
    yield `HDU ${hdu.index}${hdu.name ? ` ${hdu.name}` : ''}\n`;
    for (const what of ['names', 'versions', 'levels', 'kinds'] as const) {
      const both = hdu[what];
      if (both) yield `  ${what.slice(0, -1)}: a ${both[0]}, b ${both[1]}\n`;
    }
    for (const line of hdu.header ? headerLines(hdu.header) : []) yield `  ${line}\n`;
    for (const line of hdu.data ? dataLines(hdu.data) : []) yield `  ${line}\n`;
  }
}

/** JSON has neither 64-bit integers nor NaN: such values become text. */
const plain = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)) ? String(value) : value;

/** `drs fits diff`: in what do two files differ? Exit code 1 if they do. */
export const run = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(
    args,
    {
      ignore: { type: 'string' },
      'ignore-comments': { type: 'string' },
      'ignore-hdus': { type: 'string' },
      'ignore-columns': { type: 'string' },
      rtol: { type: 'string' },
      atol: { type: 'string' },
      max: { type: 'string' },
      json: { type: 'boolean' },
    },
    usage,
  );
  const [a, b, ...more] = positionals;
  if (a === undefined || b === undefined || more.length > 0) {
    throw usageError(`two files are needed\nusage: drs ${usage}`);
  }
  const options = {
    ignoreKeywords: list(values.ignore),
    ignoreComments: list(values['ignore-comments']),
    ignoreHdus: list(values['ignore-hdus']),
    ignoreColumns: list(values['ignore-columns']),
    rtol: numberArg('rtol', values.rtol, 0, 0, Number.MAX_VALUE),
    atol: numberArg('atol', values.atol, 0, 0, Number.MAX_VALUE),
    maxDifferences: integerArg('max', values.max, 10, 0, 1e6),
  };
  try {
    using left = await openFile(a);
    using right = await openFile(b);
    const diff = await diffFits(left, right, options);
    if (values.json) await print(`${JSON.stringify({ a, b, ...diff }, plain)}\n`);
    else for (const line of text(diff)) await print(line);
    return diff.identical ? 0 : 1;
  } catch (error) {
    throw new CliError(1, (error as Error).message, error);
  }
};
