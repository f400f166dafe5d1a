import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Fits, type Hdu, type Header, type Pixels, type Range, readImage } from '../../src/index.ts';
import { openFile, writeFile } from '../../src/node.ts';
import { fpack, temporaryDirectory } from '../oracle.ts';
import { random } from '../support.ts';

const directory = temporaryDirectory();
const next = random(11);
const gauss = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
const [ny, nx] = [61, 83];

type Make = new (length: number) => Pixels;
function pixels(
  type: Make,
  value: (i: number) => number,
  shape = [ny, nx],
): { shape: number[]; data: Pixels } {
  const data = new type(shape.reduce((a, b) => a * b, 1));
  for (let i = 0; i < data.length; i++) (data as Float64Array)[i] = value(i);
  return { shape, data };
}

const noise = (level: number, sigma: number) => () => Math.round(level + sigma * gauss());
const sky = (i: number) => 100 + 5 * gauss() + 1e4 * Math.exp(-((((i % nx) - 40) / 4) ** 2));
const holes = (i: number) => (i % 97 === 0 ? Number.NaN : sky(i));

const IMAGES: Readonly<Record<string, () => { shape: number[]; data: Pixels; header?: Header }>> = {
  uint8: () => pixels(Uint8Array, noise(100, 9)),
  int8: () => pixels(Int8Array, noise(0, 9)),
  int16: () => pixels(Int16Array, noise(-100, 30)),
  'int16 of all sizes': () => pixels(Int16Array, () => next() * 65536 - 32768),
  uint16: () => pixels(Uint16Array, noise(33_000, 15)),
  'uint16, constant': () => pixels(Uint16Array, () => 7),
  int32: () => pixels(Int32Array, noise(-1e6, 2000)),
  'int32 of all sizes': () => pixels(Int32Array, () => next() * 2 ** 32 - 2 ** 31),
  uint32: () => pixels(Uint32Array, noise(3e9, 100)),
  cube: () => pixels(Int16Array, noise(50, 5), [7, 19, 23]),
  row: () => pixels(Int16Array, noise(50, 5), [101]),
  float32: () => pixels(Float32Array, sky),
  'float32 with NaN': () => pixels(Float32Array, holes),
  float64: () => pixels(Float64Array, sky),
  'float64 with NaN': () => pixels(Float64Array, holes),
  'float32, zeros': () => pixels(Float32Array, (i) => (i % 5 === 0 ? 0 : sky(i))),
};
const INTEGERS = Object.keys(IMAGES).filter((name) => !name.startsWith('float'));
const FLOATS = Object.keys(IMAGES).filter((name) => name.startsWith('float'));
const POSITIVE = ['uint8', 'uint16', 'uint16, constant'];
const FLAT = (name: string) => !['row', 'int16 of all sizes', 'int32 of all sizes'].includes(name);

/** name of an image, flags of fpack */
const CASES: readonly (readonly [string, ...string[]])[] = [
  ...INTEGERS.flatMap(
    (name) =>
      [
        [name, '-r'],
        [name, '-g1'],
        [name, '-g2'],
      ] as const,
  ),
  ...INTEGERS.filter(FLAT).map((name) => [name, '-h'] as const),
  ...POSITIVE.map((name) => [name, '-p'] as const),
  ...['-r', '-g1', '-g2', '-h', '-p'].map((method) => ['uint16', method, '-w'] as const),
  ...['-r', '-g2', '-h'].map((method) => ['uint16', method, '-t', '17,13'] as const),
  ['cube', '-r', '-t', '5,4,3'],
  ['cube', '-h', '-t', '11,8,1'],
  ['uint16', '-h', '-s', '2'],
  ['int32', '-h', '-s', '4'],
  ['uint16', '-d'],
  ...FLOATS.flatMap(
    (name) =>
      [
        [name, '-r', '-q', '4'],
        [name, '-g1', '-q', '0'],
        [name, '-g2', '-q', '0'],
        [name, '-r', '-qz77', '4'],
        [name, '-g2', '-q4242', '8'],
        [name, '-r', '-q0', '2'],
      ] as const,
  ),
  ['float32', '-h', '-q', '4'],
  // funpack 4.2 itself errs on NaN in tiles that are narrower than the image; see below.
  ['float64 with NaN', '-h', '-q9999', '4'],
  ['float64', '-h', '-t', '20,20', '-q9999', '4'],
  ['float32', '-r', '-w', '-q10000', '4'],
];

async function only(fits: Fits): Promise<Hdu> {
  return fits.hdus.find((hdu) => hdu.kind === 'compressed') ?? fits.hdu(fits.hdus.length - 1);
}

describe('what fpack packs is read as funpack unpacks it', () => {
  it.each(CASES)('%s %s %s %s %s %s', async (name, ...rest) => {
    const flags = rest.filter((flag) => flag !== undefined);
    const path = join(directory, `${name.replaceAll(/\W/g, '')}.fits`);
    const image = (IMAGES[name] as () => { shape: number[]; data: Pixels })();
    writeFile(path, [{ kind: 'image', ...image }]);
    const files = fpack(path, flags);
    if (!files) return;
    using packed = await openFile(files.packed);
    using unpacked = await openFile(files.unpacked);
    const hdu = await only(packed);
    expect(hdu.kind).toBe('compressed');
    const found = await readImage(packed, hdu);
    const expected = await readImage(unpacked, await only(unpacked));
    expect(found).toEqual(expected);
    const lossless = !name.startsWith('float') || (flags.includes('0') && flags[1] === '-q');
    if (lossless && !flags.includes('-s')) expect(found.data).toEqual(image.data);

    const section = image.shape.map((n): Range => {
      const a = Math.floor(next() * n);
      return [a, a + 1 + Math.floor(next() * (n - a))];
    });
    const part = await readImage(packed, hdu, { section });
    expect(part).toEqual(await readImage(unpacked, await only(unpacked), { section }));
    const stored = await readImage(packed, hdu, { raw: true });
    expect(stored).toEqual(await readImage(unpacked, await only(unpacked), { raw: true }));
  });
});

it('NaN in tiles narrower than the image are where they were, the rest within the step of quantisation', async () => {
  const path = join(directory, 'narrow.fits');
  const { shape, data } = pixels(Float64Array, holes);
  writeFile(path, [{ kind: 'image', shape, data }]);
  const files = fpack(path, ['-h', '-t', '20,20', '-q9999', '-2']);
  if (!files) return;
  using packed = await openFile(files.packed);
  const found = (await readImage(packed, await only(packed))).data as Float64Array;
  const original = data as Float64Array;
  expect(found.every((v, i) => Number.isNaN(v) === Number.isNaN(original[i]))).toBe(true);
  expect(found.every((v, i) => Number.isNaN(v) || Math.abs(v - (original[i] as number)) <= 1)).toBe(true);
});

it('a lossy HCOMPRESS image that asks for smoothing is smoothed', async () => {
  const path = join(directory, 'smooth.fits');
  writeFile(path, [{ kind: 'image', ...pixels(Int16Array, (i) => Math.round(sky(i) / 4)) }]);
  const files = fpack(path, ['-h', '-s', '6', '-w']);
  if (!files) return;
  const bytes = readFileSync(files.packed);
  const card = bytes.indexOf('ZVAL2   =');
  bytes.write('1', card + 29, 'latin1');
  writeFileSync(`${path}.smooth.fz`, bytes);
  execFileSync('funpack', ['-O', `${path}.smooth.fits`, `${path}.smooth.fz`]);
  using packed = await openFile(`${path}.smooth.fz`);
  using rough = await openFile(files.packed);
  using unpacked = await openFile(`${path}.smooth.fits`);
  const found = await readImage(packed, await only(packed));
  expect(found).toEqual(await readImage(unpacked, await only(unpacked)));
  expect(found).not.toEqual(await readImage(rough, await only(rough)));
});
