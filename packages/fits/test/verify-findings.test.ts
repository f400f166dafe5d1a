import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type ByteSource, Header, openFits, verifyFits } from '../src/index.ts';
import { openFile, writeFile } from '../src/node.ts';
import { temporaryDirectory } from './oracle.ts';
import { concat, headerBlock, memory, random } from './support.ts';

const fixed = (keyword: string, value: string | number) =>
  `${keyword.padEnd(8)}= ${String(value).padStart(20)}`;
const primary = [fixed('SIMPLE', 'T'), fixed('BITPIX', 8), fixed('NAXIS', 0)];
const extension = (type: string, axes: number[], pcount = 0) => [
  `XTENSION= '${type.padEnd(8)}'`,
  fixed('BITPIX', 8),
  fixed('NAXIS', axes.length),
  ...axes.map((n, i) => fixed(`NAXIS${i + 1}`, n)),
  fixed('PCOUNT', pcount),
  fixed('GCOUNT', 1),
];
const block = (...bytes: number[]) => {
  const data = new Uint8Array(2880);
  data.set(bytes);
  return data;
};
const withKeyword = (card: string) => headerBlock([...primary, card]);
const table = (format: string, data: Uint8Array, ...cards: string[]) =>
  concat(
    headerBlock(primary),
    headerBlock([
      ...extension('BINTABLE', [1, 1]),
      fixed('TFIELDS', 1),
      "TTYPE1  = 'a'",
      `TFORM1  = '${format}'`,
      ...cards,
    ]),
    data,
  );
const ascii = (format: string, text: string) =>
  concat(
    headerBlock(primary),
    headerBlock([
      ...extension('TABLE', [text.length, 1]),
      fixed('TFIELDS', 1),
      "TTYPE1  = 'a'",
      `TFORM1  = '${format}'`,
      fixed('TBCOL1', 1),
    ]),
    Buffer.from(text.padEnd(2880)),
  );

describe('a finding names check, HDU, keyword and byte', () => {
  it.each<[string, Uint8Array, string]>([
    ['another format', Buffer.from('hello'), 'error file 0 - 0'],
    ['a header without END', headerBlock([...primary, null]), 'error file 0 - 2880'],
    ['bytes behind the last HDU', concat(headerBlock(primary), new Uint8Array(9)), 'error file - - 2880'],
    [
      'data cut short',
      headerBlock([fixed('SIMPLE', 'T'), fixed('BITPIX', 8), fixed('NAXIS', 1), fixed('NAXIS1', 9)]),
      'error file 0 - 2880',
    ],
    [
      'a mandatory keyword out of order',
      headerBlock([primary[0]!, primary[2]!, primary[1]!]),
      'error mandatory 0 BITPIX 160',
    ],
    [
      'free format where fixed is asked for',
      headerBlock([primary[0]!, 'BITPIX  = 8', primary[2]!]),
      'error format 0 BITPIX 80',
    ],
    ['a keyword in lower case', withKeyword('object  = 5'), 'error syntax 0 object 240'],
    ['no slash before the comment', withKeyword('A       = 5 five'), 'error syntax 0 A 240'],
    ['a string without end', withKeyword("A       = 'five"), 'error syntax 0 A 240'],
    ['bytes beyond ASCII', withKeyword('COMMENT 20\xb0C'), 'error characters 0 COMMENT 240'],
    ['a keyword without value', withKeyword('A       ='.padEnd(80)), 'warning syntax 0 A 240'],
    ['a keyword twice', headerBlock([...primary, 'A       = 5', 'A       = 6']), 'warning duplicate 0 A 320'],
    ['a deprecated keyword', withKeyword('EPOCH   = 1950.0'), 'warning deprecated 0 EPOCH 240'],
    ['a reserved keyword of another type', withKeyword('OBJECT  = 5'), 'error reserved 0 OBJECT 240'],
    ['a date that is none', withKeyword("DATE    = '2031-02-29'"), 'error reserved 0 DATE 240'],
    ["a column's keyword in an image", withKeyword("TFORM1  = 'J'"), 'error misplaced 0 TFORM1 240'],
    [
      'an axis beyond WCSAXES',
      headerBlock([...primary, 'WCSAXES = 1', "CTYPE2  = 'X'"]),
      'error index 0 CTYPE2 320',
    ],
    [
      'an increment of zero',
      headerBlock([...primary, 'WCSAXES = 1', 'CDELT1  = 0.0']),
      'error wcs 0 CDELT1 320',
    ],
    [
      'an extension nobody registered',
      concat(headerBlock(primary), headerBlock(extension('MINE', []))),
      'error mandatory 1 XTENSION 2880',
    ],
    ['rows that are too long', table('2B', block()), 'error column 1 NAXIS1 3120'],
    [
      'a display format for another type',
      table('B', block(), "TDISP1  = 'A5'"),
      'error column 1 TDISP1 3680',
    ],
    ['dimensions of another size', table('B', block(), "TDIM1   = '(2,3)'"), 'error column 1 TDIM1 3680'],
    ['a TNULL out of range', table('B', block(), 'TNULL1  = 300'), 'warning column 1 TNULL1 3680'],
    ['a name with a blank', table('B', block(), "TTYPE2  = 'a b'"), 'error index 1 TTYPE2 3680'],
    ['fill that is not zero', table('B', block(1, 2)), 'error fill 1 - 5761'],
    ['a logical of another letter', table('L', block(65)), 'error data 1 TFORM1 5760'],
    ['bits behind the last one', table('5X', block(1)), 'error data 1 TFORM1 5760'],
    ['a string of other bytes', table('A', block(200)), 'error data 1 TFORM1 5760'],
    ['a number without point', ascii('F4.1', '  12'), 'error data 1 TFORM1 5760'],
    ['a number with a blank', ascii('I4', ' 1 2'), 'error data 1 TFORM1 5760'],
  ])('%s', async (_, bytes, expected) => {
    const { errors, warnings } = await verifyFits(memory(bytes));
    const all = [
      ...errors.map((finding) => ({ ...finding, severity: 'error' })),
      ...warnings.map((finding) => ({ ...finding, severity: 'warning' })),
    ].map((f) => `${f.severity} ${f.check} ${f.hdu ?? '-'} ${f.keyword ?? '-'} ${f.offset}`);
    expect(all).toContain(expected);
  });

  it('in a message made for people', async () => {
    const { errors } = await verifyFits(memory(table('3Z', block())));
    expect(errors).toMatchInlineSnapshot(`
      [
        {
          "check": "column",
          "hdu": 1,
          "keyword": "TFORM1",
          "message": "found "3Z", expected a repeat count and one of L X B I J K A E D C M, or [0 or 1]P or Q and one of them",
          "offset": 3600,
        },
      ]
    `);
  });

  it('that cells point outside the heap', async () => {
    const header = [
      ...extension('BINTABLE', [8, 1], 4),
      fixed('TFIELDS', 1),
      "TTYPE1  = 'a'",
      "TFORM1  = 'PJ(1)'",
    ];
    const { errors } = await verifyFits(
      memory(concat(headerBlock(primary), headerBlock(header), block(0, 0, 0, 2, 0, 0, 0, 0))),
    );
    expect(errors.map((e) => e.check)).toEqual(['heap', 'heap']);
  });
});

describe('what this package writes', () => {
  const path = join(temporaryDirectory(), 'own.fits');
  const header = Header.from([
    ['TEXT', 'long '.repeat(30)],
    ['EXPTIME', 12.5, '[s]'],
  ]);
  writeFile(path, [
    { kind: 'image', shape: [], header },
    { kind: 'image', name: 'SCI', shape: [30, 40], data: new Float32Array(1200).fill(1.5) },
    {
      kind: 'bintable',
      name: 'T',
      columns: [
        { name: 'a', data: ['x', 'yz'] },
        { name: 'b', data: [true, null] },
      ],
    },
  ]);

  it("has no findings, open or not, gzip'ed or not", async () => {
    using fits = await openFile(path);
    const bytes = await fits.source.slice(0, fits.source.byteLength);
    const nothing = { errors: [], warnings: [] };
    expect(await verifyFits(fits)).toEqual(nothing);
    expect(await verifyFits(memory(new Uint8Array(gzipSync(bytes))))).toEqual(nothing);
    expect(await verifyFits(await openFits(memory(bytes)))).toEqual(nothing);
  });

  it('has a checksum that tells when a pixel or a keyword was changed', async () => {
    using fits = await openFile(path);
    const bytes = new Uint8Array(await fits.source.slice(0, fits.source.byteLength));
    const { dataOffset, headerOffset } = fits.hdu('SCI');
    const changed = async (at: number, byte: number) => {
      const copy = bytes.slice();
      copy[at] = byte;
      const { errors, warnings } = await verifyFits(memory(copy));
      expect(errors).toEqual([]);
      return warnings.map(({ keyword, message }) => `${keyword} ${/header was|HDU was/.exec(message) ?? ''}`);
    };
    expect(await changed(dataOffset + 5, 9)).toEqual(['DATASUM ', 'CHECKSUM HDU was']);
    expect(await changed(headerOffset + 79, 65)).toEqual(['CHECKSUM header was']);
  });

  it('is a finding, and no exception, when it is cut anywhere', async () => {
    using fits = await openFile(path);
    const bytes = new Uint8Array(await fits.source.slice(0, fits.source.byteLength));
    for (let length = 0; length < bytes.length; length += 479) {
      const { errors } = await verifyFits(memory(bytes.subarray(0, length)));
      expect([length, length % 2880 === 0 || errors.length > 0]).toEqual([length, true]);
    }
    const cut = gzipSync(bytes).subarray(0, 300);
    expect((await verifyFits(memory(new Uint8Array(cut)))).errors.map((e) => e.check)).toEqual(['file']);
  });
});

describe('hostile files cost no more than their size', () => {
  /** Counts what is read. */
  const counted = (bytes: Uint8Array) => {
    let read = 0;
    const source: ByteSource = {
      byteLength: bytes.length,
      slice: (a, b) => {
        expect(a).toBeGreaterThanOrEqual(0);
        read += b - a;
        return bytes.subarray(a, b);
      },
    };
    return { source, read: () => read };
  };

  it.each<[string, Uint8Array]>([
    [
      'rows without end, none of them there',
      concat(
        headerBlock(primary),
        headerBlock([
          ...extension('BINTABLE', [1, 2 ** 40]).with(6, fixed('GCOUNT', 0)),
          fixed('TFIELDS', 1),
          "TFORM1  = 'L'",
        ]),
      ),
    ],
    [
      'rows wider than any memory, none of them there',
      concat(
        headerBlock(primary),
        headerBlock([
          ...extension('TABLE', [2 ** 45, 1]).with(6, fixed('GCOUNT', 0)),
          ...[fixed('TFIELDS', 1), fixed('TBCOL1', 1), "TFORM1  = 'A5'"],
        ]),
      ),
    ],
    [
      'a heap before the beginning of the file',
      concat(
        headerBlock(primary),
        headerBlock([
          ...extension('BINTABLE', [8, 1], 4),
          ...[fixed('TFIELDS', 1), "TFORM1  = 'PA'", fixed('THEAP', -99999999)],
        ]),
        block(0, 0, 0, 4),
      ),
    ],
    [
      '999999999999 columns',
      concat(
        headerBlock(primary),
        headerBlock([...extension('BINTABLE', [1, 1]), fixed('TFIELDS', 999999999999)]),
        block(),
      ),
    ],
    [
      'thousands of HDUs of one name',
      concat(
        headerBlock(primary),
        ...Array.from({ length: 3000 }, () => headerBlock([...extension('IMAGE', []), "EXTNAME = 'A'"])),
      ),
    ],
    [
      '100,000 faulty records',
      headerBlock([...primary, ...Array.from({ length: 100_000 }, () => 'a       = b c')]),
    ],
    [
      'cells that all point to the whole heap',
      concat(
        headerBlock(primary),
        headerBlock([
          ...extension('BINTABLE', [8, 3000], 30_000),
          fixed('TFIELDS', 1),
          "TTYPE1  = 'a'",
          "TFORM1  = 'PA'",
        ]),
        new Uint8Array(2880 * 19).map((_, i) => (i < 24_000 ? [0, 0, 0x75, 0x30, 0, 0, 0, 0][i % 8]! : 65)),
      ),
    ],
  ])('%s', async (_, bytes) => {
    const { source, read } = counted(bytes);
    const { errors, warnings } = await verifyFits(source);
    expect(errors.length + warnings.length).toBeLessThanOrEqual(1001);
    expect(read()).toBeLessThan(12 * bytes.length);
  });

  it('and random damage never throws', async () => {
    const good = concat(
      table('5A', block(65, 66), "TDISP1  = 'A5'"),
      headerBlock(extension('IMAGE', [3, 3])),
      block(),
    );
    const next = random(11);
    for (let n = 0; n < 1000; n++) {
      const bytes = good.slice(0, next() < 0.1 ? Math.floor(next() * good.length) : good.length);
      for (let k = 0; k < 5; k++) bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
      await expect(verifyFits(memory(bytes))).resolves.toBeDefined();
    }
  });
});
