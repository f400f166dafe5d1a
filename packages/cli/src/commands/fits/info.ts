import type { Fits, Hdu } from '@iris-drs/fits';
import { parse } from '../../args.ts';
import { dtypeOf } from './dtype.ts';
import { forEachFile, print } from './files.ts';

interface HduLine {
  readonly index: number;
  readonly name: string;
  readonly version: number;
  readonly type: string;
  /** Slowest axis first; of a table its rows; of a compressed image what it unpacks to. */
  readonly shape: readonly number[];
  readonly dtype: string | null;
  /** Of the data unit, without padding. */
  readonly bytes: number;
  readonly dataOffset: number;
  readonly columns?: readonly { readonly name: string; readonly format: string; readonly unit?: string }[];
}

const shapeOf = ({ kind, shape, header }: Hdu): readonly number[] => {
  if (kind === 'bintable' || kind === 'table') return shape.slice(0, 1);
  if (kind !== 'compressed') return shape;
  const axes = header.integer('ZNAXIS') ?? 0;
  return Array.from({ length: Math.max(0, axes) }, (_, i) => header.integer(`ZNAXIS${axes - i}`) ?? 0);
};

const columnsOf = ({ kind, header }: Hdu): HduLine['columns'] => {
  if (kind !== 'bintable' && kind !== 'table') return undefined;
  const count = Math.min(Math.max(header.integer('TFIELDS') ?? 0, 0), 999);
  return Array.from({ length: count }, (_, i) => {
    const unit = header.string(`TUNIT${i + 1}`);
    return {
      name: header.string(`TTYPE${i + 1}`)?.trim() ?? '',
      format: header.string(`TFORM${i + 1}`)?.trim() ?? '',
      ...(unit === undefined ? {} : { unit }),
    };
  });
};

const describe = (hdu: Hdu): HduLine => {
  const columns = columnsOf(hdu);
  return {
    index: hdu.index,
    name: hdu.name,
    version: hdu.version,
    type: hdu.kind,
    shape: shapeOf(hdu),
    dtype: hdu.shape.length === 0 ? null : (dtypeOf(hdu) ?? null),
    bytes: hdu.dataBytes,
    dataOffset: hdu.dataOffset,
    ...(columns ? { columns } : {}),
  };
};

const row = (line: HduLine): string[] => [
  String(line.index),
  line.name,
  String(line.version),
  line.type,
  line.columns
    ? `${line.shape[0] ?? 0} rows × ${line.columns.length} columns`
    : line.shape.length === 0
      ? '-'
      : line.shape.join(' × '),
  line.dtype ?? '-',
  String(line.bytes),
];

const HEAD = ['HDU', 'name', 'version', 'type', 'shape', 'dtype', 'bytes'];

const table = (fits: Fits): string => {
  const rows = [HEAD, ...fits.hdus.map((hdu) => row(describe(hdu)))];
  const widths = HEAD.map((_, i) => Math.max(...rows.map((cells) => cells[i]!.length)));
  return rows
    .map((cells) => cells.map((cell, i) => (i === 6 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))))
    .map((cells) => `${cells.join('  ').trimEnd()}\n`)
    .join('');
};

/** `drs fits info`: the HDUs of each file, as a table or as one JSON line a file. */
export const run = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(args, { json: { type: 'boolean' } }, usage);
  return forEachFile(positionals, usage, async (fits, path) => {
    if (values.json) {
      const line = { file: path, bytes: fits.source.byteLength, hdus: fits.hdus.map(describe) };
      await print(`${JSON.stringify(line)}\n`);
    } else await print(`${path}: ${fits.source.byteLength} bytes\n${table(fits)}`);
  });
};
