import { roundUp } from './allocator.ts';
import { ALIGN, type Core } from './core.ts';
import { KernelsError } from './errors.ts';
import { largeEvents, type Paint } from './events/large-events.ts';
import type { Runs } from './events/regions.ts';
import { replay } from './ramp-replay.ts';
import type { FitRampSpec } from './ramp-spec.ts';

/** Bytes of a run: read | 0x8000 where saturated, row, first column, the column behind the last. */
const RUN = 8;
const SATURATED = 0x8000;
/** Room for one run to so many pixels at first; when there are more, the reads are replayed again. */
const PIXELS_PER_RUN = 16;

/** Runs of flagged pixels of all reads, unsorted, as `flagRuns` of assembly/events.ts leaves them. */
const collect = async (core: Core, spec: FitRampSpec, room: number): Promise<Uint16Array | number> => {
  const { pool, team } = core;
  const counts = roundUp(team.threads * 8, ALIGN);
  using block = pool.block(counts + team.threads * room * RUN);
  const { buffer } = pool.memory;
  const number = new Float64Array(buffer, block.start, team.threads).fill(0);
  const runs = { at: block.start + counts, capacity: room, counts: block.start };
  await replay(core, spec, { method: 'ols', search: true, paints: [], fits: [], runs });
  const total = number.reduce((sum, n) => sum + n, 0);
  if (Math.max(...number) > room) return total;
  const all = new Uint16Array((total * RUN) / 2);
  let at = 0;
  for (const [worker, n] of number.entries()) {
    all.set(new Uint16Array(buffer, runs.at + worker * room * RUN, (n * RUN) / 2), at);
    at += (n * RUN) / 2;
  }
  return all;
};

/** Runs by read and kind, in the order of rows and columns. */
const sorted = (runs: Uint16Array, reads: number) => {
  const counts = new Uint32Array(2 * reads + 1);
  const bucket = (i: number): number => 2 * (runs[i]! & ~SATURATED) + (runs[i]! & SATURATED ? 1 : 0);
  for (let i = 0; i < runs.length; i += 4) counts[bucket(i) + 1]!++;
  for (let b = 0; b < 2 * reads; b++) counts[b + 1]! += counts[b]!;
  const keys = new Float64Array(runs.length / 4);
  const next = counts.slice();
  for (let i = 0; i < runs.length; i += 4)
    keys[next[bucket(i)]!++] = (runs[i + 1]! * 65536 + runs[i + 2]!) * 65536 + runs[i + 3]!;
  return (read: number, saturated: 0 | 1): Runs => {
    const part = keys.subarray(counts[2 * read + saturated], counts[2 * read + saturated + 1]).sort();
    return {
      y: Uint16Array.from(part, (key) => Math.floor(key / 2 ** 32)),
      from: Uint16Array.from(part, (key) => Math.floor(key / 65536) % 65536),
      end: Uint16Array.from(part, (key) => key % 65536),
    };
  };
};

/**
 * What large events flag, and their number in each read; undefined where nobody asks for them.
 *
 * @throws KernelsError BadSpec for frames of 65536 columns or rows and more
 */
export const paintsOf = async (
  core: Core,
  spec: FitRampSpec,
): Promise<{ readonly paints: readonly Paint[]; readonly events: readonly number[] } | undefined> => {
  const large = spec.jump?.large;
  if (!large) return undefined;
  const { shape, ramps } = spec;
  if (Math.max(...shape) >= 65536)
    throw new KernelsError('BadSpec', `large events are not looked for in a frame [${shape}]; at most 65535`);
  let runs = await collect(core, spec, Math.ceil((shape[0] * shape[1]) / PIXELS_PER_RUN) + 1024);
  if (typeof runs === 'number') runs = await collect(core, spec, runs);
  if (typeof runs === 'number') throw new KernelsError('BadSpec', 'reads changed while they were replayed');
  const reads = ramps.reduce((sum, { reads: images }) => sum + images.length, 0);
  const of = sorted(runs, reads);
  const times = ramps.map(({ times: own }) => own);
  return largeEvents(shape, times, (read) => ({ jumps: of(read, 0), saturated: of(read, 1) }), large);
};
