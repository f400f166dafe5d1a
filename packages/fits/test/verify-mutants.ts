/** Small files, each a legal one with one or two faults, by seed. */
import { addDatasums, datasum } from '../src/index.ts';
import { concat, headerBlock, random } from './support.ts';

interface Part {
  cards: string[];
  data: Uint8Array;
  fill: number;
}

const card = (keyword: string, value: string | number) =>
  `${keyword.padEnd(8)}= ${typeof value === 'number' ? String(value).padStart(20) : value.padStart(value.startsWith("'") ? 0 : 20)}`;

const cardsOf = (entries: readonly (readonly [string, string | number])[]) =>
  entries.map(([keyword, value]) => card(keyword, value));

const bytes = (...values: (number | string)[]) =>
  Uint8Array.from(values.flatMap((v) => (typeof v === 'string' ? [...v].map((c) => c.charCodeAt(0)) : [v])));

function parts(): Part[] {
  const wcs = [
    ...cardsOf([
      ['CTYPE1', "'RA---TAN'"],
      ['CTYPE2', "'DEC--TAN'"],
      ['CRVAL1', '10.5'],
      ['CRVAL2', '-3.25'],
      ['CRPIX1', '2.0'],
      ['CRPIX2', '2.0'],
      ['CDELT1', '-0.001'],
      ['CDELT2', '0.001'],
    ]),
  ];
  const primary: Part = {
    cards: [
      ...cardsOf([
        ['SIMPLE', 'T'],
        ['BITPIX', 16],
        ['NAXIS', 2],
        ['NAXIS1', 5],
        ['NAXIS2', 4],
        ['EXTEND', 'T'],
        ['BSCALE', '1.0'],
        ['BZERO', '32768.0'],
        ['BUNIT', "'DN      '"],
        ['DATE-OBS', "'2031-07-14T01:02:03.5'"],
        ['OBJECT', "'NGC 1068'"],
        ['EQUINOX', '2000.0'],
      ]),
      'COMMENT made for tests',
      'HISTORY one line',
    ],
    data: Uint8Array.from({ length: 40 }, (_, i) => i),
    fill: 0,
  };
  const image: Part = {
    cards: [
      ...cardsOf([
        ['XTENSION', "'IMAGE   '"],
        ['BITPIX', -32],
        ['NAXIS', 2],
        ['NAXIS1', 3],
        ['NAXIS2', 4],
        ['PCOUNT', 0],
        ['GCOUNT', 1],
        ['EXTNAME', "'SCI     '"],
        ['EXTVER', 1],
      ]),
      ...wcs,
    ],
    data: new Uint8Array(48),
    fill: 0,
  };
  const rows = [0, 1, 2].map((row) =>
    bytes('T', 0xff, 0x80, 'ab\0cd', 0, 0, 0, row, 0, 0, 0, 1, 0, 0, 0, 4 * row, 0, 0, 0, 3, 0, 0, 0, 12),
  );
  const bintable: Part = {
    cards: cardsOf([
      ['XTENSION', "'BINTABLE'"],
      ['BITPIX', 8],
      ['NAXIS', 2],
      ['NAXIS1', 28],
      ['NAXIS2', 3],
      ['PCOUNT', 15],
      ['GCOUNT', 1],
      ['TFIELDS', 6],
      ['TTYPE1', "'flag    '"],
      ['TFORM1', "'L       '"],
      ['TTYPE2', "'bits    '"],
      ['TFORM2', "'9X      '"],
      ['TTYPE3', "'name    '"],
      ['TFORM3', "'5A      '"],
      ['TDISP3', "'A5      '"],
      ['TTYPE4', "'number  '"],
      ['TFORM4', "'J       '"],
      ['TNULL4', -1],
      ['TDISP4', "'I6      '"],
      ['TUNIT4', "'s       '"],
      ['TSCAL4', '1.0'],
      ['TZERO4', '2147483648.0'],
      ['TTYPE5', "'list    '"],
      ['TFORM5', "'PJ(1)   '"],
      ['TTYPE6', "'text    '"],
      ['TFORM6', "'PA(3)   '"],
      ['EXTNAME', "'TABLE   '"],
    ]),
    data: concat(...rows, new Uint8Array(12), bytes('xyz')),
    fill: 0,
  };
  const ascii: Part = {
    cards: cardsOf([
      ['XTENSION', "'TABLE   '"],
      ['BITPIX', 8],
      ['NAXIS', 2],
      ['NAXIS1', 20],
      ['NAXIS2', 2],
      ['PCOUNT', 0],
      ['GCOUNT', 1],
      ['TFIELDS', 3],
      ['TTYPE1', "'a       '"],
      ['TBCOL1', 1],
      ['TFORM1', "'A5      '"],
      ['TTYPE2', "'b       '"],
      ['TBCOL2', 7],
      ['TFORM2', "'I4      '"],
      ['TNULL2', "'-9      '"],
      ['TTYPE3', "'c       '"],
      ['TBCOL3', 12],
      ['TFORM3', "'F8.3    '"],
      ['TDISP3', "'F8.2    '"],
      ['TSCAL3', '2.0'],
    ]),
    data: bytes('hello   42    1.500 ', 'you     -9   -2.125 '),
    fill: 0x20,
  };
  const all = [primary, image, bintable, ascii];
  // fitsverify overlooks the keyword that comes first in the alphabet: one that nobody asks for.
  for (const { cards } of all) cards.push(card('A', 1));
  return all;
}

const padded = (data: Uint8Array, fill: number) => {
  const whole = new Uint8Array(Math.ceil(data.length / 2880) * 2880).fill(fill);
  whole.set(data);
  return whole;
};

/** The file of these parts; with DATASUM and CHECKSUM if asked for. */
function fileOf(list: readonly Part[], sums: boolean): Uint8Array {
  return concat(
    ...list.map(({ cards, data, fill }) => {
      const unit = padded(data, fill);
      if (!sums) return concat(headerBlock(cards), unit);
      const sum = datasum(unit);
      const all = [...cards, card('DATASUM', `'${sum}'`), card('CHECKSUM', "'0000000000000000'")];
      const total = addDatasums(datasum(headerBlock(all)), sum);
      return concat(headerBlock([...all.slice(0, -1), card('CHECKSUM', `'${encoded(total)}'`)]), unit);
    }),
  );
}

/** The ASCII form of a sum's complement, as appendix J of the standard has it. */
function encoded(sum: number): string {
  const complement = 0xffffffff - sum;
  const characters: number[] = new Array(16).fill(0);
  for (let i = 0; i < 4; i++) {
    const byte = Math.floor(complement / 2 ** (24 - 8 * i)) % 256;
    const four = Array.from({ length: 4 }, (_, j) => Math.floor(byte / 4) + 48 + (j === 0 ? byte % 4 : 0));
    const punctuation = (c: number) => (c > 57 && c < 65) || (c > 90 && c < 97);
    while (four.some(punctuation)) {
      for (const j of [0, 2]) {
        if (!punctuation(four[j] as number) && !punctuation(four[j + 1] as number)) continue;
        four[j] = (four[j] as number) + 1;
        four[j + 1] = (four[j + 1] as number) - 1;
      }
    }
    four.forEach((c, j) => {
      characters[4 * j + i] = c;
    });
  }
  const text = String.fromCharCode(...characters);
  return text.slice(15) + text.slice(0, 15);
}

const VALUES = [
  ...[
    '0',
    '1',
    '2',
    '3',
    '-1',
    '8',
    '16',
    '-32',
    '999',
    '1000',
    '99999999999',
    '1.5',
    '1.0E3',
    '1.0D3',
    '1e5',
    '0.0',
    'T',
  ],
  ...[
    'F',
    'TRUE',
    "''",
    "'x'",
    "' x'",
    "'unclosed",
    "'it''s'",
    "'a' b",
    '',
    '/ only a comment',
    '(1,2)',
    '(1.5,-2)',
    '(1 2)',
    'NaN',
  ],
  ...[
    "'3A'",
    "'20A7'",
    "'I4'",
    "'j'",
    "'E12.4'",
    "'1PE(3)'",
    "'(3,2)'",
    "'(5)'",
    "'F8.2'",
    "'G10.3E2'",
    "'A'",
    "'B'",
    "'2031-02-30'",
  ],
  ...[
    "'14/07/99'",
    "'14/07/05'",
    "'2031-07-14'",
    "'ICRS'",
    "'FK9'",
    "'LSRK'",
    '5 / fine',
    '5 no slash',
    '+5',
    '.5',
    '5.',
    "'BINTABLE'",
  ],
];

const EXTRA = [
  ...[
    'INHERIT',
    'EPOCH',
    'BLOCKED',
    'TBCOL1',
    'TFORM9',
    'TTYPE1',
    'TDIM3',
    'TDIM4',
    'TNULL1',
    'TSCAL1',
    'TZERO2',
    'TDISP1',
  ],
  ...[
    'TDISP4',
    'THEAP',
    'WCSAXES',
    'WCSAXESA',
    'CDELT1',
    'CRPIX3',
    'CTYPE3A',
    'PC1_1',
    'PC3_1',
    'CD1_2',
    'CROTA2',
    'RADESYS',
  ],
  ...[
    'SPECSYS',
    'LONPOLE',
    'CRDER1',
    'PV2_1',
    'DATE',
    'DATE-END',
    'MJD-OBS',
    'EXTVER',
    'EXTLEVEL',
    'EXTNAME',
    'AUTHOR',
    'BLANK',
  ],
  ...[
    'BSCALE',
    'DATAMAX',
    'PSCAL1',
    'GROUPS',
    'NAXIS3',
    'NAXIS',
    'SIMPLE',
    'XTENSION',
    'EXTEND',
    'PCOUNT',
    'GCOUNT',
    'TFIELDS',
  ],
  ...['NEWKEY', 'lower', 'BAD KEY', 'A.B', 'TUNIT9', 'TCTYP1', 'TCRVL9', 'LONGSTRN', 'CNAME1'],
];

const LINES = [
  'COMMENT bell \x07',
  'HISTORY \xe9t\xe9',
  "CONTINUE  'more text'",
  ' LEFT   =                    5',
  'NOVALUE',
  'NOBLANK =5',
  'HIERARCH ESO DET CHIP1 = 5',
  "LONG    = 'a string of several records&'",
  'TAB     =                    5 / a\ttab',
];

export interface Mutant {
  readonly what: string;
  readonly bytes: Uint8Array;
}

/** `count` files, reproducible. */
export function* mutants(seed: number, count: number): Generator<Mutant> {
  const next = random(seed);
  const below = (n: number) => Math.floor(next() * n);
  const pick = <T>(list: readonly T[]) => list[below(list.length)] as T;
  const format = (value: string) =>
    /^[A-Z0-9.+-]+$/.test(value) && next() < 0.8 ? value.padStart(20) : value;
  const mutate = (list: Part[]): string => {
    const part = pick(list);
    const where = `HDU ${list.indexOf(part)}`;
    const at = below(part.cards.length);
    const old = part.cards[at] as string;
    const how = next();
    if (how < 0.3) {
      part.cards[at] = `${old.slice(0, 10)}${format(pick(VALUES))}`;
      return `${where}: ${part.cards[at]}`;
    }
    if (how < 0.36) {
      part.cards.splice(at, 1);
      return `${where}: without ${old}`;
    }
    if (how < 0.42) {
      part.cards.splice(below(part.cards.length), 0, old);
      return `${where}: twice ${old}`;
    }
    if (how < 0.48) {
      const other = below(part.cards.length);
      part.cards[at] = part.cards[other] as string;
      part.cards[other] = old;
      return `${where}: exchanged ${old} and ${part.cards[at]}`;
    }
    if (how < 0.75) {
      const line = next() < 0.15 ? pick(LINES) : `${pick(EXTRA).padEnd(8)}= ${format(pick(VALUES))}`;
      part.cards.splice(3 + below(part.cards.length - 2), 0, line);
      return `${where}: with ${line}`;
    }
    if (how < 0.85) {
      const column = below(old.length);
      const byte = pick([0x00, 0x07, 0x80, 0xff, 0x61, 0x3d, 0x27, 0x20, 0x2f, 0x41]);
      part.cards[at] = `${old.slice(0, column)}${String.fromCharCode(byte)}${old.slice(column + 1)}`;
      return `${where}: byte ${byte} in column ${column + 1} of ${old}`;
    }
    const data = padded(part.data, part.fill);
    const offset = next() < 0.2 ? below(data.length) : below(part.data.length);
    data[offset] = pick([0, 1, 32, 46, 57, 65, 84, 127, 200, 255]);
    part.data = data;
    return `${where}: byte ${offset} of the data is ${data[offset]}`;
  };
  for (let n = 0; n < count; n++) {
    const list = structuredClone(parts()).slice(0, 1 + below(4));
    const sums = next() < 0.1;
    const whole = sums || next() < 0.08;
    const what: string[] = [];
    if (!whole) for (let times = next() < 0.8 ? 1 : 2; times > 0; times--) what.push(mutate(list));
    let file = fileOf(list, sums);
    const how = next();
    if (sums && how < 0.8) {
      const at = below(file.length);
      file[at] = pick([0, 32, 65, 255]);
      what.push(`checksums, and byte ${at} is ${file[at]}`);
    } else if (whole && how < 0.4) {
      file = file.slice(0, below(file.length));
      what.push(`cut at ${file.length}`);
    } else if (whole && how < 0.9) {
      file = concat(file, new Uint8Array(pick([1, 80, 2880, 3000])).fill(pick([0, 32, 65])));
      what.push(`${file.length} bytes with what was appended`);
    }
    yield { what: what.join('; '), bytes: file };
  }
}
