import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ColumnInit, cellOf, openFits, readTable } from '../src/index.ts';
import { openFile, writeFile } from '../src/node.ts';
import { astropy, fitsverify, temporaryDirectory } from './oracle.ts';
import { concat, headerBlock, memory } from './support.ts';

const directory = temporaryDirectory();
const dump = join(import.meta.dirname, 'oracle/dump.py');

describe('variable-length columns', () => {
  const columns: ColumnInit[] = [
    { name: 'U8', data: Uint8Array.of(1, 2, 3, 4), offsets: [0, 1, 1, 4] },
    { name: 'I8', data: Int8Array.of(-1, -2, -3, 4), offsets: [0, 2, 3, 4] },
    { name: 'I16', data: Int16Array.of(-1, 2, 3, -32768), offsets: [0, 0, 3, 4] },
    { name: 'U16', data: Uint16Array.of(0, 65535, 3), offsets: [0, 3, 3, 3], nullValue: 65535 },
    { name: 'I32', data: Int32Array.of(-1), offsets: [0, 0, 0, 1] },
    { name: 'U32', data: Uint32Array.of(4294967295, 0), offsets: [0, 1, 1, 2] },
    { name: 'I64', data: BigInt64Array.of(-1n, 2n ** 62n), offsets: [0, 1, 2, 2] },
    { name: 'U64', data: BigUint64Array.of(2n ** 64n - 1n), offsets: [0, 1, 1, 1] },
    { name: 'F32', data: Float32Array.of(1.5, Number.NaN, -0), offsets: [0, 2, 2, 3], unit: 'm' },
    { name: 'F64', data: Float64Array.of(1e300), offsets: [0, 1, 1, 1] },
    { name: 'C', data: Float32Array.of(1, 2, 3, 4), offsets: [0, 2, 2, 4], format: 'C' },
    { name: 'M', data: Float64Array.of(1, 2, 3, 4), offsets: [0, 0, 4, 4], format: 'QM' },
    { name: 'L', data: [true, null, false], offsets: [0, 1, 2, 3] },
    { name: 'X', data: Uint8Array.of(1, 0, 1, 1, 1, 0, 0, 0, 1, 1, 0), offsets: [0, 9, 9, 11], format: 'X' },
    { name: 'A', data: ['one', '', 'three'], format: 'PA' },
    { name: 'NONE', data: new Float64Array(), offsets: [0, 0, 0, 0] },
    { name: 'PLAIN', data: Float64Array.of(1, 2, 3) },
  ];
  const path = join(directory, 'written.fits');

  it('of every type are written, and read as they were', async () => {
    writeFile(path, [{ kind: 'bintable', name: 'T', columns }]);
    using fits = await openFile(path);
    const table = await readTable(fits, fits.hdu('T'));
    expect(table.rows).toBe(3);
    table.columns.forEach((column, i) => {
      const { data, offsets, nullValue, unit } = columns[i] as ColumnInit;
      expect(column.data).toEqual(data);
      expect(column.offsets).toEqual(offsets && Float64Array.from(offsets));
      expect([column.nullValue, column.unit]).toEqual([nullValue, unit]);
    });
    const find = (name: string) => table.find(name) as NonNullable<ReturnType<typeof table.find>>;
    expect(cellOf(find('U8'), 2)).toEqual(Uint8Array.of(2, 3, 4));
    expect(cellOf(find('C'), 2)).toEqual(Float32Array.of(3, 4));
    expect(cellOf(find('A'), 2)).toEqual(['three']);
    expect(cellOf(find('PLAIN'), 1)).toEqual(Float64Array.of(2));
    const report = fitsverify(path);
    if (report) expect(report).toContain('0 warning(s) and 0 error(s)');
  });

  it('are rewritten from what was read', async () => {
    using fits = await openFile(path);
    const copy = join(directory, 'copy.fits');
    const { header } = fits.hdu('T');
    writeFile(copy, [{ kind: 'bintable', header, columns: (await readTable(fits, fits.hdu('T'))).columns }]);
    using again = await openFile(copy);
    const bytes = (f: typeof fits) => f.source.slice(0, f.source.byteLength) as Uint8Array;
    expect(Buffer.from(bytes(again)).equals(bytes(fits))).toBe(true);
  });

  it('are what astropy reads', () => {
    // astropy cannot open a table with bits in its heap.
    const file = join(directory, 'for-astropy.fits');
    writeFile(file, [{ kind: 'bintable', columns: columns.filter(({ name }) => name !== 'X') }]);
    const json = astropy(dump, [file]);
    if (!json) return;
    type Found = { bytes: string; lengths: number[]; error?: string };
    const found = JSON.parse(json)[file][1].columns as [string, string, string, Found][];
    const compared: string[] = [];
    for (const [name, , , { bytes, lengths, error }] of found) {
      const { data, offsets } = columns.find((c) => c.name === name) as ColumnInit;
      // The unsigned conventions it applies to some rows only; booleans it gives as bytes.
      if (error !== undefined || !offsets || Array.isArray(data) || /^(I8|U16|U32|U64|NONE)$/.test(name))
        continue;
      const scale = name === 'C' || name === 'M' ? 2 : 1;
      const expected = [1, 2, 3].map((r) => (offsets[r] ?? 0) - (offsets[r - 1] ?? 0));
      expect(lengths.map((n) => n * scale)).toEqual(expected);
      const type = data.constructor as new (buffer: ArrayBuffer) => typeof data;
      expect(new type(Uint8Array.from(Buffer.from(bytes, 'base64')).buffer), name).toEqual(data);
      compared.push(name);
    }
    expect(compared.join(' ')).toBe('U8 I16 I32 I64 F32 F64 C M');
  });

  it('of astropy, strings with TDIM and bits, are read as it reads them', async () => {
    const theirs = join(directory, 'astropy.fits');
    if (astropy(join(import.meta.dirname, 'oracle/variable.py'), [theirs]) === undefined) return;
    const json = astropy(dump, [theirs]) ?? '{}';
    const truth = JSON.parse(json)[theirs][1].columns as [string, string, string, Record<string, unknown>][];
    using fits = await openFile(theirs);
    const table = await readTable(fits, fits.hdu('T'));
    expect(table.find('WORDS')?.shape).toEqual([3]);
    expect(table.find('CUBE')?.shape).toEqual([2, 3]);
    for (const [name, , , { bytes, lengths, strings, logicals }] of truth) {
      const { data, offsets, repeat } = table.find(name) as NonNullable<ReturnType<typeof table.find>>;
      // Of logicals in a heap astropy gives the bytes, and writes others than the standard's T and F.
      if (name === 'PL' || name === 'QL') continue;
      if (strings) expect(data, name).toEqual(strings);
      else if (logicals) expect(Array.from(data as boolean[], Boolean), name).toEqual(logicals);
      else {
        const numbers = data as Float64Array;
        const raw = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
        expect(raw.toString('base64'), name).toBe(bytes);
      }
      if (lengths) expect(offsets?.length).toBe((lengths as number[]).length + 1);
      else expect(repeat).toBeGreaterThan(0);
    }
  });

  it.each<[string, ColumnInit, string]>([
    [
      'offsets that fall',
      { name: 'A', data: Uint8Array.of(1), offsets: [0, 1, 0, 1] },
      '-1 elements in row 1',
    ],
    ['offsets beyond the data', { name: 'A', data: Uint8Array.of(1), offsets: [0, 2] }, '0 to 2 for 1'],
    [
      'half a complex number',
      { name: 'A', data: new Float32Array(3), offsets: [0, 3], format: 'C' },
      '1.5 elements',
    ],
    ['no offsets', { name: 'A', data: new Float32Array(3), format: 'PE' }, 'no offsets'],
  ])('with %s are refused', (_, column, text) => {
    expect(() => writeFile(path, [{ kind: 'bintable', columns: [column] }])).toThrow(text);
  });
});

describe('a heap', () => {
  const table = (cards: string[], ...data: Uint8Array[]) => {
    const bytes = concat(...data);
    const head = ["XTENSION= 'BINTABLE'", 'BITPIX  = 8', 'NAXIS   = 2', 'NAXIS1  = 8', 'NAXIS2  = 2'];
    const rest = [`PCOUNT  = ${bytes.length - 16}`, 'GCOUNT  = 1', 'TFIELDS = 1', ...cards];
    const primary = headerBlock(['SIMPLE  = T', 'BITPIX  = 8', 'NAXIS   = 0']);
    return openFits(memory(concat(primary, headerBlock([...head, ...rest]), bytes)), 'x.fits');
  };
  const words = (...values: number[]) =>
    new Uint8Array(Buffer.from(Uint32Array.from(values).buffer).swap32());
  const read = async (cards: string[], ...data: Uint8Array[]) => {
    const fits = await table(cards, ...data);
    return (await readTable(fits, fits.hdu(1))).columns[0];
  };

  it('may begin behind a gap, and cells may share bytes', async () => {
    const column = await read(
      ["TFORM1  = '1PB(3)'", 'THEAP   = 20'],
      words(3, 0, 2, 1),
      Uint8Array.of(9, 9, 9, 9, 1, 2, 3),
    );
    expect(column?.data).toEqual(Uint8Array.of(1, 2, 3, 2, 3));
  });

  it.each<[string, string[], Uint8Array[], string]>([
    ['a cell behind its end', ["TFORM1  = '1PB'"], [words(3, 0, 3, 1), Uint8Array.of(1, 2, 3)], 'HEAP_RANGE'],
    ['a cell far away', ["TFORM1  = '1PD'"], [words(1, 4294967295, 0, 0), new Uint8Array(8)], 'HEAP_RANGE'],
    ['a huge cell', ["TFORM1  = '1PM'"], [words(4294967295, 0, 0, 0), new Uint8Array(8)], 'HEAP_RANGE'],
    ['a begin among the rows', ["TFORM1  = '1PB'", 'THEAP   = 8'], [words(0, 0, 0, 0)], 'TABLE_LAYOUT'],
    ['a begin behind the end', ["TFORM1  = '1PB'", 'THEAP   = 99'], [words(0, 0, 0, 0)], 'TABLE_LAYOUT'],
  ])('with %s is refused', async (_, cards, data, code) => {
    await expect(read(cards, ...data)).rejects.toMatchObject({ code, hdu: 1, file: 'x.fits' });
  });

  it('whose bytes are pointed to again and again is refused', async () => {
    const rows = 1000;
    const pointers = words(...Array.from({ length: rows }, () => [500, 0]).flat());
    const bytes = concat(pointers, new Uint8Array(500));
    const cards = ["XTENSION= 'BINTABLE'", 'BITPIX  = 8', 'NAXIS   = 2', 'NAXIS1  = 8', `NAXIS2  = ${rows}`];
    const rest = ['PCOUNT  = 500', 'GCOUNT  = 1', 'TFIELDS = 1', "TFORM1  = 'PB'"];
    const primary = headerBlock(['SIMPLE  = T', 'BITPIX  = 8', 'NAXIS   = 0']);
    const fits = await openFits(memory(concat(primary, headerBlock([...cards, ...rest]), bytes)));
    await expect(readTable(fits, fits.hdu(1))).rejects.toMatchObject({ code: 'HEAP_RANGE' });
  });
});
