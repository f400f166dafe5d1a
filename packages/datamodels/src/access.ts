/** Finding extensions in a file by the names of the contract, and getting their pixels into planes. */
import { type Fits, type Hdu, type Header, readImage } from '@iris-drs/fits';
import type { Engine, FlagPlane, FloatPlane, RawImage, Shape2 } from '@iris-drs/kernels';
import { namesOf } from './contract.ts';
import { DataModelError } from './errors.ts';

/** A file opened for reading; what `openFile` of the fits room gives. */
export interface OpenFits extends Fits {
  readonly path: string;
  close(): void;
}

/** Part of an image, 0-based pixels. */
export interface Window {
  readonly x0: number;
  readonly y0: number;
  readonly nx: number;
  readonly ny: number;
}

export const place = (fits: OpenFits, hdu: Hdu): { file: string; hdu: string } => ({
  file: fits.path,
  hdu: hdu.version === 1 ? hdu.name : `${hdu.name},${hdu.version}`,
});

/** The image that the contract knows by this name, or by an alias of it, belonging to a science extension. */
export function findImage(fits: Fits, name: string, sci: Hdu): Hdu | undefined {
  const own = companions(fits, sci);
  for (const candidate of namesOf(name)) {
    const hdu = own.find((h) => h.name === candidate && hasPixels(h));
    if (hdu) return hdu;
  }
  return undefined;
}

/** Extensions of one EXTVER belong together; where EXTVER is not counted up, those up to the next SCI do. */
function companions(fits: Fits, sci: Hdu): readonly Hdu[] {
  const alike = fits.hdus.filter((hdu) => hdu.name === sci.name && hdu.version === sci.version);
  if (alike.length <= 1) return fits.hdus.filter((hdu) => hdu.version === sci.version);
  const next = alike.find((hdu) => hdu.index > sci.index)?.index ?? fits.hdus.length;
  return fits.hdus.slice(sci.index, next);
}

/** The headers that speak of an extension, its own first. */
export const headersOf = (fits: OpenFits, hdu: Hdu): readonly Header[] =>
  hdu.index === 0 ? [hdu.header] : [hdu.header, fits.hdus[0]!.header];

/** Is it an image, plain or tile-compressed, of at least a pixel? */
export const hasPixels = (hdu: Hdu): boolean =>
  (hdu.pixels !== undefined || isTiled(hdu)) && hdu.shape.length > 0 && hdu.shape.every((n) => n > 0);

const isTiled = (hdu: Hdu): boolean => hdu.kind === 'compressed' && hdu.header.get('ZIMAGE') === true;

/** Shape without the leading axes of length 1: `[1, 1, ny, nx]` is `[ny, nx]`. */
export function squeezed(shape: readonly number[]): number[] {
  const first = shape.findIndex((n, axis) => n !== 1 || axis >= shape.length - 2);
  return shape.slice(Math.max(first, 0));
}

/** @throws DataModelError SHAPE_MISMATCH when the extension is no 2-D image */
export function shape2(fits: OpenFits, hdu: Hdu): Shape2 {
  const [ny, nx, ...rest] = squeezed(hdu.shape);
  if (ny !== undefined && nx !== undefined && rest.length === 0) return [ny, nx];
  throw new DataModelError('SHAPE_MISMATCH', {
    ...place(fits, hdu),
    found: `shape [${hdu.shape.join(', ')}]`,
    expected: 'a 2-D image [ny, nx]',
  });
}

const KERNEL_BITPIX = [8, 16, 32, -32, -64] as const;
type KernelBitpix = RawImage['bitpix'];

/**
 * Where one 2-D plane of an extension lies in the file.
 *
 * @param plane  index of the plane, counted over all axes but the last two
 * @throws DataModelError PACKED, DTYPE_UNSUPPORTED
 */
export function locate(fits: OpenFits, hdu: Hdu, plane = 0, window?: Window): RawImage {
  const raw = rawImage(fits, hdu, plane, window);
  if (raw) return raw;
  const how = fits.packed ? "a gzip'ed file" : isTiled(hdu) ? 'a tile-compressed image' : undefined;
  if (how) {
    const expected = 'plain FITS, of which single rows can be read';
    throw new DataModelError('PACKED', { ...place(fits, hdu), found: how, expected });
  }
  throw new DataModelError('DTYPE_UNSUPPORTED', {
    ...place(fits, hdu),
    found: `BITPIX ${hdu.pixels?.bitpix}${hdu.pixels?.blank === undefined ? '' : ' with BLANK'}`,
    expected: 'BITPIX 8, 16, 32, -32 or -64 without BLANK',
  });
}

function rawImage(fits: OpenFits, hdu: Hdu, plane: number, window?: Window): RawImage | undefined {
  const pixels = hdu.pixels;
  const [ny, nx] = hdu.shape.slice(-2);
  if (fits.packed || pixels === undefined || ny === undefined || nx === undefined) return undefined;
  const { bitpix, bscale, bzero, blank } = pixels;
  if (blank !== undefined || !(KERNEL_BITPIX as readonly number[]).includes(bitpix)) return undefined;
  const offset = hdu.dataOffset + (plane * ny * nx * Math.abs(bitpix)) / 8;
  const image: RawImage = {
    path: fits.path,
    offset,
    bitpix: bitpix as KernelBitpix,
    bscale,
    bzero,
    shape: [ny, nx],
  };
  return window ? { ...image, window } : image;
}

/** Pixels of a 2-D image, or of plane `index` of a cube, as float32; blank pixels become NaN. */
export async function readFloatPlane(
  engine: Engine,
  fits: OpenFits,
  hdu: Hdu,
  window?: Window,
  index = 0,
): Promise<FloatPlane> {
  const raw = rawImage(fits, hdu, index, window);
  if (raw) return engine.readFloat(raw);
  const { values, shape } = await readSlowly(fits, hdu, window, index);
  const plane = engine.float32(shape);
  plane.data.set(values);
  return plane;
}

/** Flags of a 2-D image as uint32. */
export async function readFlagPlane(
  engine: Engine,
  fits: OpenFits,
  hdu: Hdu,
  window?: Window,
): Promise<FlagPlane> {
  const raw = rawImage(fits, hdu, 0, window);
  if (raw && raw.bitpix > 0 && raw.bscale === 1) return engine.readFlags(raw);
  const { values, shape } = await readSlowly(fits, hdu, window, 0);
  const plane = engine.uint32(shape);
  plane.data.set(values);
  return plane;
}

/** For what the kernels don't read from disk: 64-bit integers, BLANK, compressed images, gzip'ed files. */
async function readSlowly(fits: OpenFits, hdu: Hdu, window: Window | undefined, plane: number) {
  const [height, width] = hdu.shape.slice(-2) as [number, number];
  const { x0, y0, nx, ny } = window ?? { x0: 0, y0: 0, nx: width, ny: height };
  const { data } = await readImage(fits, hdu, { rows: [y0, y0 + ny] });
  const values = new Float64Array(ny * nx);
  for (let y = 0; y < ny; y++) {
    const row = (plane * ny + y) * width + x0;
    for (let x = 0; x < nx; x++) values[y * nx + x] = Number(data[row + x]);
  }
  return { values, shape: [ny, nx] as Shape2 };
}

/** @throws DataModelError SHAPE_MISMATCH */
export function requireShape(fits: OpenFits, hdu: Hdu, expected: Shape2): void {
  const [ny, nx] = shape2(fits, hdu);
  if (ny === expected[0] && nx === expected[1]) return;
  throw new DataModelError('SHAPE_MISMATCH', {
    ...place(fits, hdu),
    found: `shape [${ny}, ${nx}]`,
    expected: `[${expected.join(', ')}] as SCI has`,
  });
}
