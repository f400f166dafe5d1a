import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { compressImage, type HduInit, type ImageHdu } from '../../src/index.ts';
import { writeFile } from '../../src/node.ts';
import { concat, headerBlock, random } from '../support.ts';

const next = random(1);
const noise = (level: number, sigma: number) => Math.round(level + sigma * (next() + next() + next() - 1.5));
const primary = ['SIMPLE  = T', 'BITPIX  = 8', 'NAXIS   = 0'];

const int16: ImageHdu = {
  kind: 'image',
  name: 'I',
  shape: [30, 40],
  data: Int16Array.from({ length: 1200 }, () => noise(100, 9)),
};
const uint16: ImageHdu = { ...int16, data: Uint16Array.from({ length: 1200 }, () => noise(40_000, 9)) };
const uint8: ImageHdu = { ...int16, data: Uint8Array.from({ length: 1200 }, () => noise(100, 9)) };
const int32: ImageHdu = { ...int16, data: Int32Array.from({ length: 1200 }, () => noise(-1e6, 1e4)) };
const float32: ImageHdu = { ...int16, data: Float32Array.from({ length: 1200 }, () => 7 * next()) };
const cube: ImageHdu = {
  kind: 'image',
  shape: [3, 20, 20],
  data: Float32Array.from({ length: 1200 }, () => next()),
};

const table: HduInit = {
  kind: 'bintable',
  name: 'T',
  columns: [
    { name: 'S', data: ['one', 'two', 'three'] },
    { name: 'D', data: Float64Array.of(1, 2, 3, 4, 5, 6), repeat: 2, shape: [1, 2] },
    { name: 'X', data: new Uint8Array(27).fill(1), format: 'X', repeat: 9 },
    { name: 'L', data: [true, false, null] },
    { name: 'U', data: Uint16Array.of(1, 2, 3), nullValue: 2 },
    { name: 'VE', data: Float32Array.of(1, 2, 3, 4), offsets: [0, 1, 1, 4] },
    { name: 'VX', data: Uint8Array.of(1, 0, 1, 1), offsets: [0, 1, 1, 4], format: 'X' },
    { name: 'VK', data: BigInt64Array.of(1n, 2n), offsets: [0, 0, 1, 2], format: 'QK' },
    { name: 'VA', data: ['a', '', 'ccc'], format: 'PA' },
    { name: 'VL', data: [true, null], offsets: [0, 2, 2, 2] },
  ],
};

const ascii = (): Uint8Array => {
  const rows = ['  12 1.50E+3 Vega ', ' -99        -Deneb', '   7  12.345      '];
  const cards = ["XTENSION= 'TABLE'", 'BITPIX  = 8', 'NAXIS   = 2', 'NAXIS1  = 18', 'NAXIS2  = 3'];
  const rest = ['PCOUNT  = 0', 'GCOUNT  = 1', 'TFIELDS = 3', 'TBCOL1  = 1', "TFORM1  = 'I4'", 'TBCOL2  = 6'];
  const more = ["TFORM2  = 'E8.2'", 'TBCOL3  = 14', "TFORM3  = 'A5'", "TNULL2  = '-'", "TNULL1  = '-99'"];
  return concat(
    headerBlock(primary),
    headerBlock([...cards, ...rest, ...more]),
    Buffer.from(rows.join('').padEnd(2880)),
  );
};

const groups = (): Uint8Array => {
  const cards = ['SIMPLE  = T', 'BITPIX  = 16', 'NAXIS   = 3', 'NAXIS1  = 0', 'NAXIS2  = 5', 'NAXIS3  = 4'];
  const rest = [
    'GROUPS  = T',
    'PCOUNT  = 2',
    'GCOUNT  = 6',
    "PTYPE1  = 'DATE'",
    "PTYPE2  = 'DATE'",
    'PSCAL1  = 0.5',
  ];
  return concat(headerBlock([...cards, ...rest]), new Uint8Array(2880));
};

/** Small files of every kind that can be read; those of fpack only where it is installed. */
export function makeSeeds(): Uint8Array[] {
  const directory = mkdtempSync(join(tmpdir(), 'fits-fuzz-'));
  try {
    const write = (...hdus: HduInit[]): Uint8Array => {
      const path = join(directory, 'seed.fits');
      writeFile(path, hdus);
      return new Uint8Array(readFileSync(path));
    };
    const pack = (image: ImageHdu, ...flags: string[]): Uint8Array[] => {
      write(image);
      const out = join(directory, 'seed.fz');
      rmSync(out, { force: true });
      try {
        execFileSync('fpack', [...flags, '-O', out, join(directory, 'seed.fits')], { stdio: 'pipe' });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw error;
      }
      return [new Uint8Array(readFileSync(out))];
    };
    const plain = write(int16, cube);
    const tables = write(table);
    const rice = write(compressImage(uint16), compressImage(int32, { tile: [7, 11] }), compressImage(uint8));
    return [
      plain,
      tables,
      ascii(),
      groups(),
      rice,
      gzipSync(plain),
      gzipSync(rice),
      ...pack(int16, '-g1'),
      ...pack(uint16, '-g2', '-t', '20,20'),
      ...pack(int32, '-h', '-t', '20,16'),
      ...pack(int16, '-h', '-s', '3', '-w'),
      ...pack(uint8, '-p'),
      ...pack(uint16, '-p', '-w'),
      ...pack(float32, '-r', '-q7', '4'),
      ...pack(float32, '-g2', '-q', '0'),
    ];
  } finally {
    rmSync(directory, { recursive: true });
  }
}
