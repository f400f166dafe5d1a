import type { Header } from '../header.ts';
import { type Column, cellOf, readTable, type Table } from '../table.ts';
import type { FitsValue } from '../value.ts';
import { type Ignores, realsDiffer, type Tolerance } from './compare.ts';
import type { DataOptions, Side } from './image.ts';
import type { TableDiff } from './result.ts';

const ATTRIBUTES = ['TUNIT', 'TNULL', 'TSCAL', 'TZERO', 'TDISP', 'TBCOL', 'TDIM'];
const EXACT: Tolerance = { rtol: 0, atol: 0 };

/** A column, and its number in the header from 1. */
interface Place {
  readonly column: Column;
  readonly n: number;
}

/**
 * Columns of the same name and format, cell by cell; tolerances are for reals.
 * @returns undefined if there is no difference
 */
export async function diffTables(
  a: Side,
  b: Side,
  options: DataOptions & { readonly columns: Ignores },
): Promise<TableDiff | undefined> {
  const [tableA, tableB] = [await readTable(a.fits, a.hdu), await readTable(b.fits, b.hdu)];
  const [left, right] = [byName(tableA, options.columns), byName(tableB, options.columns)];
  const common = [...left].filter(([key]) => right.has(key));
  const attributes = common.flatMap(([key, place]) =>
    attributesOf(a.hdu.header, b.hdu.header, place, right.get(key) as Place),
  );
  const only = (these: typeof left, those: typeof left) =>
    [...these].flatMap(([key, { column }]) => (those.has(key) ? [] : [column.name]));
  const first: TableDiff['first'][number][] = [];
  let total = 0;
  if (tableA.rows === tableB.rows) {
    for (const [key, { column }] of common) {
      const other = (right.get(key) as Place).column;
      // Cells of no bytes, of which there may be any number.
      if (column.data.length === 0 && other.data.length === 0) continue;
      const differ = comparison(column, other, options);
      for (let row = 0; row < tableA.rows; row++) {
        if (!differ(row)) continue;
        total++;
        if (first.length < options.most) {
          first.push({ column: column.name, row, a: shownCell(column, row), b: shownCell(other, row) });
        }
      }
    }
  }
  const diff: TableDiff = {
    kind: 'table',
    ...(left.size !== right.size && { columns: [left.size, right.size] as const }),
    onlyInA: only(left, right),
    onlyInB: only(right, left),
    ...(tableA.rows !== tableB.rows && { rows: [tableA.rows, tableB.rows] as const }),
    attributes,
    total,
    ratio: total / Math.max(1, tableA.rows * tableA.columns.length),
    first,
  };
  const lists = [diff.onlyInA, diff.onlyInB, attributes];
  return total > 0 || diff.rows || diff.columns || lists.some((list) => list.length > 0) ? diff : undefined;
}

/** Columns that are the same have the same name and format. */
function byName({ columns }: Table, ignores: Ignores): Map<string, Place> {
  const places = new Map<string, Place>();
  columns.forEach((column, i) => {
    const format = column.format.trim().replace(/^1(?=[A-Z])/, '');
    if (!ignores(column.name)) places.set(`${column.name.toUpperCase()}\n${format}`, { column, n: i + 1 });
  });
  return places;
}

function attributesOf(a: Header, b: Header, left: Place, right: Place): TableDiff['attributes'] {
  return ATTRIBUTES.flatMap((keyword) => {
    const [x, y] = [valueIn(a, `${keyword}${left.n}`), valueIn(b, `${keyword}${right.n}`)];
    return x === y ? [] : [{ column: left.column.name, keyword, a: x, b: y }];
  });
}

function valueIn(header: Header, keyword: string): FitsValue | undefined {
  const value = header.cards.find((card) => card.keyword === keyword)?.value;
  return typeof value === 'string' ? value.trimEnd() : value;
}

/** Whether a row of two columns of one format differs. */
function comparison(a: Column, b: Column, { rtol, atol }: Tolerance): (row: number) => boolean {
  const reals = a.data instanceof Float32Array || a.data instanceof Float64Array;
  const tolerance = reals ? { rtol, atol } : EXACT;
  const same = (x: unknown, y: unknown): boolean =>
    x === y || (typeof x === 'number' && typeof y === 'number' && !realsDiffer(x, y, tolerance));
  if (a.offsets || b.offsets || a.repeat !== b.repeat) {
    return (row) => {
      const [x, y] = [cellOf(a, row), cellOf(b, row)];
      if (x.length !== y.length) return true;
      for (let i = 0; i < x.length; i++) if (!same(x[i], y[i])) return true;
      return false;
    };
  }
  const complex = !Array.isArray(a.data) && /^ *\d*[CM]/.test(a.format);
  const n = a.repeat * (complex ? 2 : 1);
  const [left, right] = [a.data as ArrayLike<unknown>, b.data as ArrayLike<unknown>];
  return (row) => {
    for (let i = row * n; i < (row + 1) * n; i++) if (!same(left[i], right[i])) return true;
    return false;
  };
}

/** One value as it is, several as a list, of which a hundred must do. */
function shownCell(column: Column, row: number): unknown {
  const cell = Array.from(cellOf(column, row) as ArrayLike<unknown>).slice(0, 100);
  return column.repeat === 1 && cell.length === 1 ? cell[0] : cell;
}
