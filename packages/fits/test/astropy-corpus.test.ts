import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Card,
  type ColumnData,
  type FitsValue,
  type Pixels,
  readImage,
  readTable,
} from '../src/index.ts';
import { openFile } from '../src/node.ts';
import { astropy, astropyData } from './oracle.ts';

interface Value {
  t: 'undefined' | 'boolean' | 'integer' | 'real' | 'string' | 'unparsable';
  v?: string | boolean;
}
type Numbers = { dtype: string; shape: number[]; bytes: string };
interface Truth {
  cards: [string, Value, string][];
  name: string;
  version: number;
  type: string;
  image?: Numbers | null;
  columns?: [string, string, string, Numbers | { strings: string[] } | { logicals: boolean[] }][];
  imageError?: string;
  columnsError?: string;
}

/** Data units that are not decoded, and why; their headers are compared all the same. */
const NOT_DECODED: Readonly<Record<string, string>> = {
  'comp.fits 1': 'tile-compressed image',
  'compressed_float_bzero.fits 1': 'tile-compressed image',
  'compressed_image.fits 1': 'tile-compressed image',
  'double_ext.fits 1': 'tile-compressed image',
  'theap-gap.fits 1': 'variable-length column',
  'variable_length_table.fits 1': 'variable-length column',
  'ascii.fits 1': 'ASCII table: recognised only',
  'ascii_i4-i20.fits 1': 'ASCII table: recognised only',
  'group.fits 0': 'random groups: recognised only',
  'random_groups.fits 0': 'random groups: recognised only',
};

const directory = astropyData();
const files = directory ? readdirSync(directory).filter((name) => name.endsWith('.fits')) : [];
let truth: Record<string, Truth[]> | undefined;

beforeAll(() => {
  const json = directory && astropy(join(import.meta.dirname, 'oracle/dump.py'), files.map(pathOf));
  truth = json ? JSON.parse(json) : undefined;
});

const pathOf = (file: string) => join(directory ?? '', file);

describe.each(files)('%s agrees with astropy', (file) => {
  it('in every card', async () => {
    if (!truth) return;
    using fits = await openFile(pathOf(file));
    const expected = truth[pathOf(file)] ?? [];
    expect(fits.hdus).toHaveLength(expected.length);
    fits.hdus.forEach((hdu, i) => {
      expect(hdu.header.cards.map(plainCard)).toEqual(expected[i]?.cards.map(plainTruth));
      expect([hdu.name, hdu.version]).toEqual([expected[i]?.name.toUpperCase(), expected[i]?.version]);
    });
  });

  it('and headers are written back byte for byte', async () => {
    using fits = await openFile(pathOf(file));
    const bytes = readFileSync(pathOf(file));
    for (const hdu of fits.hdus) {
      const original = bytes.subarray(hdu.headerOffset, hdu.dataOffset);
      expect(Buffer.from(hdu.header.toBytes()).equals(original)).toBe(true);
    }
  });

  it('in every pixel and every table cell', async () => {
    if (!truth) return;
    using fits = await openFile(pathOf(file));
    for (const hdu of fits.hdus) {
      const expected = truth[pathOf(file)]?.[hdu.index] as Truth;
      if (NOT_DECODED[`${file} ${hdu.index}`]) {
        const read = ['groups', 'compressed'].includes(hdu.kind)
          ? readImage(fits, hdu)
          : readTable(fits, hdu);
        await expect(read).rejects.toMatchObject({ code: 'UNSUPPORTED', file: pathOf(file), hdu: hdu.index });
      } else if (hdu.kind === 'image') {
        expect(expected.imageError).toBeUndefined();
        const image = await readImage(fits, hdu);
        if (expected.image) expectNumbers(image.data, expected.image);
        else expect(image.data).toHaveLength(0);
      } else {
        expect(expected.columnsError).toBeUndefined();
        const table = await readTable(fits, hdu);
        expect(table.columns.map((c) => c.name)).toEqual(expected.columns?.map((c) => c[0]));
        table.columns.forEach((column, i) => {
          expectColumn(column.data, expected.columns?.[i]?.[3] as object);
          expect(column.unit ?? '').toBe(expected.columns?.[i]?.[2]);
        });
      }
    }
  });
});

/** Commentary is a card without value here and a card whose value is the text there: both become [keyword, text]. */
function plainCard({ keyword, value, comment, problem }: Card): unknown[] {
  if (problem) return [keyword, 'unparsable'];
  if (value === undefined) return [keyword, comment.trimEnd()];
  return [keyword, typeof value === 'bigint' ? Number(value) : value, comment];
}

function plainTruth([keyword, { t, v }, comment]: [string, Value, string]): unknown[] {
  if (t === 'unparsable') return [keyword, 'unparsable'];
  if (['', 'COMMENT', 'HISTORY'].includes(keyword)) return [keyword, `${v ?? ''}`.trimEnd()];
  const value: FitsValue =
    t === 'undefined' ? null : t === 'integer' || t === 'real' ? Number(v) : (v ?? null);
  return [keyword, value, comment];
}

function expectNumbers(data: Pixels, truth: Numbers): void {
  if (truth.dtype.startsWith('void')) {
    // astropy's way of giving a column of no width.
    expect(data).toHaveLength(0);
    return;
  }
  expect(data[Symbol.toStringTag].replace('Big', '').replace('Array', '').toLowerCase()).toBe(truth.dtype);
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const expected = Buffer.from(truth.bytes, 'base64');
  if (bytes.equals(expected)) return;
  // NaN may differ in its bits where it was computed.
  const copy = Uint8Array.from(expected);
  const type = data.constructor as new (buffer: ArrayBuffer) => Pixels;
  expect(data).toEqual(new type(copy.buffer));
}

function expectColumn(data: ColumnData, truth: object): void {
  if ('strings' in truth)
    expect(data).toEqual((truth.strings as string[]).map((s) => s.replace(/[ \0]+$/, '')));
  else if ('logicals' in truth) expect(Array.from(data, Boolean)).toEqual(truth.logicals);
  else expectNumbers(data as Pixels, truth as Numbers);
}
