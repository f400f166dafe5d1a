import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFits, type Pixels, readImage } from '../src/index.ts';
import { openFile, writeFile } from '../src/node.ts';
import { astropy, temporaryDirectory } from './oracle.ts';
import { concat, headerBlock, memory } from './support.ts';

const directory = temporaryDirectory();

describe('physical values', () => {
  it('are bit for bit what astropy computes, for every BITPIX, scale and BLANK', async () => {
    const path = join(directory, 'scaled.fits');
    if (astropy(join(import.meta.dirname, 'oracle/scaled.py'), [path]) === undefined) return;
    const json = astropy(join(import.meta.dirname, 'oracle/dump.py'), [path]) ?? '{}';
    const truth = JSON.parse(json)[path] as { image: { dtype: string; bytes: string } }[];
    using fits = await openFile(path);
    expect(fits.hdus).toHaveLength(truth.length);
    for (const hdu of fits.hdus.slice(1)) {
      const { data } = await readImage(fits, hdu);
      const { dtype, bytes } = truth[hdu.index]?.image ?? { dtype: '', bytes: '' };
      const label = `HDU ${hdu.index} ${JSON.stringify(hdu.pixels)}`;
      expect(`${label} ${typeName(data)}`).toBe(`${label} ${dtype}`);
      const expected = Uint8Array.from(Buffer.from(bytes, 'base64'));
      const type = data.constructor as new (buffer: ArrayBuffer) => Pixels;
      expect(data, label).toEqual(new type(expected.buffer));
    }
  });

  it('of an unsigned image with BLANK are floats, NaN where blank', async () => {
    const cards = [
      'SIMPLE  = T',
      'BITPIX  = 16',
      'NAXIS   = 1',
      'NAXIS1  = 3',
      'BZERO   = 32768',
      'BLANK   = -32768',
    ];
    const stored = Buffer.from(Int16Array.of(-32768, 0, 32767).buffer).swap16();
    const fits = await openFits(memory(concat(headerBlock(cards), stored)));
    expect((await readImage(fits, fits.hdu(0))).data).toEqual(Float32Array.of(Number.NaN, 32768, 65535));
    expect((await readImage(fits, fits.hdu(0), { raw: true })).data).toEqual(Int16Array.of(-32768, 0, 32767));
  });

  it('keep NaN payloads', async () => {
    const bits = Uint32Array.of(0x7fc12345, 0xffc00001, 0x7f800001);
    const path = join(directory, 'nan.fits');
    writeFile(path, [{ kind: 'image', shape: [3], data: new Float32Array(bits.buffer) }]);
    using fits = await openFile(path);
    const { data } = await readImage(fits, fits.hdu(0));
    expect(new Uint32Array(data.buffer)).toEqual(bits);
  });
});

describe('rows', () => {
  const path = join(directory, 'rows.fits');
  const cube = Uint16Array.from({ length: 3 * 7 * 5 }, (_, i) => i * 601);
  const scaled = ['SIMPLE  = T', 'BITPIX  = 16', 'NAXIS   = 3', 'NAXIS1  = 5', 'NAXIS2  = 7', 'NAXIS3  = 3'];
  writeFile(path, [{ kind: 'image', shape: [3, 7, 5], data: cube }]);

  it.each([
    [0, 7],
    [2, 5],
    [6, 7],
    [3, 3],
  ])('[%i, %i) are those rows of every plane', async (a, b) => {
    const expected = [0, 1, 2].flatMap((plane) => [
      ...cube.subarray((plane * 7 + a) * 5, (plane * 7 + b) * 5),
    ]);
    using fits = await openFile(path);
    const { shape, data } = await readImage(fits, fits.hdu(0), { rows: [a, b] });
    expect(shape).toEqual([3, b - a, 5]);
    expect([...data]).toEqual(expected);

    const bytes = Buffer.from(cube.slice().buffer).swap16();
    const half = await openFits(memory(concat(headerBlock([...scaled, 'BSCALE  = 0.5']), bytes)));
    const halves = await readImage(half, half.hdu(0), { rows: [a, b] });
    expect([...halves.data]).toEqual(expected.map((v) => ((v << 16) >> 16) / 2));
  });

  it.each([
    [-1, 3],
    [0, 8],
    [5, 4],
    [0.5, 2],
    [0, Number.NaN],
  ])('[%d, %d) are refused', async (a, b) => {
    using fits = await openFile(path);
    await expect(readImage(fits, fits.hdu(0), { rows: [a, b] })).rejects.toMatchObject({
      code: 'SECTION_RANGE',
    });
  });
});

describe('memory', () => {
  const path = join(directory, 'memory.fits');
  // More than one chunk of decoding.
  const data = Float32Array.from({ length: 600 * 700 }, (_, i) => i / 7);
  writeFile(path, [{ kind: 'image', name: 'SCI', shape: [600, 700], data }]);

  it('of the caller is decoded into, shared or not', async () => {
    using fits = await openFile(path);
    for (const into of [new ArrayBuffer(4 * data.length + 8), new SharedArrayBuffer(4 * data.length)]) {
      const image = await readImage(fits, fits.hdu('SCI'), { into });
      expect(image.data.buffer).toBe(into);
      expect(image.data.length).toBe(data.length);
      expect(image.data.every((v, i) => v === data[i])).toBe(true);
    }
    const small = readImage(fits, fits.hdu('SCI'), { into: new ArrayBuffer(8) });
    await expect(small).rejects.toMatchObject({ code: 'BUFFER_SIZE' });
  });

  it('of an asynchronous source, a Blob for instance, is left as it is', async () => {
    using file = await openFile(path);
    const bytes = await file.source.slice(0, file.source.byteLength);
    const copy = bytes.slice();
    const slice = async (start: number, end: number) => bytes.subarray(start, end);
    const fits = await openFits({ byteLength: bytes.length, slice });
    const image = await readImage(fits, fits.hdu('SCI'));
    expect(Buffer.from(image.data.buffer).equals(Buffer.from(data.buffer))).toBe(true);
    expect(Buffer.from(bytes).equals(copy)).toBe(true);
  });

  it('need not be aligned, and a Buffer is written as the bytes it is', async () => {
    const odd = join(directory, 'odd.fits');
    const pixels = Buffer.from('xabcdefg').subarray(1);
    writeFile(odd, [{ kind: 'image', shape: [7], data: pixels }]);
    using fits = await openFile(odd);
    expect(Buffer.from((await readImage(fits, fits.hdu(0))).data.buffer).toString()).toBe('abcdefg');
  });
});

describe('finding an HDU', () => {
  it('is by name in any case, version or index, and says what there is', async () => {
    const path = join(directory, 'find.fits');
    const sci = (version: number) => ({ kind: 'image', name: 'Sci', version, shape: [] }) as const;
    writeFile(path, [{ kind: 'image', shape: [] }, sci(1), sci(2)]);
    using fits = await openFile(path);
    expect(fits.hdu('sci').index).toBe(1);
    expect(fits.hdu('SCI', 2).index).toBe(2);
    expect(fits.hdu(0).name).toBe('PRIMARY');
    expect(fits.find('DQ')).toBeUndefined();
    expect(() => fits.hdu('DQ')).toThrow('no HDU DQ; present are 0:PRIMARY 1:SCI 2:SCI,2');
    expect(() => fits.hdu(7)).toThrowError(expect.objectContaining({ code: 'HDU_MISSING' }));
  });
});

function typeName(data: Pixels): string {
  return data[Symbol.toStringTag].replace('Big', '').replace('Array', '').toLowerCase();
}
