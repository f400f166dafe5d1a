/** Rows first; x is the fastest axis of the data. */
export type Shape2 = readonly [ny: number, nx: number];

/** A frame in the pool. `data` must not be touched after release: the block is then someone else's. */
export interface Plane<T extends Float32Array | Uint32Array> {
  readonly data: T;
  /** Byte address in the shared memory. */
  readonly ptr: number;
  readonly shape: Shape2;
  /** Without a look at `data`. */
  readonly dtype: T extends Float32Array ? 'float32' : 'uint32';
  readonly released: boolean;
  /** Gives the block back; calling it again does nothing. */
  release(): void;
  [Symbol.dispose](): void;
}

export type FloatPlane = Plane<Float32Array>;
export type FlagPlane = Plane<Uint32Array>;

/** One 2-D plane of a FITS data unit, as it stands in a file. */
export interface RawImage {
  readonly path: string;
  /** Byte offset of the plane's first pixel in the file. */
  readonly offset: number;
  readonly bitpix: 8 | 16 | 32 | -32 | -64;
  readonly bscale: number;
  readonly bzero: number;
  /** Of the whole plane in the file. */
  readonly shape: Shape2;
  /** Part to read, pixels, 0-based; the whole plane when absent. */
  readonly window?: { readonly x0: number; readonly y0: number; readonly nx: number; readonly ny: number };
}

export const pixelsOf = (shape: Shape2): number => shape[0] * shape[1];

/** Shape of what reading the image gives. */
export const shapeOf = (image: RawImage): Shape2 =>
  image.window ? [image.window.ny, image.window.nx] : image.shape;
