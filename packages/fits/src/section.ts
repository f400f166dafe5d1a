import { FitsError, type FitsPlace } from './errors.ts';

/** Half-open 0-based range along one axis. */
export type Range = readonly [a: number, b: number];

export interface SectionOptions {
  /** Rows `[a, b)`, 0-based, along the last but one axis, of every plane. */
  readonly rows?: Range;
  /** A range for every axis, slowest first, as in `shape`. Not together with `rows`. */
  readonly section?: readonly Range[];
}

/** Elements of a shape; [] is "no data", not a scalar. A zero axis wins over others too long to multiply. */
export function countOf(shape: readonly number[]): number {
  return shape.length === 0 || shape.includes(0) ? 0 : shape.reduce((a, b) => a * b, 1);
}

/** What of an image is wanted, one range an axis. @throws FitsError SECTION_RANGE */
export function sectionOf(shape: readonly number[], options: SectionOptions, place: FitsPlace): Range[] {
  const { rows, section } = options;
  const whole = shape.map((n): Range => [0, n]);
  if (rows && section) throw new FitsError('SECTION_RANGE', 'rows and section exclude each other', place);
  if (!rows && !section) return whole;
  const axis = shape.length - 2;
  const wanted = section ?? whole.map((range, i) => (i === axis ? (rows as Range) : range));
  const fits = ([a, b]: Range, i: number) =>
    Number.isInteger(a) && Number.isInteger(b) && 0 <= a && a <= b && b <= (shape[i] as number);
  if (wanted.length !== shape.length || (rows && axis < 0) || !wanted.every(fits)) {
    const asked = rows ? `rows [${rows.join(', ')})` : `section ${JSON.stringify(section)}`;
    const text = `${asked} of an image of shape [${shape}]; expected 0 ≤ a ≤ b ≤ length on every axis`;
    throw new FitsError('SECTION_RANGE', text, place);
  }
  return [...wanted];
}

export const shapeOf = (section: readonly Range[]): number[] => section.map(([a, b]) => b - a);

/** Stretches of consecutive elements that a section consists of, in order. */
export function* runsOf(
  shape: readonly number[],
  section: readonly Range[],
): Generator<{ readonly start: number; readonly length: number }> {
  if (countOf(shapeOf(section)) === 0) return;
  // Axes that are wanted whole, from the fastest on, make one stretch with the first one that is not.
  let axis = shape.length - 1;
  let unit = 1;
  const isWhole = (i: number) => section[i]?.[0] === 0 && section[i]?.[1] === shape[i];
  while (axis > 0 && isWhole(axis)) unit *= shape[axis--] as number;
  const [a, b] = section[axis] as Range;
  const length = (b - a) * unit;
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((x, y) => x * y, 1));
  const at = section.slice(0, axis).map(([from]) => from);
  for (;;) {
    yield { start: at.reduce((sum, n, i) => sum + n * (strides[i] as number), a * unit), length };
    let i = axis - 1;
    for (; i >= 0; i--) {
      at[i] = (at[i] as number) + 1;
      if ((at[i] as number) < (section[i] as Range)[1]) break;
      at[i] = (section[i] as Range)[0];
    }
    if (i < 0) return;
  }
}
