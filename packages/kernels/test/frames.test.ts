import { closeSync, constants, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planeWriter, type RawImage } from '../src/index.ts';
import * as twin from '../src/twins/decode.ts';
import { differences, imageFile, SHAPES, testDirectory, testEngine, uniform } from './support.ts';

const engine = await testEngine();
const directory = testDirectory();

const RANGE = {
  8: [0, 256],
  16: [-32768, 65536],
  32: [-(2 ** 31), 2 ** 32],
  [-32]: [-1e4, 2e4],
  [-64]: [-1e4, 2e4],
} as const;

const stored = (bitpix: RawImage['bitpix'], n: number, seed: number): number[] => {
  const random = uniform(seed);
  const [low, span] = RANGE[bitpix];
  const values = Array.from({ length: n }, () => low + span * random());
  return bitpix > 0 ? values.map(Math.floor) : values.map((v, i) => (i % 11 === 3 ? Number.NaN : v));
};

describe('reading float frames', () => {
  const cases: [RawImage['bitpix'], number, number][] = [
    [8, 1, 0],
    [8, 1, -128],
    [8, 0.5, 3],
    [16, 1, 0],
    [16, 1, 32768],
    [16, 0.013, 1000.5],
    [32, 1, 0],
    [32, 1, 2147483648],
    [32, 1e-5, -7],
    [-32, 1, 0],
    [-32, 2.5, 1],
    [-64, 1, 0],
    [-64, 1e-3, 4],
  ];
  it.each(cases)(
    'gives the correctly rounded BITPIX %i with BSCALE %f, BZERO %f',
    async (bitpix, bscale, bzero) => {
      for (const [k, shape] of SHAPES.entries()) {
        const n = shape[0] * shape[1];
        const image = imageFile(join(directory, 'f'), stored(bitpix, n, k), shape, { bitpix, bscale, bzero });
        const expected = twin
          .decodeFloat(readFileSync(image.path).subarray(2880), bitpix, bscale, bzero)
          .map(Math.fround);
        using plane = await engine.readFloat(image);
        expect(differences(plane.data, expected, () => 0)).toEqual([]);
      }
      expect(engine.pool.usedBytes).toBe(0);
    },
  );

  it('keeps the bits of a NaN', async () => {
    const image = imageFile(join(directory, 'nan'), [0, 0], [1, 2], { bitpix: 32, bscale: 1, bzero: 0 });
    const bytes = Uint8Array.of(0x7f, 0xc1, 0x23, 0x45);
    const { writeFileSync } = await import('node:fs');
    writeFileSync(image.path, Buffer.concat([Buffer.alloc(2880), bytes, bytes]));
    using plane = await engine.readFloat({ ...image, bitpix: -32 });
    expect(new Uint32Array(plane.data.buffer, plane.ptr, 1)[0]).toBe(0x7fc12345);
  });

  it.each([16, -32, 8] as const)('cuts a window out of BITPIX %i', async (bitpix) => {
    const shape = [61, 47] as const;
    const values = stored(bitpix, 61 * 47, 5);
    const whole = imageFile(join(directory, 'w'), values, shape, { bitpix, bscale: 1, bzero: 0 });
    const window = { x0: 3, y0: 11, nx: 29, ny: 43 };
    using plane = await engine.readFloat({ ...whole, window });
    expect(plane.shape).toEqual([43, 29]);
    const expected = Array.from(
      { length: 43 * 29 },
      (_, i) => values[(11 + Math.floor(i / 29)) * 47 + 3 + (i % 29)]!,
    );
    expect(differences(plane.data, expected.map(Math.fround), () => 0)).toEqual([]);
    await expect(engine.readFloat({ ...whole, window: { ...window, nx: 45 } })).rejects.toMatchObject({
      code: 'BadSpec',
    });
  });
});

describe('reading flags', () => {
  it.each([
    [8, 0],
    [16, 0],
    [16, 32768],
    [32, 0],
    [32, 2147483648],
  ] as const)('gives BITPIX %i with BZERO %i as uint32', async (bitpix, bzero) => {
    for (const [k, shape] of SHAPES.entries()) {
      const values = stored(bitpix, shape[0] * shape[1], k);
      const image = imageFile(join(directory, 'q'), values, shape, { bitpix, bscale: 1, bzero });
      const expected = twin.decodeFlags(readFileSync(image.path).subarray(2880), bitpix, bzero);
      using plane = await engine.readFlags(image);
      expect(differences(plane.data, expected, () => 0)).toEqual([]);
    }
  });

  it('refuses floating-point flags', async () => {
    const image = imageFile(join(directory, 'q'), [1], [1, 1], { bitpix: -32, bscale: 1, bzero: 0 });
    await expect(engine.readFlags(image)).rejects.toMatchObject({ code: 'BadSpec', path: image.path });
  });
});

describe('writing', () => {
  it.each(SHAPES.map((shape) => [shape]))(
    'puts big-endian pixels of shape %j in place and sums them',
    async (shape) => {
      const random = uniform(9);
      using sci = engine.float32(shape);
      using dq = engine.uint32(shape);
      for (let i = 0; i < sci.data.length; i++) {
        sci.data[i] = 1e6 * (random() - 0.5);
        dq.data[i] = 2 ** 32 * random();
      }
      const path = join(directory, 'out');
      const fd = openSync(path, 'w');
      const size = sci.data.byteLength;
      const placed = [
        { plane: sci, offset: 100 },
        { plane: dq, offset: 100 + size },
      ];
      const sums = await engine.writePlanes(placed, { fd });
      closeSync(fd);
      const bytes = readFileSync(path).subarray(100);
      expect(Buffer.compare(bytes.subarray(0, size), twin.encode(sci.data))).toBe(0);
      expect(Buffer.compare(bytes.subarray(size), twin.encode(dq.data))).toBe(0);
      expect(sums).toEqual([twin.datasum(bytes.subarray(0, size)), twin.datasum(bytes.subarray(size))]);
    },
  );

  it('writes large planes past the page cache to the same bytes, wherever they begin', async () => {
    // Of the second the last part is too small for that.
    for (const shape of [
      [1500, 1501],
      [1400, 1501],
    ] as const) {
      using plane = engine.float32(shape);
      for (let i = 0; i < plane.data.length; i++) plane.data[i] = i;
      const expected = twin.encode(plane.data);
      for (const offset of [0, 2880, 4096, 8640]) {
        const path = join(directory, `direct${offset}`);
        const fd = openSync(path, 'w');
        ftruncateSync(fd, offset + expected.byteLength + 100);
        let direct: number | undefined;
        try {
          direct = openSync(path, constants.O_WRONLY | (constants.O_DIRECT ?? 0));
        } catch {
          // A file system without it: the plane goes through the page cache.
        }
        const sums = await engine.writePlanes([{ plane, offset }], { fd, direct });
        closeSync(fd);
        if (direct !== undefined) closeSync(direct);
        const bytes = readFileSync(path);
        expect(Buffer.compare(bytes.subarray(offset, offset + expected.byteLength), expected)).toBe(0);
        expect(bytes.subarray(0, offset).every((byte) => byte === 0)).toBe(true);
        expect(sums).toEqual([twin.datasum(expected)]);
      }
    }
  });

  it('writes through the page cache what the disk does not take as it is', async () => {
    const path = join(directory, 'refused');
    const fd = openSync(path, 'w');
    let direct: number | undefined;
    try {
      direct = openSync(path, constants.O_WRONLY | (constants.O_DIRECT ?? 0));
    } catch {
      // A file system without it.
    }
    // Memory of an odd address is what disks refuse with EINVAL.
    const bytes = new Uint8Array(2 ** 20 + 1).subarray(1);
    for (let i = 0; i < bytes.length; i++) bytes[i] = i % 251;
    const writer = planeWriter({ fd, direct });
    await writer.put(bytes, 0);
    await writer.end();
    closeSync(fd);
    if (direct !== undefined) closeSync(direct);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  it('reports a file that takes no bytes', async () => {
    using plane = engine.float32([3, 3]);
    const fd = openSync(join(directory, 'out'), 'r');
    await expect(engine.writePlanes([{ plane, offset: 7 }], { fd })).rejects.toMatchObject({
      code: 'WriteFailed',
      offset: 7,
      errno: 'EBADF',
    });
    closeSync(fd);
  });

  it('holds nothing after a failure while parts of a frame are encoded and others written', async () => {
    const fd = openSync(join(directory, 'out'), 'r');
    for (const on of [engine, engine.batched()]) {
      const plane = on.float32([3, 2 ** 20 + 5], 1);
      await expect(on.writePlanes([{ plane, offset: 7 }], { fd })).rejects.toMatchObject({ errno: 'EBADF' });
      plane.release();
      await on.settled();
      expect(engine.pool.usedBytes).toBe(0);
    }
    closeSync(fd);
  });
});
