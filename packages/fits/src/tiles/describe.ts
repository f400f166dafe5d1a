import { FitsError, type FitsPlace } from '../errors.ts';
import { type Field, readFields } from '../field.ts';
import { type Heap, heapOf } from '../heap.ts';
import { type Hdu, type PixelFormat, pixelFormat } from '../scan.ts';
import type { Dither } from './quantise.ts';

export type Method = 'RICE_1' | 'GZIP_1' | 'GZIP_2' | 'PLIO_1' | 'HCOMPRESS_1' | 'NOCOMPRESS';

/** A tile-compressed image (FITS Standard 4.0, section 10.1): a table with one tile a row. */
export interface TiledImage {
  /** Slowest axis first, as all shapes. */
  readonly shape: readonly number[];
  readonly format: PixelFormat;
  readonly tile: readonly number[];
  /** Tiles along each axis. */
  readonly counts: readonly number[];
  readonly method: Method;
  readonly rice: { readonly block: number; readonly bytes: 1 | 2 | 4 };
  readonly smooth: boolean;
  readonly dither: Dither;
  readonly seed: number;
  readonly rowBytes: number;
  readonly heap: Heap;
  /** Where a tile's bytes may be, in the order in which they are looked for. */
  readonly data: readonly { readonly field: Field; readonly as: 'method' | 'gzip' | 'plain' }[];
  readonly scale: Field | number | undefined;
  readonly zero: Field | number | undefined;
  readonly blank: Field | number | undefined;
}

const METHODS: Readonly<Record<string, Method>> = {
  RICE_1: 'RICE_1',
  RICE_ONE: 'RICE_1',
  GZIP_1: 'GZIP_1',
  GZIP_2: 'GZIP_2',
  PLIO_1: 'PLIO_1',
  HCOMPRESS_1: 'HCOMPRESS_1',
  NOCOMPRESS: 'NOCOMPRESS',
};
const DITHERS: readonly unknown[] = ['NO_DITHER', 'SUBTRACTIVE_DITHER_1', 'SUBTRACTIVE_DITHER_2'];

/** @throws FitsError TILE_LAYOUT, UNSUPPORTED, KEYWORD_* */
export function describeTiles(hdu: Hdu, place: FitsPlace): TiledImage {
  const { header } = hdu;
  const wrong = (keyword: string, found: unknown, expected: string) =>
    new FitsError('TILE_LAYOUT', `found ${found}, expected ${expected}`, { ...place, keyword });

  const name = header.string('ZCMPTYPE')?.trim() ?? '';
  const method = METHODS[name];
  if (!method) {
    const text = `compressed by ${JSON.stringify(name)}; known are ${Object.keys(METHODS).join(', ')}`;
    throw new FitsError('UNSUPPORTED', text, { ...place, keyword: 'ZCMPTYPE' });
  }
  const bitpix = header.integer('ZBITPIX');
  if (![8, 16, 32, 64, -32, -64].includes(bitpix ?? 0)) {
    throw wrong('ZBITPIX', bitpix, '8, 16, 32, 64, -32 or -64');
  }
  const naxis = header.integer('ZNAXIS') ?? -1;
  if (naxis < 0 || naxis > 999) throw wrong('ZNAXIS', naxis, '0 to 999');
  const axes = Array.from({ length: naxis }, (_, i) => header.integer(`ZNAXIS${i + 1}`) ?? -1);
  axes.forEach((n, i) => {
    if (n < 0) throw wrong(`ZNAXIS${i + 1}`, n, '0 or more');
  });
  const tileAxes = axes.map((n, i) => {
    const length = header.integer(`ZTILE${i + 1}`) ?? (i === 0 ? n : 1);
    if (length < 1 && n > 0) throw wrong(`ZTILE${i + 1}`, length, '1 or more');
    return Math.min(Math.max(length, 1), Math.max(n, 1));
  });

  const { rows, rowBytes, fields } = readFields(hdu, place);
  const counts = axes.map((n, i) => Math.ceil(n / (tileAxes[i] as number))).reverse();
  const tiles = axes.length === 0 || axes.includes(0) ? 0 : counts.reduce((a, b) => a * b, 1);
  if (tiles > rows) {
    const text = `an image of [${[...axes].reverse()}] in tiles of [${[...tileAxes].reverse()}] has ${tiles} of them, the table ${rows} rows`;
    throw new FitsError('TILE_LAYOUT', text, place);
  }
  const find = (wanted: string) => fields.find((f) => f.name.toUpperCase() === wanted);
  const column = (wanted: string, as: TiledImage['data'][number]['as']) => {
    const field = find(wanted);
    if (field && field.form.type !== 'P' && field.form.type !== 'Q') {
      throw new FitsError(
        'TILE_LAYOUT',
        `column ${wanted} is ${field.format}, expected variable length`,
        place,
      );
    }
    return field && field.form.repeat > 0 ? [{ field, as }] : [];
  };
  const data = [
    ...column('COMPRESSED_DATA', 'method'),
    ...column('GZIP_COMPRESSED_DATA', 'gzip'),
    ...column('UNCOMPRESSED_DATA', 'plain'),
  ];
  if (data.length === 0) {
    throw new FitsError('TILE_LAYOUT', 'the table has no column COMPRESSED_DATA; it is no image', place);
  }
  const options = new Map<string, unknown>();
  for (let i = 1; header.has(`ZNAME${i}`) && i <= 999; i++) {
    options.set(header.string(`ZNAME${i}`)?.trim().toUpperCase() ?? '', header.get(`ZVAL${i}`));
  }
  const block = options.get('BLOCKSIZE') ?? 32;
  const bytes = options.get('BYTEPIX') ?? 4;
  if (
    method === 'RICE_1' &&
    !(Number.isInteger(block) && (block as number) > 0 && (block as number) <= 1024)
  ) {
    throw wrong('BLOCKSIZE', block, '1 to 1024 (16 or 32)');
  }
  if (method === 'RICE_1' && ![1, 2, 4].includes(bytes as number)) throw wrong('BYTEPIX', bytes, '1, 2 or 4');

  const dither = header.string('ZQUANTIZ')?.trim() ?? 'NO_DITHER';
  const isFloat = (bitpix as number) < 0;
  const scale = find('ZSCALE') ?? header.number('ZSCALE');
  if (isFloat && scale !== undefined && ![...DITHERS, 'NONE'].includes(dither)) {
    const text = `quantised by ${JSON.stringify(dither)}; known are ${DITHERS.join(', ')}`;
    throw new FitsError('UNSUPPORTED', text, { ...place, keyword: 'ZQUANTIZ' });
  }
  if (!isFloat && scale !== undefined) {
    const text = 'integers scaled tile by tile, which the standard does not know';
    throw new FitsError('UNSUPPORTED', text, { ...place, keyword: 'ZSCALE' });
  }
  const blank = find('ZBLANK') ?? header.integer('ZBLANK');
  const plain = pixelFormat(header, bitpix as PixelFormat['bitpix']);
  const format = !isFloat && typeof blank === 'number' ? { ...plain, blank } : plain;
  return {
    shape: [...axes].reverse(),
    format,
    tile: [...tileAxes].reverse(),
    counts,
    method,
    rice: { block: block as number, bytes: bytes as 1 | 2 | 4 },
    smooth: Number(options.get('SMOOTH') ?? 0) > 0,
    dither: DITHERS.includes(dither) ? (dither as Dither) : 'NO_DITHER',
    seed: header.integer('ZDITHER0') ?? 1,
    rowBytes,
    heap: heapOf(hdu, rows, rowBytes, place),
    data,
    scale: isFloat ? scale : undefined,
    zero: find('ZZERO') ?? header.number('ZZERO'),
    blank,
  };
}
