/**
 * Snowballs: discs of saturated pixels in halos of jumps. JWST's search, on the runs of flagged pixels of each read
 * instead of whole cubes of flags.
 *
 * Read by read of a ramp: regions of newly saturated pixels and regions of jumps become ellipses. A jump region with the
 * middle of a region in it that saturated in this read or will in the next is a snowball; near the edges of the detector no
 * saturation is asked for, as it may lie outside. The halo grows by a factor and is a jump in this read; a saturated core
 * that is not small grows by some pixels and is saturated from this read on. In the next ramp the cores, not grown, are
 * jumps for some time, as they leave charge behind.
 *
 * @see stcal, jump.py, flag_large_events; Regan 2023, JWST-STScI-008545
 */
import { setImmediate } from 'node:timers/promises';
import { type Ellipse, ellipseOf, isInside, type Spans, spansOf } from './ellipse.ts';
import { type Runs, regionsOf } from './regions.ts';

export interface LargeEvents {
  /** Pixels of a jump region, holes counted; default 5. */
  readonly minJumpArea?: number | undefined;
  /** Of a saturated one; default 1. */
  readonly minSaturatedArea?: number | undefined;
  /** By how much a halo grows; default 2. */
  readonly expand?: number | undefined;
  /** Jump regions without saturation are no events; default true. */
  readonly saturated?: boolean | undefined;
  /** Least minor axis of a core that grows; default 2.5. */
  readonly minCore?: number | undefined;
  /** Pixels by which its radius does; default 2. */
  readonly expandCore?: number | undefined;
  /** Pixels from the edge within which no saturation is asked for; default 25. */
  readonly edge?: number | undefined;
  /** Largest radius of what is flagged; default 200. */
  readonly maxRadius?: number | undefined;
  /** Seconds after an event for which its halo stays a jump; default 0. */
  readonly seconds?: number | undefined;
  /** Seconds since the reset for which cores are jumps in the next ramp; default 4000, 0: not at all. */
  readonly nextRampSeconds?: number | undefined;
}

/** Pixels to be flagged in reads [from, until) of all ramps. */
export interface Paint extends Spans {
  readonly from: number;
  readonly until: number;
  /** Saturated, whatever they were; else a jump where they are not saturated. */
  readonly saturated: boolean;
}

/** Flagged pixels of one read. */
export interface ReadRuns {
  readonly jumps: Runs;
  /** Saturated and not so in the read before. */
  readonly saturated: Runs;
}

/** Columns [from, end) that saturated cores hold, by row. */
type Cores = Map<number, (readonly [from: number, end: number])[]>;

const addCore = (cores: Cores, { y, x }: Spans): void => {
  for (let row = 0; row < x.length / 2; row++) {
    const span = [x[2 * row]!, x[2 * row + 1]!] as const;
    if (span[1] <= span[0]) continue;
    const spans = cores.get(y + row);
    if (spans) spans.push(span);
    else cores.set(y + row, [span]);
  }
};

/** What is left of runs outside the cores that earlier events left: those pixels are saturated now. */
const outside = (runs: Runs, cores: Cores): Runs => {
  if (cores.size === 0) return runs;
  const left = { y: [] as number[], from: [] as number[], end: [] as number[] };
  const keep = (y: number, from: number, end: number): void => {
    left.y.push(y);
    left.from.push(from);
    left.end.push(end);
  };
  for (let i = 0; i < runs.y.length; i++) {
    const [y, from, end] = [runs.y[i]!, runs.from[i]!, runs.end[i]!];
    const spans = cores.get(y)?.filter(([a, b]) => a < end && b > from);
    if (!spans?.length) keep(y, from, end);
    else {
      let at = from;
      for (const [a, b] of spans.sort((p, q) => p[0] - q[0])) {
        if (a > at) keep(y, at, a);
        at = Math.max(at, b);
      }
      if (at < end) keep(y, at, end);
    }
  }
  return left;
};

/** Axes of a halo: the minor one grows by the factor, the major one by as many pixels. */
const haloOf = (event: Ellipse, expand: number, most: number): [minor: number, major: number] => [
  Math.min(event.minor * expand, most),
  Math.min(event.major + (expand - 1) * event.minor, most),
];

/**
 * @param ramps  times of the reads of each ramp, s
 * @param readOf  runs of a read, counted over all ramps
 */
export const largeEvents = async (
  shape: readonly [ny: number, nx: number],
  ramps: readonly (readonly number[])[],
  readOf: (read: number) => ReadRuns,
  options: LargeEvents,
): Promise<{ readonly paints: readonly Paint[]; readonly events: readonly number[] }> => {
  const { minJumpArea = 5, minSaturatedArea = 1, expand = 2, saturated = true } = options;
  const { minCore = 2.5, expandCore = 2, edge = 25, seconds = 0, nextRampSeconds = 4000 } = options;
  const most = 2 * (options.maxRadius ?? 200);
  const [ny, nx] = shape;
  const nearEdge = ({ x, y }: Ellipse): boolean =>
    x < edge || y < edge || x > Math.max(0, nx - edge) || y > Math.max(0, ny - edge);
  const regions = (runs: Runs, cores: Cores, least: number): Ellipse[] =>
    regionsOf(outside(runs, cores), least).map(ellipseOf);

  const paints: Paint[] = [];
  const events: number[] = [];
  let first = 0;
  let before: Spans[] = [];
  for (const times of ramps) {
    const end = first + times.length;
    const until = (read: number, time: number): number => {
      const last = times[read - first]! + time * (1 + 1e-9) + 1e-9;
      const next = times.findIndex((t, i) => i > read - first && t > last);
      return next < 0 ? end : first + next;
    };
    const cores: Cores = new Map();
    const left: Spans[] = [];
    events.push(0);
    for (let read = first + 1; read < end; read++) {
      // A read takes a fraction of a second; others want the thread too.
      await setImmediate();
      const { jumps, saturated: full } = readOf(read);
      const halos = regions(jumps, cores, minJumpArea);
      const middles = regions(full, cores, minSaturatedArea);
      const coming =
        saturated && halos.length > 0 && read + 1 < end
          ? regions(readOf(read + 1).saturated, cores, minSaturatedArea)
          : [];
      const found = halos.filter(
        (halo) =>
          !saturated || nearEdge(halo) || [...middles, ...coming].some(({ x, y }) => isInside(x, y, halo)),
      );
      for (const core of saturated ? middles : []) {
        if (!(core.minor > minCore)) continue;
        const size = (axis: number): number => Math.min(axis + 2 * expandCore, most);
        const grown = spansOf(core, size(core.minor), size(core.major), shape);
        addCore(cores, grown);
        left.push(spansOf(core, core.minor, core.major, shape));
        paints.push({ ...grown, from: read, until: end, saturated: true });
      }
      for (const event of found) {
        const halo = spansOf(event, ...haloOf(event, expand, most), shape);
        paints.push({ ...halo, from: read, until: until(read, seconds), saturated: false });
      }
      events.push(found.length);
    }
    // Reads whose time since the reset, one interval before the first read, is within the limit.
    const interval = times[1]! - times[0]!;
    const kept = times.filter((t) => t - times[0]! + interval <= nextRampSeconds * (1 + 1e-9)).length;
    if (nextRampSeconds > 0 && kept > 1)
      for (const core of before)
        paints.push({ ...core, from: first + 1, until: first + kept, saturated: false });
    before = left;
    first = end;
  }
  return { paints, events };
};
