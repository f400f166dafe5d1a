import type { Table } from '../table.ts';
import { CoordinateArray, type Dimension } from './coordinate-array.ts';
import { WcsError } from './errors.ts';

/** Where the lookup table of a -TAB axis lies: PSi_0, PVi_1, PVi_2. */
export interface TableReference {
  readonly name: string;
  readonly version: number;
  readonly level: number;
}

/** An axis that takes part in a lookup table. */
export interface TableAxis {
  /** World axis, 0-based. */
  readonly axis: number;
  readonly reference: TableReference;
  /** Column of the coordinate array (PSi_1) and of the index vector (PSi_2, '' if none). */
  readonly coordinates: string;
  readonly index: string;
  /** Which axis of the coordinate array this is, 0-based (PVi_3 − 1). */
  readonly position: number;
  readonly crval: number;
  readonly keyword: string;
}

/** The transformation of the axes that share one coordinate array (Paper III §6); `axes` are world axes in the order of the array. */
export interface Lookup {
  readonly axes: readonly number[];
  /** Intermediate to world coordinates, both indexed by world axis. */
  toWorld(intermediate: Float64Array, world: Float64Array): void;
  toIntermediate(world: Float64Array, intermediate: Float64Array): void;
}

/** Make the lookups of all -TAB axes: those with the same table and column belong together. */
export function makeLookups(
  axes: readonly TableAxis[],
  find: (reference: TableReference) => Table | undefined,
): Lookup[] {
  const groups = new Map<string, TableAxis[]>();
  for (const axis of axes) {
    const { name, version, level } = axis.reference;
    const key = [name, version, level, axis.coordinates].join('\n');
    groups.set(key, [...(groups.get(key) ?? []), axis]);
  }
  return [...groups.values()].map((group) => makeLookup(group, find));
}

function makeLookup(
  group: readonly TableAxis[],
  find: (reference: TableReference) => Table | undefined,
): Lookup {
  const first = group[0] as TableAxis;
  const { reference, keyword } = first;
  const where = `${reference.name} version ${reference.version}`;
  const table = find(reference);
  if (!table)
    throw new WcsError('TABLE', `the lookup table ${where} was not given; pass it in \`tables\``, keyword);
  const sorted = [...group].sort((a, b) => a.position - b.position);
  if (sorted.some((axis, m) => axis.position !== m)) {
    throw new WcsError('TABLE', `PVi_3 of its axes are not 1 to ${sorted.length}`, keyword);
  }

  const cells = column(table, first.coordinates, where, keyword);
  const size = sorted.length;
  // Slowest first in `shape`: K_M … K_1, M.
  const shape = cells.shape ?? (size === 1 ? [cells.data.length, 1] : []);
  if (shape.length !== size + 1 || shape.at(-1) !== size || shape.some((k) => k < 1)) {
    throw new WcsError(
      'TABLE',
      `column ${first.coordinates} of ${where} has the shape [${shape}], expected ${size + 1} dimensions, the last one ${size}`,
      keyword,
    );
  }
  const dimensions = sorted.map((axis, m): Dimension => {
    const length = shape[size - 1 - m] as number;
    const index = axis.index === '' ? undefined : column(table, axis.index, where, axis.keyword).data;
    if (index) checkIndex(index, length, axis);
    return { axis: axis.axis, crval: axis.crval, length, index };
  });
  const array = new CoordinateArray(dimensions, cells.data);
  return {
    axes: dimensions.map((d) => d.axis),
    toWorld: (intermediate, world) => array.toWorld(intermediate, world),
    toIntermediate: (world, intermediate) => array.toIntermediate(world, intermediate),
  };
}

function column(
  table: Table,
  name: string,
  where: string,
  keyword: string,
): { data: Float64Array; shape: readonly number[] | undefined } {
  const found = table.find(name);
  if (!found) throw new WcsError('TABLE', `${where} has no column ${name}`, keyword);
  const { data, shape, repeat } = found;
  if (Array.isArray(data) || table.rows < 1) {
    throw new WcsError('TABLE', `column ${name} of ${where} holds no numbers`, keyword);
  }
  const numbers = Float64Array.from(data.subarray(0, repeat) as ArrayLike<number | bigint>, Number);
  return { data: numbers, shape };
}

function checkIndex(index: Float64Array, length: number, { index: name, keyword }: TableAxis): void {
  if (index.length !== length) {
    throw new WcsError('TABLE', `index ${name} has ${index.length} elements, expected ${length}`, keyword);
  }
  if (length === 1) return;
  const sense = Math.sign((index.at(-1) as number) - (index[0] as number));
  for (let k = 1; k < length; k++) {
    if (!(((index[k] as number) - (index[k - 1] as number)) * sense >= 0) || sense === 0) {
      throw new WcsError('TABLE', `index ${name} is not monotonic at element ${k + 1}`, keyword);
    }
  }
}
