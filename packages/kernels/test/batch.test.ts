import { closeSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import {
  type Engine,
  type FlagPlane,
  type FloatPlane,
  planeWriter,
  type RawImage,
  type Shape2,
} from '../src/index.ts';
import { imageFile, SHAPES, testDirectory, testEngine, uniform } from './support.ts';

const engine = await testEngine();
const directory = testDirectory();

const imageOf = (name: string, shape: Shape2, format: Parameters<typeof imageFile>[3]): RawImage => {
  const random = uniform(name.length);
  const top = format.bitpix === 8 ? 255 : 30000;
  const values = Array.from({ length: shape[0] * shape[1] }, () => 1 + Math.floor(top * random()));
  return imageFile(join(directory, name), values, shape, format);
};
const float = { bitpix: -32, bscale: 1, bzero: 0 } as const;
const small = { bitpix: 16, bscale: 1, bzero: 0 } as const;
const bytes = { bitpix: 8, bscale: 1, bzero: 0 } as const;

interface Files {
  readonly sci: RawImage;
  readonly dq: RawImage;
  readonly variance: RawImage;
  readonly dark: RawImage;
}

const filesOf = (shape: Shape2): Files => {
  const image = (name: string, format: Parameters<typeof imageFile>[3]): RawImage =>
    imageOf(`${name}${shape}`, shape, format);
  return {
    sci: image('s', float),
    dq: image('qq', bytes),
    variance: image('vvv', small),
    dark: image('dddd', float),
  };
};

interface Made {
  readonly planes: readonly (FloatPlane | FlagPlane)[];
  readonly median: number;
}

/** Frames read, calibrated, subtracted from each other; some given back in between. */
const reduced = async (on: Engine, { sci, dq, variance, dark }: Files): Promise<Made> => {
  using d = await on.readFloat(dark);
  const frame = async () => {
    const planes = {
      sci: await on.readFloat(sci),
      dq: await on.readFlags(dq),
      varPoisson: await on.readFloat(variance),
      varRnoise: on.float32(d.shape, 2),
    };
    const varFlat = on.unset(d.shape);
    await on.flagNotAbove({ plane: planes.sci, dq: planes.dq, lowest: 9000, flags: 4 });
    await on.calibrate({ ...planes, dark: { sci: d }, flat: { sci: d, variance: d }, varFlat });
    return { ...planes, varFlat };
  };
  const first = await frame();
  const sky = await frame();
  await on.square({ plane: sky.sci, factor: 0.01 });
  const { values } = await on.quantiles(sky.sci, [0.5]);
  await on.subtractPlane({
    ...{ sci: first.sci, minus: sky.sci, dq: first.dq, minusDq: sky.dq },
    variances: [{ to: first.varPoisson, add: sky.varPoisson }],
    shared: { variance: first.varFlat, other: { variance: sky.varFlat, of: sky.sci } },
  });
  for (const plane of Object.values(sky)) plane.release();
  const error = await on.errorOf([first.varPoisson, first.varRnoise, first.varFlat]);
  return { planes: [...Object.values(first), error], median: values[0]! };
};

describe('work that is put off', () => {
  it.each(SHAPES.map((shape) => [shape]))('gives the same bits, for shape %j', async (shape) => {
    const files = filesOf(shape);
    const lazy = engine.batched();
    const [a, b] = [await reduced(engine, files), await reduced(lazy, files)];
    await lazy.settled();
    expect(b.median).toBe(a.median);
    for (const [i, plane] of a.planes.entries()) expect(b.planes[i]!.data).toEqual(plane.data);
    for (const plane of [...a.planes, ...b.planes]) plane.release();
    expect(engine.pool.usedBytes).toBe(0);
  });

  it('reads windows, and frames of several sizes one after the other', async () => {
    const image = imageOf('window', [40, 23], float);
    const windows = [
      { x0: 3, y0: 5, nx: 17, ny: 30 },
      { x0: 0, y0: 0, nx: 23, ny: 40 },
      { x0: 22, y0: 39, nx: 1, ny: 1 },
    ];
    const lazy = engine.batched();
    for (const window of windows) {
      using expected = await engine.readFloat({ ...image, window });
      using found = await lazy.readFloat({ ...image, window });
      using passing = await lazy.readFloat({ ...image, window });
      await lazy.addPlane({ plane: found, add: passing });
      passing.release();
      await lazy.settled();
      expect([...found.data]).toEqual(Array.from(expected.data, (value) => 2 * value));
    }
    expect(engine.pool.usedBytes).toBe(0);
  });

  it('keeps frames apart that have as many pixels and other rows', async () => {
    const images = [imageOf('wide', [3, 20], float), imageOf('high', [20, 3], small)];
    const lazy = engine.batched();
    const found = await Promise.all(images.map((image) => lazy.readFloat(image)));
    await lazy.settled();
    for (const [i, image] of images.entries()) {
      using expected = await engine.readFloat(image);
      expect(found[i]!.data).toEqual(expected.data);
      found[i]!.release();
    }
  });

  it('begins with what there is when many files are to be read, so that few are open at a time', async () => {
    const image = imageOf('many', [4, 4], float);
    const lazy = engine.batched();
    const planes: FloatPlane[] = [];
    for (let i = 0; i < 200; i++) planes.push(await lazy.readFloat(image));
    await vi.waitFor(() => expect(planes[0]!.data[0]).toBeGreaterThan(0));
    expect(() => planes.at(-1)!.data).toThrow(expect.objectContaining({ code: 'Pending' }));
    await lazy.settled();
    expect(planes.at(-1)!.data).toEqual(planes[0]!.data);
    for (const plane of planes) plane.release();
    expect(engine.pool.usedBytes).toBe(0);
  });

  it('lets no frame go that it is still to fill in part', async () => {
    const image = imageOf('part', [2, 5], float);
    const dq = engine.uint32([2, 5], 0);
    const lazy = engine.batched();
    const whole = lazy.unset([6, 5]);
    const { ptr } = whole;
    using from = await lazy.readFloat(image);
    await lazy.copyGood({ from, dq, mask: 1, to: whole, row: 4 });
    whole.release();
    using next = lazy.unset([6, 5]);
    expect(next.ptr).not.toBe(ptr);
    await lazy.settled();
    using again = lazy.unset([6, 5]);
    expect(again.ptr).toBe(ptr);
    dq.release();
  });

  it('is done before its frames are written', async () => {
    const image = imageOf('source', [16, 16], float);
    const lazy = engine.batched();
    const path = join(directory, 'written');
    const fd = openSync(path, 'w');
    using plane = await lazy.readFloat(image);
    await lazy.writePlanes([{ plane, offset: 0 }], { fd });
    closeSync(fd);
    const source = readFileSync(image.path).subarray(image.offset, image.offset + 1024);
    expect(readFileSync(path).equals(source)).toBe(true);
  });

  it('encodes frames that are given back before it is done', async () => {
    const image = imageOf('encoded', [300, 41], float);
    const flags = imageOf('encoded flags', [300, 41], bytes);
    const paths = ['at once', 'later'].map((name) => join(directory, name));
    const sums: number[][] = [];
    for (const [i, on] of [engine, engine.batched()].entries()) {
      const planes = [await on.readFloat(image), await on.readFlags(flags)];
      const encoded = await on.encodePlanes(
        planes.map((plane, k) => ({ plane, offset: 5 + k * 300 * 41 * 4 })),
      );
      for (const plane of planes) plane.release();
      const fd = openSync(paths[i]!, 'w');
      const writer = planeWriter({ fd });
      sums.push(await encoded.write(writer));
      await writer.end();
      closeSync(fd);
      encoded[Symbol.dispose]();
    }
    expect(sums[1]).toEqual(sums[0]);
    const [expected, found] = paths.map((path) => readFileSync(path));
    expect(found!.equals(expected!)).toBe(true);
    expect(found!.subarray(5, 5 + 300 * 41 * 4)).toEqual(readFileSync(image.path).subarray(image.offset));
    expect(engine.pool.usedBytes).toBe(0);
  });

  it('counts pixels of frames as they come', async () => {
    const lazy = engine.batched();
    using count = lazy.countGood(6);
    let expected = 0;
    for (const shape of SHAPES) {
      const dq = await lazy.readFlags(imageOf(`count${shape}`, shape, bytes));
      await count.add(dq);
      await lazy.settled();
      expected += dq.data.filter((flags) => (flags & 6) === 0).length;
      dq.release();
    }
    expect(count.pixels).toBe(expected);
    expect(expected).toBeGreaterThan(0);
  });

  it('refuses a look at pixels that are not there yet', async () => {
    const lazy = engine.batched();
    using plane = await lazy.readFloat(imageOf('look', [4, 4], float));
    expect(() => plane.data).toThrow(expect.objectContaining({ code: 'Pending' }));
    await lazy.settled();
    expect(plane.data[0]).toBeGreaterThan(0);
  });

  it('keeps what was looked at or filled before it is given back', async () => {
    const lazy = engine.batched();
    const shape: Shape2 = [9, 9];
    using sum = lazy.float32(shape, 0);
    const filled = lazy.unset(shape);
    filled.data.fill(3);
    const read = await lazy.readFloat(imageOf('before', shape, float));
    await lazy.settled();
    await lazy.addPlane({ plane: sum, add: filled });
    await lazy.addPlane({ plane: sum, add: read });
    const combined = await lazy.combine([filled, read], { method: 'mean' });
    await lazy.addPlane({ plane: sum, add: combined.value });
    const expected = Array.from(read.data, (value) => 3 + value + Math.fround((3 + value) / 2));
    for (const plane of [filled, read, combined.value, combined.dq, combined.count]) plane.release();
    await lazy.settled();
    expect([...sum.data]).toEqual(expected);
  });

  it('says what went wrong when it is asked for, every time, and gives all memory back', async () => {
    const before = engine.pool.usedBytes;
    const lazy = engine.batched();
    const short = imageOf('short', [64, 64], float);
    truncateSync(short.path, short.offset + 1000);
    const plane = await lazy.readFloat(short);
    const other = await lazy.readFloat(imageOf('whole', [64, 64], float));
    await expect(lazy.settled()).rejects.toMatchObject({ code: 'ReadFailed', path: short.path });
    await expect(lazy.quantiles(other, [0.5])).rejects.toMatchObject({ code: 'ReadFailed' });
    plane.release();
    other.release();
    await expect(lazy.settled()).rejects.toMatchObject({ code: 'ReadFailed' });
    expect(engine.pool.usedBytes).toBe(before);
    using again = await engine.readFloat(imageOf('whole', [64, 64], float));
    expect(again.shape).toEqual([64, 64]);
  });
});
