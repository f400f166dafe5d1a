/** Pixels and table cells as text and as JSON, in pieces so that no whole frame becomes one string. */
import type { Column, Hdu, Image, Pixels, Table } from '@iris-drs/fits';
import { dtypeOf } from './dtype.ts';
import { elementsPerRow } from './rows.ts';

type Value = number | bigint | string | boolean | null;

/** The shortest decimal of 6 to 9 digits that gives the same float32 back. */
const shortFloat = (value: number): string => {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9)));
};

const formatter = (data: ArrayLike<unknown>): ((value: Value) => string) =>
  data instanceof Float32Array
    ? (value) =>
        Number.isInteger(value) && Math.abs(value as number) < 2 ** 24
          ? String(value)
          : shortFloat(value as number)
    : String;

/** JSON has no NaN: it becomes null. It has no infinity either, but every reader takes 1e999 for one. */
const jsonFormatter = (data: ArrayLike<unknown>): ((value: Value) => string) => {
  const text = formatter(data);
  return (value) => {
    if (typeof value === 'string' || typeof value === 'boolean' || value === null)
      return JSON.stringify(value);
    if (typeof value === 'bigint') return text(value);
    if (Number.isNaN(value)) return 'null';
    return Number.isFinite(value) ? text(value) : value > 0 ? '1e999' : '-1e999';
  };
};

const join = (
  data: Pixels | readonly Value[],
  from: number,
  to: number,
  text: (v: Value) => string,
  by: string,
): string => {
  const parts: string[] = [];
  for (let i = from; i < to; i++) parts.push(text(data[i] as Value));
  return parts.join(by);
};

/** A line a row of pixels, blanks between them; planes of a cube apart by an empty line. */
export function* imageText({ shape, data }: Image): Generator<string> {
  const nx = shape.at(-1) ?? 0;
  const ny = shape.at(-2) ?? 1;
  const text = formatter(data);
  for (let at = 0, row = 0; at < data.length; at += nx, row++) {
    if (row > 0 && row % ny === 0) yield '\n';
    yield `${join(data, at, at + nx, text, ' ')}\n`;
  }
}

const opening = (path: string, hdu: Hdu, fields: object): string =>
  JSON.stringify({ file: path, hdu: hdu.index, name: hdu.name, version: hdu.version, ...fields }).slice(
    0,
    -1,
  );

/** `{"file","hdu","name","version","shape","dtype","data"}`, data nested as shape says, NaN as null. */
export function* imageJson({ shape, data }: Image, path: string, hdu: Hdu): Generator<string> {
  yield `${opening(path, hdu, { shape, dtype: dtypeOf(hdu) })},"data":`;
  const text = jsonFormatter(data);
  const nest = function* (axis: number, from: number, count: number): Generator<string> {
    const n = shape[axis] ?? 0;
    if (axis >= shape.length - 1) {
      yield `[${join(data, from, from + n, text, ',')}]`;
      return;
    }
    yield '[';
    for (let i = 0; i < n; i++) {
      if (i > 0) yield ',';
      yield* nest(axis + 1, from + (i * count) / n, count / n);
    }
    yield ']';
  };
  yield* nest(0, 0, data.length);
  yield '}\n';
}

const cell = (column: Column, row: number, rows: number, text: (v: Value) => string, by: string): string => {
  const n = elementsPerRow(column, rows);
  return join(column.data, row * n, (row + 1) * n, text, by);
};

/** A line of column names, then a line a row; columns apart by tabs, elements of a cell by commas. */
export function* tableText({ rows, columns }: Table): Generator<string> {
  yield `# ${columns.map(({ name }) => name).join('\t')}\n`;
  const texts = columns.map(({ data }) => formatter(data));
  for (let row = 0; row < rows; row++) {
    yield `${columns.map((column, i) => cell(column, row, rows, texts[i]!, ',')).join('\t')}\n`;
  }
}

/** `{"file","hdu","name","version","rows","columns","data"}`: data is a list of rows, lists where a cell has several elements. */
export function* tableJson({ rows, columns }: Table, path: string, hdu: Hdu): Generator<string> {
  const heads = columns.map(({ name, format, unit }) => ({
    name,
    format,
    ...(unit === undefined ? {} : { unit }),
  }));
  yield `${opening(path, hdu, { rows, columns: heads })},"data":[`;
  const texts = columns.map(({ data }) => jsonFormatter(data));
  for (let row = 0; row < rows; row++) {
    const cells = columns.map((column, i) => {
      const text = cell(column, row, rows, texts[i]!, ',');
      return elementsPerRow(column, rows) === 1 ? text : `[${text}]`;
    });
    yield `${row > 0 ? ',' : ''}[${cells.join(',')}]`;
  }
  yield ']}\n';
}
