import { rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FitsError, type FitsErrorCode, Header, openFits, readImage, readTable } from '../src/index.ts';
import { openFile, writeFile } from '../src/node.ts';
import { temporaryDirectory } from './oracle.ts';
import { concat, headerBlock, memory, random } from './support.ts';

const primary = [
  'SIMPLE  =                    T',
  'BITPIX  =                    8',
  'NAXIS   =                    0',
];
const image = (bitpix: number | string, ...axes: (number | string)[]) => [
  'SIMPLE  = T',
  `BITPIX  = ${bitpix}`,
  `NAXIS   = ${axes.length}`,
  ...axes.map((n, i) => `${`NAXIS${i + 1}`.padEnd(8)}= ${n}`),
];
const table = (rowBytes: number, rows: number, ...cards: string[]) => [
  "XTENSION= 'BINTABLE'",
  ...[
    'BITPIX  = 8',
    'NAXIS   = 2',
    `NAXIS1  = ${rowBytes}`,
    `NAXIS2  = ${rows}`,
    'PCOUNT  = 0',
    'GCOUNT  = 1',
  ],
  ...cards,
];
const block = new Uint8Array(2880);
const extension = (cards: string[]) => concat(headerBlock(primary), headerBlock(cards));

/** Open the bytes and read everything in them. */
async function readAll(bytes: Uint8Array): Promise<number> {
  const fits = await openFits(memory(bytes), 'x.fits');
  let total = 0;
  for (const hdu of fits.hdus) {
    if (hdu.kind === 'image') total += (await readImage(fits, hdu)).data.byteLength;
    else for (const { data } of (await readTable(fits, hdu)).columns) total += data.length;
  }
  return total;
}

describe('a malformed file is refused, and the error tells where', () => {
  it.each<[string, Uint8Array, FitsErrorCode, object]>([
    ['an empty file', new Uint8Array(), 'NOT_FITS', { offset: 0 }],
    ['a short file', Buffer.from('SIM'), 'NOT_FITS', { hdu: 0 }],
    ['another format', Buffer.from('\x89PNG\r\n'.padEnd(9000)), 'NOT_FITS', { file: 'x.fits' }],
    ['zeros', new Uint8Array(1 << 20), 'NOT_FITS', {}],
    ['no END', headerBlock([...primary, null]), 'HEADER_NO_END', { hdu: 0, offset: 2880 }],
    [
      'no END in an extension',
      concat(headerBlock(primary), headerBlock([...table(0, 0), null])),
      'HEADER_NO_END',
      { hdu: 1 },
    ],
    [
      'an endless header',
      headerBlock([...primary, ...Array(150_000).fill('COMMENT'), null]),
      'HEADER_TOO_LONG',
      {},
    ],
    [
      'garbage where keywords stand',
      headerBlock([...primary, '\x00\xff\x12']),
      'HEADER_BAD_KEYWORD',
      { offset: 240 },
    ],
    ['no BITPIX', headerBlock(['SIMPLE  = T', 'NAXIS   = 0']), 'KEYWORD_MISSING', { keyword: 'BITPIX' }],
    ['an odd BITPIX', headerBlock(image(17, 1)), 'KEYWORD_VALUE', { keyword: 'BITPIX' }],
    ['BITPIX as a string', headerBlock(image("'16'", 1)), 'KEYWORD_TYPE', { keyword: 'BITPIX', offset: 80 }],
    [
      'an unreadable NAXIS',
      headerBlock([...primary.slice(0, 2), 'NAXIS   = 1,2']),
      'CARD_UNPARSABLE',
      { offset: 160 },
    ],
    [
      'a negative NAXIS',
      headerBlock([...primary.slice(0, 2), 'NAXIS   = -1']),
      'KEYWORD_VALUE',
      { keyword: 'NAXIS' },
    ],
    ['a huge NAXIS', headerBlock([...primary.slice(0, 2), 'NAXIS   = 1000000000']), 'KEYWORD_VALUE', {}],
    [
      'a missing axis',
      headerBlock([...image(8, 5), 'NAXIS   = 2'].toSpliced(2, 1)),
      'KEYWORD_MISSING',
      { keyword: 'NAXIS2' },
    ],
    ['a negative axis', headerBlock(image(8, -5)), 'KEYWORD_VALUE', { keyword: 'NAXIS1' }],
    ['a fractional axis', headerBlock(image(8, 1.5)), 'KEYWORD_TYPE', { keyword: 'NAXIS1' }],
    [
      'an axis beyond 2^63',
      headerBlock(image(8, '99999999999999999999')),
      'KEYWORD_TYPE',
      { keyword: 'NAXIS1' },
    ],
    ['axes that overflow', headerBlock(image(-64, 2 ** 52, 2 ** 52, 2 ** 52)), 'DATA_TRUNCATED', { hdu: 0 }],
    ['999 axes that overflow', headerBlock(image(8, ...Array(999).fill(2 ** 50))), 'DATA_TRUNCATED', {}],
    ['data cut short', concat(headerBlock(image(16, 2000)), block), 'DATA_TRUNCATED', { offset: 2880 }],
    ['no data at all', headerBlock(image(16, 2000)), 'DATA_TRUNCATED', {}],
    [
      'an absurd PCOUNT',
      extension([...table(0, 0), 'PCOUNT  = 1'].with(5, 'PCOUNT  = 9007199254740991')),
      'DATA_TRUNCATED',
      { hdu: 1 },
    ],
    [
      'a negative PCOUNT',
      extension(table(0, 0).with(5, 'PCOUNT  = -2880')),
      'KEYWORD_VALUE',
      { keyword: 'PCOUNT' },
    ],
    [
      'a GCOUNT that hides the data',
      extension(table(8, 10 ** 12).with(6, 'GCOUNT  = 0')),
      'KEYWORD_VALUE',
      { keyword: 'GCOUNT' },
    ],
    [
      'a damaged XTENSION',
      extension(table(0, 0).with(0, "XTENSIOM= 'BINTABLE'")),
      'KEYWORD_MISSING',
      { offset: 2880 },
    ],
    ['no TFIELDS', extension(table(0, 0)), 'KEYWORD_VALUE', { keyword: 'TFIELDS', hdu: 1 }],
    ['too many TFIELDS', extension(table(0, 0, 'TFIELDS = 1000')), 'KEYWORD_VALUE', {}],
    ['no TFORM', extension(table(0, 0, 'TFIELDS = 1')), 'KEYWORD_MISSING', { keyword: 'TFORM1' }],
    [
      'a wrong TFORM',
      extension(table(0, 0, 'TFIELDS = 1', "TFORM1  = '3Z'")),
      'KEYWORD_VALUE',
      { keyword: 'TFORM1' },
    ],
    [
      'columns wider than the row',
      extension(table(0, 9, 'TFIELDS = 1', "TFORM1  = '999999999999999M'")),
      'TABLE_LAYOUT',
      {},
    ],
    [
      'many rows of nothing',
      extension(table(0, 2 ** 50, 'TFIELDS = 1', "TFORM1  = 'A'")),
      'TABLE_LAYOUT',
      {},
    ],
    [
      'variable-length rows without a type',
      extension(table(8, 0, 'TFIELDS = 1', "TFORM1  = '1P(9)'")),
      'KEYWORD_VALUE',
      { keyword: 'TFORM1' },
    ],
  ])('%s', async (_, bytes, code, where) => {
    const error = await readAll(bytes).then(
      () => undefined,
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(FitsError);
    expect(error).toMatchObject({ code, file: 'x.fits', ...where });
  });

  it('with a message made for people', async () => {
    await expect(
      readAll(concat(headerBlock(image(16, 50, 60)), block)),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[FitsError: x.fits, HDU 0, byte 2880: the header claims 6000 bytes of data (BITPIX 16, shape [60,50], PCOUNT 0), the file holds 2880; it is cut short or the header is damaged]`,
    );
  });
});

describe('a merely untidy file is read', () => {
  it.each<[string, Uint8Array, number]>([
    ['without the last padding', concat(headerBlock(image(8, 3)), Uint8Array.of(1, 2, 3)), 3],
    ['with foreign bytes behind', concat(headerBlock(primary), Buffer.from('~~~~trailer~~~~')), 0],
    ['with zeros behind', concat(headerBlock(primary), block), 0],
    ['with an empty axis beside a huge one', headerBlock(image(8, 0, 777777701)), 0],
    ['with rows of no columns', extension(table(0, 2 ** 50, 'TFIELDS = 1', "TFORM1  = '0A'")), 0],
    [
      'with 72,000 CONTINUE cards',
      headerBlock([...primary, "A       = '&'", ...Array(72_000).fill("CONTINUE  'xxxxxxxx&'")]),
      0,
    ],
    [
      'with bytes beyond ASCII in a comment',
      headerBlock([...primary, 'COMMENT 20\xb0C', 'T       = 20 / \xb0C']),
      0,
    ],
  ])('%s', async (_, bytes, total) => {
    expect(await readAll(bytes)).toBe(total);
  });
});

describe('hundreds of damaged files', () => {
  const good = concat(
    headerBlock([...image(16, 40, 30), 'BZERO   = 32768', 'BSCALE  = 1', 'EXTEND  = T']),
    new Uint8Array(2880),
    headerBlock([
      "XTENSION= 'IMAGE   '",
      ...image(-32, 20, 6, 5).slice(1),
      ...['PCOUNT  = 0', 'GCOUNT  = 1', "EXTNAME = 'SCI'"],
    ]),
    new Uint8Array(2880),
    headerBlock(
      table(
        ...([
          31,
          50,
          'TFIELDS = 5',
          "TFORM1  = '3A'",
          "TFORM2  = '2D'",
          "TFORM3  = '9X'",
          "TFORM4  = 'L'",
        ] as const),
        ...["TFORM5  = '9B'", 'TZERO5  = -128', "TDIM1   = '(1,3)'"],
      ),
    ),
    new Uint8Array(2880),
  );
  const nasty = [
    ...[
      '-1',
      '0',
      '1',
      '999',
      '2147483647',
      '2147483648',
      '4294967296',
      '9007199254740991',
      '-9223372036854775808',
    ],
    ...[
      '18446744073709551616',
      '1E308',
      '-0.0',
      '1.5',
      'T',
      'F',
      "''",
      "'",
      "'BINTABLE'",
      "'IMAGE'",
      "'999999999PE'",
    ],
    ...[
      'NaN',
      '(1,2)',
      '',
      '/',
      "'&'",
      '\xff\xfe',
      '\0\0\0',
      "'(9999,9999,9999)'",
      "'0A'",
      "'8X'",
      '8',
      '16',
      '-64',
    ],
  ];
  const cards = Array.from({ length: good.length / 80 }, (_, i) => i * 80).filter(
    (at) => good[at + 8] === 0x3d,
  );

  it('end in data or in a FitsError, within memory in proportion to the file', async () => {
    const next = random(20260101);
    const pick = <T>(list: readonly T[]) => list[Math.floor(next() * list.length)] as T;
    const outcomes = new Map<string, number>();
    for (let n = 0; n < 600; n++) {
      let bytes = Buffer.from(good);
      for (let times = 1 + Math.floor(next() * 3); times > 0; times--) {
        const at = pick(cards.filter((card) => card + 80 <= bytes.length));
        const how = next();
        if (how < 0.55) bytes.write(pick(nasty).padEnd(70), at + 10, 'latin1');
        else if (how < 0.65) bytes.fill(0x20, at, at + 80);
        else if (how < 0.75) bytes.copy(bytes, pick(cards), at, at + 80);
        else if (how < 0.85) bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
        else if (how < 0.9) bytes.write('END', at, 'latin1');
        else bytes = Buffer.from(bytes.subarray(0, Math.max(at + 80, Math.floor(next() * bytes.length))));
      }
      const outcome = await readAll(bytes).then(
        (total) => {
          expect(total).toBeLessThanOrEqual(8 * bytes.length);
          return 'read';
        },
        (error) => {
          if (!(error instanceof FitsError)) throw error;
          expect(error.file).toBe('x.fits');
          expect(error.hdu).toBeTypeOf('number');
          return error.code;
        },
      );
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    // The mutations reach all kinds of damage, not only the first check.
    expect([...outcomes.keys()]).toEqual(
      expect.arrayContaining([
        'read',
        'DATA_TRUNCATED',
        'KEYWORD_VALUE',
        'KEYWORD_TYPE',
        'KEYWORD_MISSING',
        'TABLE_LAYOUT',
      ]),
    );
  });

  it('random bytes as a header never break the parser', () => {
    const next = random(7);
    for (let n = 0; n < 300; n++) {
      const bytes = headerBlock(primary);
      for (let k = 0; k < 40; k++) bytes[Math.floor(next() * 320)] = Math.floor(next() * 256);
      try {
        const header = Header.parse(bytes);
        expect(Header.parse(header.toBytes()).cards).toEqual(header.cards);
      } catch (error) {
        expect(error).toBeInstanceOf(FitsError);
      }
    }
  });
});

describe('a file on disk', () => {
  const directory = temporaryDirectory();

  it('that shrinks after it was opened is reported, not read as zeros', async () => {
    const path = join(directory, 'shrinks.fits');
    writeFile(path, [{ kind: 'image', shape: [100, 100], data: new Float32Array(10_000) }]);
    using fits = await openFile(path);
    truncateSync(path, 2880 * 3);
    await expect(readImage(fits, fits.hdu(0))).rejects.toMatchObject({ code: 'DATA_TRUNCATED', file: path });
  });

  it('that was closed is not read through a stale descriptor', async () => {
    const path = join(directory, 'closed.fits');
    writeFile(path, [{ kind: 'image', shape: [3], data: new Float32Array(3) }]);
    const fits = await openFile(path);
    fits.close();
    fits.close();
    await expect(readImage(fits, fits.hdu(0))).rejects.toMatchObject({ code: 'FILE_CLOSED' });
    rmSync(path);
    await expect(openFile(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
