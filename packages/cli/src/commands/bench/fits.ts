import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { type ImageHdu, readImage } from '@iris-drs/fits';
import { openFile, writeAtomically, writeFile } from '@iris-drs/fits/node';
import { type Engine, openEngine, type RawImage } from '@iris-drs/kernels';
import { CliError } from '../../errors.ts';
import { type Case, compare, timed } from './compare.ts';
import { fillByEngine, removeFile, writeUnflushed } from './files.ts';
import { benchIntegers } from './fits-integers.ts';
import { benchSky } from './fits-sky.ts';
import type { BenchLine, Suite } from './line.ts';
import { asking, compiledReference, pythonReference, type Reference } from './reference.ts';

/** The same pixels that the references write. */
const pattern = (pixels: Float32Array): Float32Array => {
  for (let i = 0; i < pixels.length; i++) pixels[i] = 1000 + (i % 4093);
  return pixels;
};

const rawImage = async (path: string): Promise<RawImage> => {
  using fits = await openFile(path);
  const { dataOffset, shape } = fits.hdu(0);
  const [ny, nx] = shape as [number, number];
  return { path, offset: dataOffset, bitpix: -32, bscale: 1, bzero: 0, shape: [ny, nx] };
};

const read = async (path: string, into: ArrayBuffer): Promise<number> => {
  using fits = await openFile(path);
  const { data } = await readImage(fits, fits.hdu(0), { into });
  return Number(data[data.length - 1]);
};

const readByEngine = async (engine: Engine, path: string): Promise<number> => {
  using plane = await engine.readFloat(await rawImage(path));
  return plane.data[plane.data.length - 1]!;
};

/** Everyone must have read the same last pixel. */
const requireValue = (who: string, found: number | undefined, expected: number): void => {
  if (found !== expected)
    throw new CliError(1, `${who} read ${found} as the last pixel, expected ${expected}`);
};

interface Scene {
  readonly engine: Engine;
  readonly image: ImageHdu & { readonly data: Float32Array };
  readonly references: readonly Reference[];
  readonly directory: string;
  readonly runs: number;
}

const benchRead = async ({ engine, image, references, directory, runs }: Scene): Promise<BenchLine[]> => {
  const path = join(directory, 'image.fits');
  writeUnflushed(path, image, true);
  const samples = image.data.length;
  const last = image.data[samples - 1]!;
  const into = new ArrayBuffer(image.data.byteLength);
  requireValue('the server path', await readByEngine(engine, path), last);
  requireValue('readImage', await read(path, into), last);
  for (const reference of references) {
    requireValue(reference.name, (await reference.ask('read image.fits')).value, last);
  }
  const cases: Case[] = [
    {
      ...timed(`read, server path, ${engine.threads} threads`, () => readByEngine(engine, path)),
      samples,
      peakBytes: () => engine.pool.peakBytes,
    },
    { ...timed('read, one thread, buffer reused', () => read(path, into)), samples },
  ];
  const beside = references.map((reference) => asking(reference, reference.name, 'read image.fits'));
  return compare('fits', cases, beside, runs);
};

const benchWrite = async ({ engine, image, references, directory, runs }: Scene): Promise<BenchLine[]> => {
  const path = join(directory, 'ours.fits');
  const remove = (): void => removeFile(path);
  const samples = image.data.length;
  const [ny, nx] = image.shape as [number, number];
  using plane = engine.float32([ny, nx]);
  plane.data.set(image.data);
  const peakBytes = (): number => engine.pool.peakBytes;
  const writing = (checksum: 0 | 1, sync: 0 | 1, how: string) =>
    references.map((reference, i) =>
      asking(
        reference,
        `${reference.name}, ${how}`,
        `write theirs${i}.fits ${checksum} ${sync} ${ny} ${nx}`,
        () => removeFile(join(directory, `theirs${i}.fits`)),
      ),
    );
  const unflushed = async (): Promise<void> => {
    const fd = openSync(path, 'w');
    try {
      await fillByEngine(engine, plane, fd);
    } finally {
      closeSync(fd);
    }
  };
  const one = (name: string, work: () => unknown): Case => ({ ...timed(name, work, remove), samples });
  const plain = one('write, one thread, no checksum, no fsync', () => writeUnflushed(path, image, false));
  const summed = one('write, one thread, checksum, no fsync', () => writeUnflushed(path, image, true));
  const summedByEngine = { ...one('write, server path, checksum, no fsync', unflushed), peakBytes };
  const shipped = one('write, one thread, as shipped: checksum, fsync, atomic', () =>
    writeFile(path, [image]),
  );
  const shippedByEngine = {
    ...one('write, server path, as shipped: checksum, fsync, atomic', () =>
      writeAtomically(path, (fd) => fillByEngine(engine, plane, fd)),
    ),
    peakBytes,
  };
  return [
    ...(await compare('fits', [plain], writing(0, 0, 'no checksum, no fsync'), runs)),
    ...(await compare('fits', [summed, summedByEngine], writing(1, 0, 'checksum, no fsync'), runs)),
    ...(await compare('fits', [shipped, shippedByEngine], writing(1, 1, 'checksum, fsync'), runs)),
  ];
};

/**
 * Reading and writing a float32 image, from the page cache and into it: the server's path (frames of the pool, all
 * threads) and the plain reader and writer (one thread), beside cfitsio and astropy doing the same work.
 */
export const fits: Suite = async (settings) => {
  const { size, runs, directory, say } = settings;
  const data = pattern(new Float32Array(size * size));
  say(`float32 of ${data.byteLength} bytes in ${directory}`);
  const found = await Promise.all([
    compiledReference('cfitsio', 'fits_cfitsio.c', ['-lcfitsio'], directory, say),
    pythonReference('astropy', 'fits_astropy.py', directory, say),
  ]);
  const references = found.filter((reference) => reference !== undefined);
  const engine = await openEngine();
  try {
    const scene = {
      engine,
      image: { kind: 'image', shape: [size, size], data },
      references,
      directory,
      runs,
    } as const;
    return [
      ...(await benchRead(scene)),
      ...(await benchWrite(scene)),
      ...(await benchIntegers(settings, references)),
      ...(await benchSky(settings, references)),
    ];
  } finally {
    for (const reference of references) reference.close();
    await engine.close();
  }
};
