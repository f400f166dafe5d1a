import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compressImage, type Fits, Header, type ImageHdu, type Pixels, readImage } from '../../src/index.ts';
import { openFile, writeFile } from '../../src/node.ts';
import { astropy, fitsverify, fpack, temporaryDirectory } from '../oracle.ts';
import { random } from '../support.ts';

const directory = temporaryDirectory();
const next = random(5);
const gauss = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

function filled<T extends Pixels>(data: T, value: (i: number) => number): T {
  for (let i = 0; i < data.length; i++) (data as Float64Array)[i] = value(i);
  return data;
}
const noise = (level: number, sigma: number) => () => Math.round(level + sigma * gauss());
const image = (data: Pixels, shape: number[]): ImageHdu => ({ kind: 'image', name: 'SCI', shape, data });

const IMAGES: Readonly<Record<string, ImageHdu>> = {
  uint8: image(filled(new Uint8Array(60 * 90), noise(120, 30)), [60, 90]),
  int8: image(filled(new Int8Array(60 * 90), noise(0, 3)), [60, 90]),
  int16: image(filled(new Int16Array(60 * 90), noise(-5, 2000)), [60, 90]),
  'int16 of all sizes': image(
    filled(new Int16Array(9000), () => next() * 65536),
    [100, 90],
  ),
  uint16: image(filled(new Uint16Array(9000), noise(32768, 15)), [100, 90]),
  int32: image(filled(new Int32Array(9000), noise(1e8, 1e6)), [100, 90]),
  'int32 of all sizes': image(
    filled(new Int32Array(9000), () => next() * 2 ** 32),
    [100, 90],
  ),
  'int32, huge and zero in turn': image(
    filled(new Int32Array(9000), (i) => (i % 65 ? 0 : 2 ** 31 - 1)),
    [9000],
  ),
  uint32: image(filled(new Uint32Array(9000), noise(2 ** 31, 9)), [100, 90]),
  constant: image(new Int16Array(9000).fill(-3), [100, 90]),
  cube: image(filled(new Uint16Array(9000), noise(100, 5)), [4, 25, 90]),
  pixel: image(Uint16Array.of(40_000), [1]),
};

const last = (fits: Fits) => fits.hdu(fits.hdus.length - 1);

describe.each(Object.entries(IMAGES))('%s', (name, plain) => {
  const path = join(directory, `${name.replaceAll(/\W/g, '')}.fits`);

  it('is packed into the bytes that fpack makes of it', async () => {
    writeFile(path, [plain]);
    writeFile(`${path}.fz`, [compressImage(plain)]);
    using ours = await openFile(`${path}.fz`);
    expect((await readImage(ours, last(ours))).data).toEqual(plain.data);
    const report = fitsverify(`${path}.fz`);
    if (report) expect(report).toContain('0 warning(s) and 0 error(s)');

    const files = fpack(path, ['-r']);
    if (!files) return;
    using theirs = await openFile(files.packed);
    expect(last(ours).dataBytes).toBe(last(theirs).dataBytes);
    const data = async (fits: Fits) =>
      Buffer.from(
        await fits.source.slice(last(fits).dataOffset, last(fits).dataOffset + last(fits).dataBytes),
      );
    expect((await data(ours)).equals(await data(theirs))).toBe(true);
  });

  it('is what funpack finds in it', async () => {
    execFileSync('rm', ['-f', `${path}.un`]);
    try {
      execFileSync('funpack', ['-O', `${path}.un`, `${path}.fz`]);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    using unpacked = await openFile(`${path}.un`);
    expect((await readImage(unpacked, last(unpacked))).data).toEqual(plain.data);
  });
});

it('all of them are what astropy finds in them', () => {
  const names = Object.keys(IMAGES);
  const paths = names.map((name) => join(directory, `${name.replaceAll(/\W/g, '')}.fits.fz`));
  const json = astropy(join(import.meta.dirname, '../oracle/dump.py'), paths);
  if (!json) return;
  names.forEach((name, i) => {
    const { dtype, bytes } = JSON.parse(json)[paths[i] as string][1].image;
    const data = IMAGES[name]?.data as Pixels;
    // astropy has no type for signed bytes in compressed images.
    const type =
      dtype === 'float32' ? Float32Array : (data.constructor as new (buffer: ArrayBuffer) => Pixels);
    const found = new type(Uint8Array.from(Buffer.from(bytes, 'base64')).buffer);
    expect([...found]).toEqual([...data]);
  });
});

it('tiles of any shape are packed and read', async () => {
  const path = join(directory, 'tiles.fz');
  for (const tile of [
    [4, 25, 90],
    [3, 7, 11],
    [1, 25, 1],
    [9, 99, 999],
  ]) {
    writeFile(path, [compressImage(IMAGES.cube as ImageHdu, { tile })]);
    using fits = await openFile(path);
    expect((await readImage(fits, last(fits))).data).toEqual(IMAGES.cube?.data);
  }
});

it('stored numbers keep their scale, keywords their text, and a primary HDU its place', async () => {
  const path = join(directory, 'scaled.fits');
  const header = Header.from([
    ['SIMPLE', true, 'conforms to FITS standard'],
    ['BSCALE', 0.5, 'half'],
    ['BZERO', 100],
    ['BLANK', -1],
    ['OBJECT', 'Vega', 'a star'],
  ]);
  const stored: ImageHdu = { kind: 'image', shape: [4], data: Int16Array.of(1, 2, -1, 4), header, raw: true };
  writeFile(path, [stored]);
  writeFile(`${path}.fz`, [compressImage(stored)]);
  using fits = await openFile(`${path}.fz`);
  const expected = Float32Array.of(100.5, 101, Number.NaN, 102);
  expect((await readImage(fits, fits.hdu(1))).data).toEqual(expected);
  const { header: packed } = fits.hdu(1);
  // Written back as a plain image it is what it was, but for the order of cards.
  const back = await readImage(fits, fits.hdu(1), { raw: true });
  writeFile(`${path}.back`, [{ kind: 'image', header: packed, raw: true, ...back }]);
  const sorted = (file: string) => readFileSync(file, 'latin1').slice(0, 2880).match(/.{80}/g)?.sort();
  const mine = (cards: readonly string[] | undefined) => cards?.filter((card) => !/SUM/.test(card));
  expect(mine(sorted(`${path}.back`))).toEqual(mine(sorted(path)));
  try {
    execFileSync('funpack', ['-O', `${path}.un`, `${path}.fz`]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  using unpacked = await openFile(`${path}.un`);
  expect(unpacked.hdus).toHaveLength(1);
  expect(unpacked.hdu(0).header.get('OBJECT')).toBe('Vega');
  expect((await readImage(unpacked, unpacked.hdu(0))).data).toEqual(expected);
});

it.each([
  ['floats', { kind: 'image', shape: [2], data: new Float32Array(2) }],
  ['64-bit integers', { kind: 'image', shape: [2], data: new BigInt64Array(2) }],
  ['no data', { kind: 'image', shape: [] }],
  ['data of another shape', { kind: 'image', shape: [3], data: new Int16Array(2) }],
] satisfies [string, ImageHdu][])('%s are refused', (_, hdu) => {
  expect(() => compressImage(hdu)).toThrowError(expect.objectContaining({ code: 'WRITE_SHAPE' }));
});
