import type { LargeEvents } from '../events/large-events.ts';
import { DO_NOT_USE, JUMP_DET, SATURATED } from './ramp.ts';

interface Shape {
  readonly x: number;
  readonly y: number;
  readonly minor: number;
  readonly major: number;
  readonly angle: number;
}

type Frame = readonly [ny: number, nx: number];

/** Pixels reached from one by steps of a pixel in x, y or both, among those that `inside` allows. */
const reached = (start: number, [ny, nx]: Frame, inside: (i: number) => boolean): Set<number> => {
  const seen = new Set([start]);
  for (const i of seen) {
    const [y, x] = [Math.floor(i / nx), i % nx];
    for (let v = Math.max(0, y - 1); v <= Math.min(ny - 1, y + 1); v++)
      for (let u = Math.max(0, x - 1); u <= Math.min(nx - 1, x + 1); u++)
        if (inside(v * nx + u)) seen.add(v * nx + u);
  }
  return seen;
};

/** Regions of so many pixels or more with their holes, as ellipses with their mean and second moments. */
const ellipses = ([ny, nx]: Frame, flagged: (i: number) => boolean, least: number): Shape[] => {
  const found: Shape[] = [];
  const done = new Set<number>();
  for (let i = 0; i < ny * nx; i++) {
    if (!flagged(i) || done.has(i)) continue;
    const region = reached(i, [ny, nx], flagged);
    for (const p of region) done.add(p);
    // A frame with a margin, so that the surroundings hang together.
    const wide: Frame = [ny + 2, nx + 2];
    const own = (j: number): boolean => {
      const [y, x] = [Math.floor(j / (nx + 2)) - 1, (j % (nx + 2)) - 1];
      return y >= 0 && x >= 0 && y < ny && x < nx && region.has(y * nx + x);
    };
    const around = region.size < least ? reached(0, wide, (j) => !own(j)).size : 0;
    if (Math.max(region.size, wide[0] * wide[1] - around) < least || (around === 0 && region.size < least))
      continue;
    const pixels = [...region].map((p) => [p % nx, Math.floor(p / nx)] as const);
    const mean = (of: (x: number, y: number) => number): number =>
      pixels.reduce((sum, [x, y]) => sum + of(x, y), 0) / pixels.length;
    const [x, y] = [mean((u) => u), mean((_, v) => v)];
    const [vx, vy] = [mean((u) => (u - x) ** 2), mean((_, v) => (v - y) ** 2)];
    const vxy = mean((u, v) => (u - x) * (v - y));
    const root = Math.sqrt(((vx - vy) / 2) ** 2 + vxy ** 2);
    const length = (lambda: number): number => 4 * Math.sqrt(Math.max(0, lambda)) - 1;
    const angle = root < 1e-7 * (vx + vy) ? Math.PI / 4 : Math.atan2(2 * vxy, vy - vx) / 2;
    found.push({ x, y, minor: length((vx + vy) / 2 - root), major: length((vx + vy) / 2 + root), angle });
  }
  return found;
};

const even = (v: number): number => {
  const n = Math.round(v);
  return Math.abs(v - Math.trunc(v)) === 0.5 && n % 2 !== 0 ? n - 1 : n;
};

/** Pixels of the frame within an ellipse of whole axes. */
const filled = ([ny, nx]: Frame, { x, y, angle }: Shape, minor: number, major: number): number[] => {
  const [a, b] = [Math.abs(even(major / 2)), Math.abs(even(minor / 2))];
  return Array.from({ length: ny * nx }, (_, i) => i).filter((i) => {
    const [dx, dy] = [(i % nx) - even(x), Math.floor(i / nx) - even(y)];
    const along = dy * Math.cos(angle) + dx * Math.sin(angle);
    const across = dy * Math.sin(angle) - dx * Math.cos(angle);
    return a > 0 && b > 0 && (along / a) ** 2 + (across / b) ** 2 < 1 - 1e-9;
  });
};

const within = (point: Shape, { x, y, minor, major, angle }: Shape): boolean => {
  const [dx, dy] = [point.x - x, point.y - y];
  const along = dy * Math.cos(angle) + dx * Math.sin(angle);
  const across = dy * Math.sin(angle) - dx * Math.cos(angle);
  return (along / (major / 2)) ** 2 + (across / (minor / 2)) ** 2 <= 1;
};

/**
 * Large events of whole cubes of flags, `flags[ramp][read][pixel]`, which are changed: read after read of a ramp, saturated
 * cores first, then halos; in the end what the cores leave in the next ramp.
 *
 * @returns the events of each read
 * @see src/events/large-events.ts; stcal, jump.py, flag_large_events
 */
export const largeEvents = (
  frame: Frame,
  ramps: readonly (readonly number[])[],
  flags: readonly (readonly number[][])[],
  options: LargeEvents,
): number[] => {
  const { minJumpArea = 5, minSaturatedArea = 1, expand = 2, saturated = true, edge = 25 } = options;
  const { minCore = 2.5, expandCore = 2, maxRadius = 200, seconds = 0, nextRampSeconds = 4000 } = options;
  const [ny, nx] = frame;
  const counts: number[] = [];
  const cap = (axis: number): number => Math.min(axis, 2 * maxRadius);
  const left = flags.map((reads, ramp) => {
    const times = ramps[ramp]!;
    const kept = new Set<number>();
    const halos: (readonly [read: number, pixels: readonly number[]])[] = [];
    counts.push(0);
    for (let r = 1; r < reads.length; r++) {
      const isSaturated = (read: number, i: number): boolean => (reads[read]![i]! & SATURATED) !== 0;
      const fresh = (read: number): Shape[] =>
        read < reads.length
          ? ellipses(frame, (i) => isSaturated(read, i) && !isSaturated(read - 1, i), minSaturatedArea)
          : [];
      const [cores, coming] = [fresh(r), fresh(r + 1)];
      const jumped = (i: number): boolean =>
        (reads[r]![i]! & (JUMP_DET | SATURATED | DO_NOT_USE)) === JUMP_DET;
      const events = ellipses(frame, jumped, minJumpArea).filter(
        (event) =>
          !saturated ||
          Math.min(event.x, event.y) < edge ||
          event.x > Math.max(0, nx - edge) ||
          event.y > Math.max(0, ny - edge) ||
          [...cores, ...coming].some((core) => within(core, event)),
      );
      counts.push(events.length);
      for (const core of saturated ? cores : []) {
        if (!(core.minor > minCore)) continue;
        const grown = [core.minor, core.major].map((axis) => cap(axis + 2 * expandCore));
        for (const i of filled(frame, core, grown[0]!, grown[1]!))
          for (let s = r; s < reads.length; s++) reads[s]![i] = SATURATED;
        for (const i of filled(frame, core, core.minor, core.major)) kept.add(i);
      }
      for (const event of events) {
        const [minor, major] = [event.minor * expand, event.major + (expand - 1) * event.minor].map(cap);
        halos.push([r, filled(frame, event, minor!, major!)]);
      }
    }
    for (const [r, pixels] of halos)
      for (const [s, t] of times.entries()) {
        if (s !== r && !(s > r && t <= times[r]! + seconds + 1e-6)) continue;
        for (const i of pixels) if ((reads[s]![i]! & SATURATED) === 0) reads[s]![i]! |= JUMP_DET;
      }
    return kept;
  });
  for (const [ramp, reads] of flags.entries()) {
    const times = ramps[ramp]!;
    const interval = times[1]! - times[0]!;
    for (const i of left[ramp - 1] ?? [])
      for (const [r, t] of times.entries()) {
        const soon = nextRampSeconds > 0 && t - times[0]! + interval <= nextRampSeconds + 1e-6;
        if (r > 0 && soon && (reads[r]![i]! & SATURATED) === 0) reads[r]![i]! |= JUMP_DET;
      }
  }
  return counts;
};
