import type { Column, ColumnData, Table } from '@iris-drs/fits';
import { CliError } from '../../errors.ts';

/** Rows `[a, b)`, 0-based. */
export type Rows = readonly [a: number, b: number];

/** Elements of `data` that one row of a column takes. */
export const elementsPerRow = (column: Column, rows: number): number =>
  rows === 0 ? 0 : column.data.length / rows;

/** Some rows of a table. @param place  for the error when they are not there */
export const cutTable = (table: Table, [a, b]: Rows, place: string): Table => {
  if (b > table.rows) {
    throw new CliError(
      1,
      `${place}: rows [${a}, ${b}) of a table of ${table.rows}; expected 0 ≤ a < b ≤ ${table.rows}`,
    );
  }
  const columns = table.columns.map((column): Column => {
    const n = elementsPerRow(column, table.rows);
    return { ...column, data: column.data.slice(a * n, b * n) as ColumnData };
  });
  const find = (name: string) => columns.find((c) => c.name.toUpperCase() === name.trim().toUpperCase());
  return { rows: b - a, columns, find };
};
