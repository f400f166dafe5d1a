import type { PixelFormat } from './scan.ts';

export type Pixels =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

export type Dtype =
  | 'uint8'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float32'
  | 'float64';

/** How a pixel type is kept in a file. `flip`: the sign bit is turned over, which is what BZERO = 2^(n-1) amounts to. */
export interface Storage {
  readonly dtype: Dtype;
  readonly bitpix: PixelFormat['bitpix'];
  readonly bytes: 1 | 2 | 4 | 8;
  readonly bzero: bigint;
  readonly flip: boolean;
  readonly view: (buffer: ArrayBufferLike, byteOffset: number, length: number) => Pixels;
}

function storage(
  dtype: Dtype,
  bitpix: PixelFormat['bitpix'],
  bzero: bigint,
  type: new (buffer: ArrayBufferLike, byteOffset: number, length: number) => Pixels,
): Storage {
  const bytes = (Math.abs(bitpix) / 8) as Storage['bytes'];
  return { dtype, bitpix, bytes, bzero, flip: bzero !== 0n, view: (b, o, n) => new type(b, o, n) };
}

export const STORAGE: Readonly<Record<Dtype, Storage>> = {
  uint8: storage('uint8', 8, 0n, Uint8Array),
  int8: storage('int8', 8, -128n, Int8Array),
  int16: storage('int16', 16, 0n, Int16Array),
  uint16: storage('uint16', 16, 2n ** 15n, Uint16Array),
  int32: storage('int32', 32, 0n, Int32Array),
  uint32: storage('uint32', 32, 2n ** 31n, Uint32Array),
  int64: storage('int64', 64, 0n, BigInt64Array),
  uint64: storage('uint64', 64, 2n ** 63n, BigUint64Array),
  float32: storage('float32', -32, 0n, Float32Array),
  float64: storage('float64', -64, 0n, Float64Array),
};

/** The pixel type that holds these values exactly as stored: no scale, and no zero but the unsigned conventions'. */
export function exactStorage(bitpix: number, bscale: number, bzero: number): Storage | undefined {
  if (bscale !== 1) return undefined;
  return Object.values(STORAGE).find((s) => s.bitpix === bitpix && Number(s.bzero) === bzero);
}

export function dtypeOf(data: Pixels): Dtype {
  const name = data[Symbol.toStringTag].replace('Array', '').replace('Big', '').toLowerCase();
  return name as Dtype;
}
