import { join } from 'node:path';
import { compressImage, type ImageHdu, readImage } from '@iris-drs/fits';
import {
  closeThreads,
  compressImageParallel,
  openFile,
  readImageParallel,
  writeFile,
} from '@iris-drs/fits/node';
import { type Case, compare, timed } from './compare.ts';
import { removeFile } from './files.ts';
import type { BenchLine, BenchSettings } from './line.ts';
import { asking, type Reference } from './reference.ts';

/** Detector counts: noise of σ ≈ 15 about 1000, the same every time, so that packing has what it has at night. */
const counts = (pixels: number): Uint16Array => {
  const data = new Uint16Array(pixels);
  let state = 1;
  for (let i = 0; i < pixels; i++) {
    let sum = 0;
    for (let k = 0; k < 4; k++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      sum += state / 2 ** 32 - 0.5;
    }
    // Four uniform numbers have σ = √(4/12).
    data[i] = Math.round(1000 + 26 * sum);
  }
  return data;
};

const read = async (path: string, into: ArrayBuffer): Promise<void> => {
  using fits = await openFile(path);
  const image = fits.hdus.find((hdu) => hdu.shape.length === 2) ?? fits.hdu(0);
  await readImage(fits, image, { into });
};

const readOnTwo = async (path: string, into: SharedArrayBuffer): Promise<void> => {
  using fits = await openFile(path);
  await readImageParallel(fits, fits.hdu(1), { into, threads: 2 });
};

/** Frames of uint16: read as they are, packed by RICE_1 and unpacked again, beside cfitsio doing the same. */
export const benchIntegers = async (
  { size, runs, directory }: BenchSettings,
  references: readonly Reference[],
): Promise<BenchLine[]> => {
  const data = counts(size * size);
  const image: ImageHdu = { kind: 'image', shape: [size, size], data };
  const plain = join(directory, 'counts.fits');
  const packed = join(directory, 'packed.fits');
  const ours = join(directory, 'ours-packed.fits');
  writeFile(plain, [image]);
  writeFile(packed, [compressImage(image)]);
  const into = new ArrayBuffer(data.byteLength);
  const samples = data.length;
  const beside = (request: string, only?: string, prepare?: () => void) =>
    references
      .filter(({ name }) => only === undefined || name.startsWith(only))
      .map((reference) => asking(reference, reference.name, request, prepare));
  const one = (name: string, work: () => unknown, prepare?: () => void): Case => ({
    ...timed(name, work, prepare),
    samples,
  });
  const remove = () => removeFile(ours);
  const shared = new SharedArrayBuffer(data.byteLength);
  const lines = [
    ...(await compare(
      'fits',
      [one('read uint16, one thread, buffer reused', () => read(plain, into))],
      beside('read16 counts.fits'),
      runs,
    )),
    ...(await compare(
      'fits',
      [
        one(
          'RICE_1 encode uint16 and write, one thread',
          () => writeFile(ours, [compressImage(image)], { checksum: false }),
          remove,
        ),
        one(
          'RICE_1 encode uint16 and write, two threads',
          async () =>
            writeFile(ours, [await compressImageParallel(image, { threads: 2 })], { checksum: false }),
          remove,
        ),
      ],
      beside('rice theirs-packed.fits counts.fits', 'cfitsio', () =>
        removeFile(join(directory, 'theirs-packed.fits')),
      ),
      runs,
    )),
    ...(await compare(
      'fits',
      [
        one('RICE_1 read and decode uint16, one thread', () => read(packed, into)),
        one('RICE_1 read and decode uint16, two threads', () => readOnTwo(packed, shared)),
      ],
      beside('read16 packed.fits'),
      runs,
    )),
  ];
  await closeThreads();
  return lines;
};
