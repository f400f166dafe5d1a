import { KernelsError } from './errors.ts';
import type { KernelCall, TileArg } from './jobs/map.ts';
import type { FloatPlane, Plane, Shape2 } from './plane.ts';
import type { Pool } from './pool.ts';
import type { Team } from './team.ts';
import type { Kernels } from './wasm.ts';

/** What the operations of the engine share. */
export interface Core {
  readonly pool: Pick<Pool, 'memory' | 'block' | 'float32' | 'uint32'>;
  readonly team: Team;
  /** Waits for work that was put off. */
  settled(): Promise<void>;
}

/** Bytes that a tile may take of a core's L2 cache. */
const TILE_BYTES = 512 * 1024;

/** Tile length for kernels that stream `planes` planes of 4-byte pixels: a multiple of 1024 pixels. */
export const tilePixels = (planes: number): number =>
  Math.max(1, Math.floor(TILE_BYTES / 4 / planes / 1024)) * 1024;

/** Runs kernels, tile by tile one after the other, over all pixels of frames of one shape. */
export const mapAll = (
  { team }: Core,
  pixels: number,
  calls: readonly KernelCall[],
  tile: number,
): Promise<void> => team.run({ kind: 'map', calls, pixels, tilePixels: tile }, Math.ceil(pixels / tile));

/** Runs a kernel over all pixels of frames of one shape. */
export const map = (
  core: Core,
  kernel: keyof Kernels,
  pixels: number,
  args: readonly TileArg[],
  tile: number,
): Promise<void> => mapAll(core, pixels, [{ kernel, args }], tile);

type AnyPlane = Plane<Float32Array> | Plane<Uint32Array>;

/** Address of a plane after a look at its shape; 0 for an absent one. */
export const address = (plane: AnyPlane | undefined, shape: Shape2, name: string): number => {
  if (!plane) return 0;
  if (plane.released) throw new KernelsError('Released', `${name} was used after its release`);
  if (plane.shape[0] !== shape[0] || plane.shape[1] !== shape[1]) {
    throw new KernelsError(
      'BadSpec',
      `${name} has shape [${plane.shape}], the frame [${shape}]; cut or bin it to the frame first`,
    );
  }
  return plane.ptr;
};

/** A quantity given per pixel, for all pixels, or not at all. */
export const planeOrNumber = (
  value: FloatPlane | number | undefined,
  absent: number,
  shape: Shape2,
  name: string,
): readonly [ptr: number, value: number] => {
  if (value === undefined) return [0, absent];
  return typeof value === 'number' ? [0, value] : [address(value, shape, name), absent];
};

/** The same as an argument of a tiled kernel. */
export const planeArg = (plane: AnyPlane | undefined, shape: Shape2, name: string): TileArg => ({
  plane: address(plane, shape, name),
});

/** Rows per tile near `pixels`, such that tiles start at multiples of 8 pixels. */
export const tileRows = (shape: Shape2, pixels: number): number => {
  const [ny, nx] = shape;
  const unit = nx % 8 === 0 ? 1 : nx % 4 === 0 ? 2 : nx % 2 === 0 ? 4 : 8;
  const rows = Math.max(1, Math.round(pixels / nx / unit)) * unit;
  return Math.min(rows, Math.ceil(ny / unit) * unit);
};

/** A table of plane addresses in the shared memory. */
export const writeTable = (core: Core, ptr: number, planes: readonly number[]): void => {
  new Uint32Array(core.pool.memory.buffer, ptr, planes.length).set(planes);
};

/** Offsets of outputs, equal stripes of columns, over the columns of a row; 0 without any. */
export const spreadOffsets = (row: Float32Array, offsets: Float32Array = new Float32Array(1)): void => {
  const width = row.length / offsets.length;
  if (width === 1) row.set(offsets);
  else for (const [o, value] of offsets.entries()) row.fill(value, o * width, (o + 1) * width);
};

/** Areas in the shared memory start at multiples of this: a cache line. */
export const ALIGN = 64;
