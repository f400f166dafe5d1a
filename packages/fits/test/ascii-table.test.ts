import { describe, expect, it } from 'vitest';
import { openFits, readTable } from '../src/index.ts';
import { concat, headerBlock, memory } from './support.ts';

const primary = headerBlock(['SIMPLE  = T', 'BITPIX  = 8', 'NAXIS   = 0']);

/** One column of these texts. */
async function read(format: string, texts: string[], ...cards: string[]) {
  const width = texts[0]?.length ?? 0;
  const head = [
    "XTENSION= 'TABLE'",
    'BITPIX  = 8',
    'NAXIS   = 2',
    `NAXIS1  = ${width}`,
    `NAXIS2  = ${texts.length}`,
  ];
  const rest = [
    'PCOUNT  = 0',
    'GCOUNT  = 1',
    'TFIELDS = 1',
    'TBCOL1  = 1',
    `TFORM1  = '${format}'`,
    ...cards,
  ];
  const bytes = concat(primary, headerBlock([...head, ...rest]), Buffer.from(texts.join(''), 'latin1'));
  const fits = await openFits(memory(bytes), 'x.fits');
  return (await readTable(fits, fits.hdu(1))).columns[0];
}

describe('fields of an ASCII table', () => {
  it('are reals in Fortran’s ways of writing them', async () => {
    const texts = ['   1.5', '-2.E+3', '1.5D-2', ' 1.5-3', '+.25  ', '  1234', '      ', ' -0.0 ', '   NaN'];
    const column = await read('E6.2', texts);
    // A number without a point has it two digits from the right.
    expect([...(column!.data as Float64Array)]).toEqual([
      1.5,
      -2000,
      0.015,
      0.0015,
      0.25,
      12.34,
      0,
      -0,
      Number.NaN,
    ]);
    expect((await read('D8.0', ['1.234D05']))?.data).toEqual(Float64Array.of(123400));
    expect((await read('F8.3', ['  -1e300']))?.data).toEqual(Float64Array.of(-1e297));
  });

  it('are integers in the type that holds their width', async () => {
    expect((await read('I4', ['  +7', '-999', '    ']))?.data).toEqual(Int16Array.of(7, -999, 0));
    expect((await read('I9', ['123456789']))?.data).toEqual(Int32Array.of(123456789));
    expect((await read('I20', ['-9223372036854775808']))?.data).toEqual(BigInt64Array.of(-(2n ** 63n)));
  });

  it('are undefined where TNULL says so', async () => {
    const real = await read('F4.1', ['1.0 ', ' -  '], "TNULL1  = '-'");
    expect(real?.data).toEqual(Float64Array.of(1, Number.NaN));
    const integer = await read('I4', ['  12', ' -99', '****'], "TNULL1  = '****'");
    expect(integer).toMatchObject({ data: Int16Array.of(12, -99, -32768), nullValue: -32768 });
    const blank = await read('I4', ['  12', '    '], "TNULL1  = ' '");
    expect(blank?.data).toEqual(Int16Array.of(12, -32768));
  });

  it('are scaled by TSCAL and TZERO', async () => {
    const column = await read('I3', [' 10', ' -1'], 'TSCAL1  = 0.5', 'TZERO1  = 100', "TNULL1  = '-1'");
    expect(column?.data).toEqual(Float64Array.of(105, Number.NaN));
  });

  it('are strings without the blanks behind them', async () => {
    const column = await read(
      'A5',
      [' a b ', '     ', 'c\0\0\0\0', 'caf\xe9 '],
      "TTYPE1  = 'NAME'",
      "TUNIT1  = 'm'",
    );
    expect(column).toMatchObject({ name: 'NAME', unit: 'm', repeat: 1, data: [' a b', '', 'c', 'caf\xe9'] });
  });

  it.each<[string, string, string[], string[], string, object]>([
    ['a word for a number', 'I4', ['  12', 'many'], [], 'FIELD_VALUE', { keyword: 'TFORM1' }],
    ['a number beyond 64 bits', 'I20', ['99999999999999999999'], [], 'FIELD_VALUE', {}],
    ['a real for an integer', 'I4', [' 1.5'], [], 'FIELD_VALUE', {}],
    ['a lone sign', 'F4.1', ['   -'], [], 'FIELD_VALUE', {}],
    ['a format of a binary table', '4J', ['1234'], [], 'KEYWORD_VALUE', { keyword: 'TFORM1' }],
    ['a column beyond the row', 'I9', ['1234'], [], 'TABLE_LAYOUT', { keyword: 'TBCOL1' }],
  ])('%s is refused', async (_, format, texts, cards, code, where) => {
    await expect(read(format, texts, ...cards)).rejects.toMatchObject({
      code,
      file: 'x.fits',
      hdu: 1,
      ...where,
    });
  });
});
