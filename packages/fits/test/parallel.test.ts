import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type CompressedHdu,
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
import { fpack, temporaryDirectory } from './oracle.ts';
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

const bytesOf = ({ buffer, byteOffset, byteLength }: Pixels) => Buffer.from(buffer, byteOffset, byteLength);
const expectFrame = (data: Pixels) => {
  expect(data).toBeInstanceOf(Uint16Array);
  expect(bytesOf(data).equals(bytesOf(frame))).toBe(true);
};
/** Byte for byte; vitest's own comparison takes seconds. */
const expectSame = (many: CompressedHdu, one: CompressedHdu) => {
  const plain = ({ columns: [column], ...rest }: CompressedHdu) => ({
    ...rest,
    column: { ...column, data: undefined, offsets: undefined },
  });
  expect(plain(many)).toEqual(plain(one));
  for (const part of ['data', 'offsets'] as const) {
    const [a, b] = [one.columns[0]?.[part], many.columns[0]?.[part]] as Pixels[];
    expect(bytesOf(b as Pixels).equals(bytesOf(a as Pixels))).toBe(true);
  }
};

const frame = noise(new Uint16Array(450 * 900), 1000, 60);
const FRAMES: Readonly<Record<string, ImageHdu & { readonly tile?: readonly number[] }>> = {
  'uint16 by rows': { kind: 'image', name: 'SCI', shape: [450, 900], data: frame },
  'uint16 in shared memory': { kind: 'image', shape: [450, 900], data: shared(frame) },
  'uint16 by squares that do not go into it': {
    kind: 'image',
    shape: [450, 900],
    data: frame,
    tile: [64, 100],
  },
  'uint16 along one axis': { kind: 'image', shape: [405_000], data: frame, tile: [1000] },
  'uint16, one plane before the others': { kind: 'image', shape: [1, 450, 900], data: frame },
  'a cube': { kind: 'image', shape: [5, 90, 900], data: frame, tile: [2, 30, 900] },
  uint8: { kind: 'image', shape: [450, 900], data: noise(new Uint8Array(405_000), 3, 200) },
  int16: { kind: 'image', shape: [450, 900], data: noise(new Int16Array(405_000), -32768, 65535) },
  int32: { kind: 'image', shape: [450, 900], data: noise(new Int32Array(405_000), -(2 ** 31), 2 ** 32 - 1) },
  uint32: { kind: 'image', shape: [450, 900], data: noise(new Uint32Array(405_000), 5, 9) },
  'one pixel': { kind: 'image', shape: [1], data: Uint16Array.of(7) },
};

describe.each(Object.entries(FRAMES))('%s', (name, { tile, ...image }) => {
  const options = tile ? { tile } : {};

  it.each([1, 3])('packed on %d threads is what one core makes of it', async (threads) => {
    expectSame(await compressImageParallel(image, { ...options, threads }), compressImage(image, options));
  });

  it('is read back on several threads, whole, in sections, as stored', async () => {
    const path = join(directory, `${name.replaceAll(/\W/g, '')}.fits`);
    writeFile(path, [compressImage(image, options)]);
    using fits = await openFile(path);
    const middle = image.shape.map((n) => [Math.floor(n / 3), Math.ceil(n / 2)] as const);
    for (const wanted of [{}, { raw: true }, { section: middle }]) {
      const one = await readImage(fits, last(fits), wanted);
      const many = await readImageParallel(fits, last(fits), { ...wanted, threads: 3 });
      expect(many.shape).toEqual(one.shape);
      expect(many.data.constructor).toBe(one.data.constructor);
      expect(bytesOf(many.data).equals(bytesOf(one.data))).toBe(true);
    }
  });
});

it.each([
  ['dithered floats', ['-r', '-q', '4']],
  ['floats dithered but for zeros', ['-r', '-qz77', '4']],
  ['floats as they are', ['-g2', '-q', '0']],
  ['integers by GZIP_1', ['-g1']],
  ['integers by PLIO_1', ['-p']],
  ['integers by HCOMPRESS_1', ['-h']],
])('%s are what one core reads', async (name, flags) => {
  const path = join(directory, `${name.replaceAll(/\W/g, '')}.fits`);
  const shape = [300, 400];
  const floats = noise(new Float32Array(120_000), 100, 50).fill(0, 500, 600);
  const integers = noise(new Int16Array(120_000), 5, 100);
  writeFile(path, [{ kind: 'image', shape, data: name.includes('floats') ? floats : integers }]);
  const files = fpack(path, flags);
  if (!files) return;
  using fits = await openFile(files.packed);
  const one = await readImage(fits, last(fits));
  const many = await readImageParallel(fits, last(fits), { threads: 2 });
  expect(many.shape).toEqual(shape);
  expect(bytesOf(many.data).equals(bytesOf(one.data))).toBe(true);
});

it('the buffer that is given holds the pixels, from its first byte on', async () => {
  const path = join(directory, 'into.fits');
  writeFile(path, [compressImage(FRAMES['uint16 by rows'] as ImageHdu)]);
  using fits = await openFile(path);
  const into = new SharedArrayBuffer(frame.byteLength + 100);
  const { data } = await readImageParallel(fits, last(fits), { threads: 2, into });
  expect(data.buffer).toBe(into);
  expectFrame(data);
  const small = readImageParallel(fits, last(fits), { threads: 2, into: new SharedArrayBuffer(1000) });
  await expect(small).rejects.toMatchObject({ code: 'BUFFER_SIZE' });
});

it('images that are not compressed are read as they are', async () => {
  const path = join(directory, 'plain.fits');
  writeFile(path, [FRAMES['uint16 by rows'] as ImageHdu]);
  using fits = await openFile(path);
  expectFrame((await readImageParallel(fits, fits.hdu(0), { threads: 2 })).data);
});

it('calls at the same time do not mix', async () => {
  const images = [1, 2, 3].map((k) => ({
    kind: 'image' as const,
    shape: [450, 900],
    data: frame.map((x) => x * k),
  }));
  const many = await Promise.all(images.map((image) => compressImageParallel(image, { threads: 2 })));
  for (const [i, image] of images.entries()) expectSame(many[i] as CompressedHdu, compressImage(image));
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
    expectFrame((await readImageParallel(fits, last(fits), { threads: 2 })).data);
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
    for (const tile of [420, 333, 334, 400]) bytes.writeInt32BE(bytes.readInt32BE(row(tile)) >> 1, row(tile));
    const fits = await openFits(memory(bytes), 'damaged');
    const one = () => readImage(fits, last(fits));
    for (let i = 0; i < 5; i++) {
      expect(await same(one, () => readImageParallel(fits, last(fits), { threads: 2 }))).toBe(
        'COMPRESSED_DATA',
      );
    }
    const rows = [0, 300] as const;
    const good = await readImageParallel(fits, last(fits), { threads: 2, rows });
    expect(bytesOf(good.data).equals(bytesOf(frame.subarray(0, 300 * 900)))).toBe(true);
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
  expectSame(await pending, compressImage(image));
  expectSame(await compressImageParallel(image, { threads: 2 }), compressImage(image));
});

it('a process ends by itself when its work is done', () => {
  const script = join(directory, 'ends.ts');
  const source = join(import.meta.dirname, '../src/node.ts');
  writeFileSync(
    script,
    `import { compressImageParallel } from ${JSON.stringify(source)};
     const image = { kind: 'image', shape: [450, 900], data: new Uint16Array(405_000) } as const;
     const { columns } = await compressImageParallel(image, { threads: 2 });
     console.log(columns[0]?.offsets?.length);`,
  );
  expect(execFileSync(process.execPath, [script], { encoding: 'utf8', timeout: 30_000 })).toBe('451\n');
});
