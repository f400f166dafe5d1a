import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  compressImage,
  type HduInit,
  openFits,
  type ReadImageOptions,
  readImage,
  readTable,
} from '../../src/index.ts';
import { writeFile } from '../../src/node.ts';
import { temporaryDirectory } from '../oracle.ts';
import { memory } from '../support.ts';

const directory = temporaryDirectory();
const path = join(directory, 'a.fz');

function written(hdu: HduInit): Buffer<ArrayBuffer> {
  writeFile(path, [hdu], { checksum: false });
  return Buffer.from(readFileSync(path));
}

const data = Int16Array.from({ length: 1200 }, (_, i) => (i * 7919) % 100);
const good = written(compressImage({ kind: 'image', shape: [30, 40], data }));

/** The file with other values in the cards of the compressed image. */
function patched(file: Buffer, values: Readonly<Record<string, string>>): Buffer {
  const bytes = Buffer.from(file);
  for (const [keyword, value] of Object.entries(values)) {
    const at = bytes.indexOf(`${keyword.padEnd(8)}=`, 2880);
    if (at < 0) throw new Error(`no ${keyword} in the file`);
    bytes.write(value.padEnd(70), at + 10, 'latin1');
  }
  return bytes;
}

async function read(bytes: Uint8Array, options?: ReadImageOptions) {
  const fits = await openFits(memory(bytes), 'x.fits');
  return readImage(fits, fits.hdu(1), options);
}

/** An image of one tile, packed by a method that we do not write. */
function tile(
  method: string,
  bitpix: number,
  shape: number[],
  stream: Uint8Array,
  name = 'COMPRESSED_DATA',
): Buffer {
  return written({
    kind: 'compressed',
    columns: [{ name, data: stream, offsets: [0, stream.length], format: 'PB' }],
    tiling: [
      ['ZIMAGE', true],
      ['ZBITPIX', bitpix],
      ['ZNAXIS', shape.length],
      ...[...shape].reverse().map((n, i) => [`ZNAXIS${i + 1}`, n] as const),
      ...[...shape].reverse().map((n, i) => [`ZTILE${i + 1}`, n] as const),
      ['ZCMPTYPE', method],
      ['ZNAME1', 'BYTEPIX'],
      ['ZVAL1', 2],
    ],
  });
}

describe('keywords that cannot be are refused', () => {
  it.each<[Record<string, string>, string, string?]>([
    [{ ZCMPTYPE: "'LZW'" }, 'UNSUPPORTED', 'ZCMPTYPE'],
    [{ ZBITPIX: '12' }, 'TILE_LAYOUT', 'ZBITPIX'],
    [{ ZBITPIX: "'16'" }, 'KEYWORD_TYPE', 'ZBITPIX'],
    [{ ZNAXIS: '-1' }, 'TILE_LAYOUT', 'ZNAXIS'],
    [{ ZNAXIS: '1000000' }, 'TILE_LAYOUT', 'ZNAXIS'],
    [{ ZNAXIS: '3' }, 'TILE_LAYOUT', 'ZNAXIS3'],
    [{ ZNAXIS2: '-30' }, 'TILE_LAYOUT', 'ZNAXIS2'],
    [{ ZTILE1: '0' }, 'TILE_LAYOUT', 'ZTILE1'],
    [{ ZTILE1: '-40' }, 'TILE_LAYOUT', 'ZTILE1'],
    [{ ZTILE1: '1' }, 'TILE_LAYOUT'],
    [{ ZNAXIS2: '1000000' }, 'TILE_LAYOUT'],
    [{ ZNAXIS1: '9007199254740991', ZTILE1: '9007199254740991' }, 'TOO_LARGE'],
    [{ ZNAXIS1: '9007199254740991', ZNAXIS2: '9007199254740991' }, 'TILE_LAYOUT'],
    [{ ZNAXIS2: '9007199254740991', ZTILE2: '9007199254740991' }, 'TOO_LARGE'],
    [{ ZVAL1: '0' }, 'TILE_LAYOUT', 'BLOCKSIZE'],
    [{ ZVAL1: '100000000' }, 'TILE_LAYOUT', 'BLOCKSIZE'],
    [{ ZVAL2: '3' }, 'TILE_LAYOUT', 'BYTEPIX'],
    [{ TTYPE1: "'SOMETHING'" }, 'TILE_LAYOUT'],
    [{ TFORM1: "'8B'" }, 'TILE_LAYOUT'],
    [{ TFORM1: "'1QB'" }, 'TABLE_LAYOUT'],
  ])('%o', async (values, code, keyword) => {
    await expect(read(patched(good, values))).rejects.toMatchObject({
      code,
      file: 'x.fits',
      hdu: 1,
      ...(keyword && { keyword }),
    });
  });

  it('of quantised floats too', async () => {
    const floats = tile('GZIP_1', -32, [2], gzipSync(new Uint8Array(8)));
    expect((await read(floats)).data).toEqual(Float32Array.of(0, 0));
    const scaled = patched(floats, { ZNAME1: '', ZVAL1: '' });
    scaled.write('ZSCALE  = 2'.padEnd(80), scaled.indexOf('ZNAME1 '), 'latin1');
    expect((await read(scaled)).data).toEqual(Float32Array.of(0, 0));
    scaled.write("ZQUANTIZ= 'MAGIC'".padEnd(80), scaled.indexOf('ZVAL1 '), 'latin1');
    await expect(read(scaled)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});

describe('streams that cannot be are refused, before memory is taken', () => {
  const bomb = gzipSync(new Uint8Array(50 << 20));
  const hcompress = (ny: number, nx: number, ...rest: number[]) => {
    const head = Buffer.alloc(25);
    head.writeUInt16BE(0xdd99);
    head.writeInt32BE(ny, 2);
    head.writeInt32BE(nx, 6);
    return Buffer.concat([head, Buffer.from(rest)]);
  };
  it.each<[string, Buffer, string]>([
    ['RICE of a large image in a few bytes', tile('RICE_1', 16, [1 << 20], Buffer.alloc(9)), 'TOO_LARGE'],
    [
      'RICE that ends too early',
      tile('RICE_1', 16, [100], Buffer.from([0, 0, 0x70, 1, 2])),
      'COMPRESSED_DATA',
    ],
    ['gzip of more than the tile', tile('GZIP_1', 16, [1000], bomb), 'COMPRESSED_DATA'],
    [
      'gzip that lies about its size',
      tile('GZIP_1', 8, [1000], Buffer.concat([bomb.subarray(0, -4), Buffer.from([0xe8, 3, 0, 0])])),
      'COMPRESSED_DATA',
    ],
    ['gzip of a large image in a few bytes', tile('GZIP_2', 8, [1 << 30], gzipSync('')), 'TOO_LARGE'],
    [
      'deflate without gzip',
      tile('GZIP_1', 8, [100], deflateRawSync(new Uint8Array(100))),
      'COMPRESSED_DATA',
    ],
    ['no gzip', tile('GZIP_2', 8, [100], Buffer.alloc(100)), 'COMPRESSED_DATA'],
    ['a pixel list without end', tile('PLIO_1', 16, [100], Buffer.alloc(100)), 'COMPRESSED_DATA'],
    [
      'a pixel list longer than its bytes',
      tile('PLIO_1', 16, [100], Buffer.from([0, 0, 0, 7, 0xff, 0x9c, 0x7f, 0xff, 0, 0, 0, 0, 0, 0])),
      'COMPRESSED_DATA',
    ],
    ['HCOMPRESS of another shape', tile('HCOMPRESS_1', 16, [10, 10], hcompress(7, 9, 0)), 'COMPRESSED_DATA'],
    [
      'HCOMPRESS of a negative shape',
      tile('HCOMPRESS_1', 16, [10, 10], hcompress(-10, -10, 0)),
      'COMPRESSED_DATA',
    ],
    [
      'HCOMPRESS of a large image in a few bytes',
      tile('HCOMPRESS_1', 16, [1 << 14, 1 << 14], hcompress(1 << 14, 1 << 14, 0)),
      'TOO_LARGE',
    ],
    ['HCOMPRESS without an end', tile('HCOMPRESS_1', 16, [10, 10], hcompress(10, 10)), 'COMPRESSED_DATA'],
    ['numbers as they are, too few', tile('NOCOMPRESS', 16, [100], Buffer.alloc(150)), 'COMPRESSED_DATA'],
    [
      'numbers as they are, of another size',
      tile('GZIP_1', 16, [100], gzipSync(new Uint8Array(800))),
      'COMPRESSED_DATA',
    ],
  ])('%s', async (_, bytes, code) => {
    await expect(read(bytes)).rejects.toMatchObject({ code, file: 'x.fits', hdu: 1 });
  });

  it('an image of equal numbers is small, and read', async () => {
    const bytes = tile('HCOMPRESS_1', 16, [64, 64], hcompress(64, 64, 0));
    expect((await read(bytes)).data).toEqual(new Int16Array(4096));
  });
});

it('a tile without data is refused, others are read', async () => {
  const bytes = Buffer.from(good);
  const table = (await openFits(memory(good))).hdu(1).dataOffset;
  bytes.fill(0, table + 8 * 7, table + 8 * 8);
  await expect(read(bytes)).rejects.toMatchObject({ code: 'TILE_LAYOUT', hdu: 1 });
  expect((await read(bytes, { rows: [8, 30] })).data).toEqual(data.subarray(320));
});

it('a compressed table is recognised', async () => {
  const bytes = patched(good, { ZIMAGE: 'F' });
  bytes.write('ZTABLE  = T'.padEnd(80), bytes.indexOf('ZIMAGE  ', 2880), 'latin1');
  const fits = await openFits(memory(bytes), 'x.fits');
  expect(fits.hdu(1).kind).toBe('compressed');
  await expect(readTable(fits, fits.hdu(1))).rejects.toMatchObject({ code: 'UNSUPPORTED', hdu: 1 });
  await expect(readImage(fits, fits.hdu(1))).rejects.toMatchObject({ code: 'HDU_KIND', hdu: 1 });
});
