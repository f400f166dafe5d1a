import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  compressImage,
  type Fits,
  type FitsError,
  httpSource,
  type ImageHdu,
  openFits,
  type Pixels,
  readImage,
} from '../src/index.ts';
import { closeThreads, compressImageParallel, openFile, readImageParallel, writeFile } from '../src/node.ts';
import { astropy, temporaryDirectory } from './oracle.ts';
import { memory, random } from './support.ts';

afterAll(closeThreads);

const directory = temporaryDirectory();
const next = random(11);

function noise<T extends Pixels>(data: T, level: number, width: number): T {
  for (let i = 0; i < data.length; i++) (data as Float64Array)[i] = Math.round(level + width * next());
  return data;
}
const last = (fits: Fits) => fits.hdu(fits.hdus.length - 1);
const shared = <T extends Pixels>(data: T): T => {
  const view = new (data.constructor as new (buffer: SharedArrayBuffer) => T)(
    new SharedArrayBuffer(data.byteLength),
  );
  view.set(data as never);
  return view;
};

const frame = noise(new Uint16Array(700 * 900), 1000, 60);
const FRAMES: Readonly<Record<string, ImageHdu & { readonly tile?: readonly number[] }>> = {
  'uint16 by rows': { kind: 'image', name: 'SCI', shape: [700, 900], data: frame },
  'uint16 in shared memory': { kind: 'image', shape: [700, 900], data: shared(frame) },
  'uint16 by squares that do not go into it': {
    kind: 'image',
    shape: [700, 900],
    data: frame,
    tile: [64, 100],
  },
  'uint16 along one axis': { kind: 'image', shape: [630_000], data: frame, tile: [1000] },
  'uint16, one plane before the others': { kind: 'image', shape: [1, 700, 900], data: frame },
  'a cube': { kind: 'image', shape: [7, 100, 900], data: frame, tile: [2, 30, 900] },
  uint8: { kind: 'image', shape: [700, 900], data: noise(new Uint8Array(630_000), 3, 200) },
  int16: { kind: 'image', shape: [700, 900], data: noise(new Int16Array(630_000), -32768, 65535) },
  int32: { kind: 'image', shape: [700, 900], data: noise(new Int32Array(630_000), -(2 ** 31), 2 ** 32 - 1) },
  uint32: { kind: 'image', shape: [700, 900], data: noise(new Uint32Array(630_000), 5, 9) },
  'one pixel': { kind: 'image', shape: [1], data: Uint16Array.of(7) },
};

describe.each(Object.entries(FRAMES))('%s', (name, { tile, ...image }) => {
  const options = tile ? { tile } : {};

  it.each([1, 2, 3])('packed on %d threads is what one core makes of it', async (threads) => {
    const one = compressImage(image, options);
    const many = await compressImageParallel(image, { ...options, threads });
    expect(many.tiling).toEqual(one.tiling);
    const [a, b] = [one.columns[0], many.columns[0]];
    expect(b?.offsets).toEqual(a?.offsets);
    expect(Buffer.from(b?.data as Uint8Array).equals(a?.data as Uint8Array)).toBe(true);
    expect({ ...many, columns: [], tiling: [] }).toEqual({ ...one, columns: [], tiling: [] });
  });

  it('is read back on several threads, whole, in sections, as stored', async () => {
    const path = join(directory, `${name.replaceAll(/\W/g, '')}.fits`);
    writeFile(path, [compressImage(image, options)]);
    using fits = await openFile(path);
    const middle = image.shape.map((n) => [Math.floor(n / 3), Math.ceil(n / 2)] as const);
    for (const wanted of [{}, { raw: true }, { section: middle }]) {
      const one = await readImage(fits, last(fits), wanted);
      for (const threads of [1, 2, 3]) {
        const many = await readImageParallel(fits, last(fits), { ...wanted, threads });
        expect(many.shape).toEqual(one.shape);
        expect(many.data.constructor).toBe(one.data.constructor);
        expect(many.data).toEqual(one.data);
      }
    }
  });
});

it('quantised floats, gzip and HCOMPRESS are what one core reads', async () => {
  const script = join(directory, 'methods.py');
  writeFileSync(
    script,
    `import sys, numpy as np
from astropy.io import fits
rng = np.random.default_rng(1)
f = rng.normal(100, 5, (300, 400)).astype('f4'); f[3, 5] = np.nan
i = rng.integers(0, 3000, (300, 400)).astype('i2')
c = fits.CompImageHDU
fits.HDUList([fits.PrimaryHDU(),
  c(f, compression_type='RICE_1', quantize_method=1, dither_seed=17),
  c(f, compression_type='RICE_1', quantize_method=2, dither_seed=9),
  c(f, compression_type='GZIP_2', quantize_level=0),
  c(i, compression_type='GZIP_1'),
  c(i, compression_type='PLIO_1'),
  c(i, compression_type='HCOMPRESS_1')]).writeto(sys.argv[1], overwrite=True)
print('{}')
`,
  );
  const path = join(directory, 'methods.fits');
  if (!astropy(script, [path])) return;
  using fits = await openFile(path);
  for (const hdu of fits.hdus.slice(1)) {
    const one = await readImage(fits, hdu);
    const many = await readImageParallel(fits, hdu, { threads: 2 });
    expect(many.shape).toEqual([300, 400]);
    expect(bytesOf(many.data).equals(bytesOf(one.data))).toBe(true);
  }
});

const bytesOf = ({ buffer, byteOffset, byteLength }: Pixels) => Buffer.from(buffer, byteOffset, byteLength);

it('the buffer that is given holds the pixels, from its first byte on', async () => {
  const path = join(directory, 'into.fits');
  writeFile(path, [compressImage(FRAMES['uint16 by rows'] as ImageHdu)]);
  using fits = await openFile(path);
  const into = new SharedArrayBuffer(frame.byteLength + 100);
  const { data } = await readImageParallel(fits, last(fits), { threads: 2, into });
  expect(data.buffer).toBe(into);
  expect(data).toEqual(frame);
  const small = readImageParallel(fits, last(fits), { threads: 2, into: new SharedArrayBuffer(1000) });
  await expect(small).rejects.toMatchObject({ code: 'BUFFER_SIZE' });
});

it('images that are not compressed are read as they are', async () => {
  const path = join(directory, 'plain.fits');
  writeFile(path, [FRAMES['uint16 by rows'] as ImageHdu]);
  using fits = await openFile(path);
  expect((await readImageParallel(fits, fits.hdu(0), { threads: 2 })).data).toEqual(frame);
});

it('calls at the same time do not mix', async () => {
  const images = [1, 2, 3].map((k) => ({
    kind: 'image' as const,
    shape: [700, 900],
    data: frame.map((x) => x * k),
  }));
  const many = await Promise.all(images.map((image) => compressImageParallel(image, { threads: 2 })));
  expect(many).toEqual(images.map((image) => compressImage(image)));
});

it('bytes may come late, from anywhere', async () => {
  const path = join(directory, 'served.fits');
  writeFile(path, [compressImage(FRAMES['uint16 by rows'] as ImageHdu)]);
  const file = readFileSync(path);
  const server = createServer((request, response) => {
    const [from, to] = (request.headers.range ?? 'bytes=0-0').replace('bytes=', '').split('-').map(Number);
    const part = file.subarray(from, (to as number) + 1);
    response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${file.length}` }).end(part);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const fits = await openFits(await httpSource(`http://127.0.0.1:${port}/`), 'served');
    expect((await readImageParallel(fits, last(fits), { threads: 2 })).data).toEqual(frame);
  } finally {
    server.close();
  }
});

describe('errors are those of one core', () => {
  const failing = async (work: () => Promise<unknown>): Promise<FitsError> => {
    try {
      await work();
    } catch (error) {
      return error as FitsError;
    }
    throw new Error('nothing was thrown');
  };
  const same = async (one: () => Promise<unknown>, many: () => Promise<unknown>) => {
    const [expected, found] = [await failing(one), await failing(many)];
    expect(found).toEqual(expected);
    const { name, code, file, hdu, keyword, offset } = expected;
    expect(found).toMatchObject({ name, code });
    expect([found.file, found.hdu, found.keyword, found.offset]).toEqual([file, hdu, keyword, offset]);
    return found.code;
  };
  const packed = () => {
    const path = join(directory, 'damaged.fits');
    writeFile(path, [compressImage(FRAMES['uint16 by rows'] as ImageHdu)], { checksum: false });
    return readFileSync(path);
  };

  it('an image that cannot be packed', async () => {
    const floats: ImageHdu = { kind: 'image', shape: [2, 2], data: new Float32Array(4) };
    const pack = async () => compressImage(floats);
    expect(await same(pack, () => compressImageParallel(floats, { threads: 2 }))).toBe('WRITE_SHAPE');
  });

  it('tiles that do not unpack: the first of them', async () => {
    const bytes = packed();
    const whole = await openFits(memory(bytes), 'damaged');
    const { dataOffset } = last(whole);
    const row = (tile: number) => dataOffset + 8 * tile;
    // Streams cut to their half: the lengths in the descriptors say so.
    for (const tile of [650, 333, 334, 500]) bytes.writeInt32BE(bytes.readInt32BE(row(tile)) >> 1, row(tile));
    const fits = await openFits(memory(bytes), 'damaged');
    const one = () => readImage(fits, last(fits));
    for (let i = 0; i < 5; i++) {
      expect(await same(one, () => readImageParallel(fits, last(fits), { threads: 2 }))).toBe(
        'COMPRESSED_DATA',
      );
    }
    const rows = [0, 300] as const;
    const good = await readImageParallel(fits, last(fits), { threads: 2, rows });
    expect(good.data).toEqual(frame.subarray(0, 300 * 900));
  });

  it('a source that fails on the way', async () => {
    const bytes = packed();
    const { byteLength, slice } = memory(bytes);
    const broken = new Error('the disk is gone');
    const source = {
      byteLength,
      slice(start: number, end: number) {
        if (start > byteLength / 2) throw broken;
        return slice(start, end);
      },
    };
    const fits = await openFits(source, 'broken');
    const read = readImageParallel(fits, last(fits), { threads: 2 });
    await expect(read).rejects.toBe(broken);
  });

  it('a file that was closed', async () => {
    const path = join(directory, 'closed.fits');
    writeFile(path, [compressImage(FRAMES['uint16 by rows'] as ImageHdu)]);
    const fits = await openFile(path);
    fits.close();
    expect(
      await same(
        () => readImage(fits, last(fits)),
        () => readImageParallel(fits, last(fits), { threads: 2 }),
      ),
    ).toBe('FILE_CLOSED');
  });

  it('a number of threads that is none', async () => {
    const image = FRAMES['uint16 by rows'] as ImageHdu;
    await expect(compressImageParallel(image, { threads: 0 })).rejects.toThrow(RangeError);
    await expect(compressImageParallel(image, { threads: 1.5 })).rejects.toThrow(RangeError);
  });
});

it('threads that were ended are started anew', async () => {
  const image = FRAMES['uint16 by rows'] as ImageHdu;
  const pending = compressImageParallel(image, { threads: 2 });
  await closeThreads();
  await closeThreads();
  expect(await pending).toEqual(compressImage(image));
  expect(await compressImageParallel(image, { threads: 2 })).toEqual(compressImage(image));
});

it('a process ends by itself when its work is done', () => {
  const script = join(directory, 'ends.ts');
  const source = join(import.meta.dirname, '../src/node.ts');
  writeFileSync(
    script,
    `import { compressImageParallel } from ${JSON.stringify(source)};
     const image = { kind: 'image', shape: [700, 900], data: new Uint16Array(630_000) } as const;
     const { columns } = await compressImageParallel(image, { threads: 2 });
     console.log(columns[0]?.offsets?.length);`,
  );
  expect(execFileSync(process.execPath, [script], { encoding: 'utf8', timeout: 30_000 })).toBe('701\n');
});
