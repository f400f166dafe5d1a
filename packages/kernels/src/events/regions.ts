/** Regions of neighbouring flagged pixels of one read, from its runs. */
import type { Moments } from './ellipse.ts';

/**
 * Pixels [from, end) of rows, in the order of rows, and within a row of columns, none touching the next. Arrays side by
 * side, as there are millions of them in a long ramp.
 */
export interface Runs {
  readonly y: ArrayLike<number>;
  readonly from: ArrayLike<number>;
  readonly end: ArrayLike<number>;
}

const squares = (n: number): number => (n * (n + 1) * (2 * n + 1)) / 6;

/** Of each run the run that its region is named after: pixels that touch by a corner belong together. */
const rootsOf = ({ y, from, end }: Runs): Int32Array => {
  const parent = Int32Array.from(y, (_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]!]!;
    return at;
  };
  // Runs [above, row) are those of the row before.
  let [above, row] = [0, 0];
  for (let i = 0; i < y.length; i++) {
    if (y[i] !== y[row]) {
      above = y[row] === y[i]! - 1 ? row : i;
      row = i;
    }
    while (above < row && end[above]! < from[i]!) above++;
    for (let j = above; j < row && from[j]! <= end[i]!; j++) {
      const [a, b] = [root(i), root(j)];
      parent[Math.max(a, b)] = Math.min(a, b);
    }
  }
  for (let i = 0; i < y.length; i++) parent[i] = root(i);
  return parent;
};

/** Pixels of a small region and of its holes, which its surroundings do not reach, by sides or corners of pixels. */
const filledArea = ({ y, from, end }: Runs, members: readonly number[]): number => {
  const x0 = Math.min(...members.map((i) => from[i]!));
  const y0 = y[members[0]!]!;
  const width = Math.max(...members.map((i) => end[i]!)) - x0 + 2;
  const height = y[members.at(-1)!]! - y0 + 3;
  const state = new Uint8Array(width * height);
  for (const i of members) {
    const at = (y[i]! - y0 + 1) * width - x0 + 1;
    state.fill(1, at + from[i]!, at + end[i]!);
  }
  const stack = [0];
  state[0] = 2;
  let outside = 0;
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    outside++;
    const x = at % width;
    for (const dx of [-1, 0, 1]) {
      if (x + dx < 0 || x + dx >= width) continue;
      for (const next of [at + dx - width, at + dx, at + dx + width]) {
        if (state[next] !== 0) continue;
        state[next] = 2;
        stack.push(next);
      }
    }
  }
  return width * height - outside;
};

const momentsOf = ({ y, from, end }: Runs, members: readonly number[]): Moments => {
  const sums = { n: 0, x: 0, y: 0, xx: 0, yy: 0, xy: 0 };
  for (const i of members) {
    const n = end[i]! - from[i]!;
    const x = (n * (from[i]! + end[i]! - 1)) / 2;
    sums.n += n;
    sums.x += x;
    sums.y += n * y[i]!;
    sums.xx += squares(end[i]! - 1) - squares(from[i]! - 1);
    sums.yy += n * y[i]! ** 2;
    sums.xy += x * y[i]!;
  }
  return sums;
};

/** Eight pixels about a ninth are the smallest ring. */
const RING = 8;

/** Regions of at least `least` pixels, holes counted. */
export const regionsOf = (runs: Runs, least: number): Moments[] => {
  const root = rootsOf(runs);
  const area = new Float64Array(root.length);
  for (let i = 0; i < root.length; i++) area[root[i]!]! += runs.end[i]! - runs.from[i]!;
  const members = new Map<number, number[]>();
  for (let i = 0; i < root.length; i++) {
    const at = root[i]!;
    if (area[at]! < Math.min(least, RING)) continue;
    const list = members.get(at);
    if (list) list.push(i);
    else members.set(at, [i]);
  }
  return [...members].flatMap(([at, own]) =>
    area[at]! >= least || filledArea(runs, own) >= least ? [momentsOf(runs, own)] : [],
  );
};
