import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type DiffOptions,
  diffFits,
  type FitsDiff,
  type HduDiff,
  type HduInit,
  Header,
} from '../src/index.ts';
import { openFile, writeFile } from '../src/node.ts';
import { astropy, astropyData, temporaryDirectory } from './oracle.ts';

const directory = temporaryDirectory();
let made = 0;
const file = (hdus: readonly HduInit[]): string => {
  const path = join(directory, `${made++}.fits`);
  writeFile(path, hdus, { checksum: false });
  return path;
};
const compare = async (a: string, b: string, options: DiffOptions = {}): Promise<FitsDiff> => {
  using left = await openFile(a);
  using right = await openFile(b);
  return await diffFits(left, right, options);
};

const image = (
  change: (data: Float32Array) => void = () => {},
  cards: [string, string | number][] = [],
): HduInit => {
  const data = Float32Array.from({ length: 3 * 4 * 5 }, (_, i) => i / 8);
  change(data);
  return { kind: 'image', name: 'SCI', shape: [3, 4, 5], data, header: Header.from(cards) };
};
const integers = (change: (data: Int32Array) => void = () => {}): HduInit => {
  const data = Int32Array.from({ length: 12 }, (_, i) => 1000 * i);
  change(data);
  return { kind: 'image', shape: [3, 4], data };
};
const header = (...cards: [string, string | number | boolean, string?][]): HduInit => ({
  kind: 'image',
  shape: [],
  header: Header.from(cards.map(([k, v, c]) => [k, v, c ?? ''] as const))
    .history('one')
    .history('two'),
});
const table = (
  edit: {
    a?: number[];
    b?: number[];
    s?: string[];
    v?: number[];
    extra?: boolean;
    unit?: string;
    rows?: number;
  } = {},
): HduInit => {
  const rows = edit.rows ?? 4;
  const cut = <T>(values: T[]) => values.slice(0, rows);
  return {
    kind: 'bintable',
    name: 'T',
    columns: [
      { name: 'a', data: Float64Array.from(cut(edit.a ?? [1, 2, 3, 4])), unit: edit.unit ?? 's' },
      {
        name: 'b',
        data: Int16Array.from((edit.b ?? [1, 2, 3, 4, 5, 6, 7, 8]).slice(0, 2 * rows)),
        repeat: 2,
      },
      { name: 's', data: cut(edit.s ?? ['x', 'yy', 'zzz', '']) },
      {
        name: 'v',
        data: Float32Array.from(edit.v ?? [1, 2, 3, 4, 5]),
        offsets: [0, 2, 2, 3, 5].slice(0, rows + 1),
      },
      ...(edit.extra ? [{ name: 'extra', data: Int32Array.from({ length: rows }, (_, i) => i) }] : []),
    ],
  };
};

const cases: [string, HduInit[], HduInit[], DiffOptions?][] = [
  ['the same', [image(), table()], [image(), table()]],
  ['one pixel', [image()], [image((d) => (d[37] = 99))]],
  ['more pixels than are named', [image()], [image((d) => d.fill(-1, 10, 50))]],
  ['pixels within rtol', [image()], [image((d) => d.set(d.map((v) => v * (1 + 1e-5))))], { rtol: 1e-4 }],
  [
    'some pixels within rtol',
    [image()],
    [image((d) => d.set(d.map((v, i) => v * (1 + i * 1e-5))))],
    { rtol: 2.5e-4 },
  ],
  [
    'some pixels within atol',
    [image()],
    [image((d) => d.set(d.map((v, i) => v + i * 1e-3)))],
    { atol: 0.02 },
  ],
  ['NaN in both and in one', [image((d) => (d[3] = Number.NaN))], [image((d) => (d[3] = d[4] = Number.NaN))]],
  [
    'integers, for which there is no tolerance',
    [integers()],
    [integers((d) => (d[5] = 5001))],
    { rtol: 0.1, atol: 10 },
  ],
  ['another shape', [integers()], [{ kind: 'image', shape: [4, 3], data: new Int32Array(12) }]],
  [
    'another type',
    [integers()],
    [{ kind: 'image', shape: [3, 4], data: Float32Array.from({ length: 12 }, (_, i) => 1000 * i) }],
  ],
  ['a keyword of another value', [header(['A', 1], ['B', 'x'])], [header(['A', 2], ['B', 'x'])]],
  ['a comment', [header(['A', 1, 'one'])], [header(['A', 1, 'eins'])]],
  [
    'a comment that is ignored',
    [header(['A', 1, 'one'])],
    [header(['A', 1, 'eins'])],
    { ignoreComments: ['a'] },
  ],
  ['keywords that only one has', [header(['A', 1], ['C', 3])], [header(['A', 1], ['D', 3])]],
  [
    'keywords ignored by pattern',
    [header(['AB', 1], ['C', 3])],
    [header(['AB', 2], ['C', 3])],
    { ignoreKeywords: ['a*'] },
  ],
  ['a real keyword within rtol', [header(['A', 1.00001])], [header(['A', 1.00002])], { rtol: 1e-4 }],
  ['a real keyword beyond rtol', [header(['A', 1.00001])], [header(['A', 1.00002])], { rtol: 1e-6 }],
  [
    'an integer keyword, for which there is no tolerance',
    [header(['A', 1000])],
    [header(['A', 1001])],
    { rtol: 0.1 },
  ],
  [
    'the order of keywords, which does not matter',
    [header(['A', 1], ['B', 2])],
    [header(['B', 2], ['A', 1])],
  ],
  [
    'another number of HISTORY cards',
    [header()],
    [{ kind: 'image', shape: [], header: Header.from([]).history('one') }],
  ],
  ['reals of a table', [table()], [table({ a: [1, 2.5, 3, 5] })]],
  ['reals of a table within rtol', [table()], [table({ a: [1, 2.001, 3, 4.1] })], { rtol: 0.01 }],
  ['both elements of a cell', [table()], [table({ b: [1, 2, 0, 0, 5, 0, 7, 8] })]],
  ['strings', [table()], [table({ s: ['x', 'yx', 'zzz', 'w'] })]],
  ['cells of variable length', [table()], [table({ v: [1, 2, 3, 4, 6] })]],
  ['a unit', [table()], [table({ unit: 'min' })]],
  ['a column more', [table()], [table({ extra: true, a: [0, 2, 3, 4] })]],
  ['a column ignored', [table()], [table({ a: [0, 2, 3, 4] })], { ignoreColumns: ['A'] }],
  ['another number of rows', [table()], [table({ rows: 3, v: [1, 2, 3] })]],
  ['another number of HDUs', [image()], [image(), table()]],
  ['an HDU ignored', [image(), table()], [image()], { ignoreHdus: ['T'] }],
  ['another name', [image()], [{ ...image(), name: 'ERR' } as HduInit]],
];

/** astropy's attribute of a column by its keyword. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  TUNIT: 'unit',
  TNULL: 'null',
  TDISP: 'disp',
  TDIM: 'dim',
  TSCAL: 'bscale',
  TZERO: 'bzero',
  TBCOL: 'start',
};

const tally = (list: readonly { keyword: string }[]) => {
  const counts: Record<string, number> = {};
  for (const { keyword } of list) counts[keyword] = (counts[keyword] ?? 0) + 1;
  return counts;
};

/** Our findings in the form of oracle/fitsdiff.py. */
function plain({ index, names, versions, header: h, data: d }: HduDiff): unknown {
  const data =
    d === undefined
      ? null
      : d.kind === 'table'
        ? {
            total: d.total,
            ratio: d.ratio,
            first: d.first.map(({ column, row }) => [column, row]),
            columns: d.onlyInA.length + d.onlyInB.length > 0 ? [d.onlyInA, d.onlyInB] : [],
            rows: d.rows ?? [],
            attributes: d.attributes.map((x) => [x.column.toUpperCase(), ATTRIBUTES[x.keyword]]).sort(),
          }
        : { total: d.total, ratio: d.ratio, first: d.first.map((p) => p.index), shapes: d.shapes ?? [] };
  const only = h ? [h.onlyInA, h.onlyInB] : [[], []];
  return {
    index,
    names: names !== undefined,
    versions: versions !== undefined,
    only: only.flat().length > 0 ? only : [],
    counts: Object.fromEntries(h?.counts.map(({ keyword, counts }) => [keyword, counts]) ?? []),
    values: tally(h?.values ?? []),
    comments: tally(h?.comments ?? []),
    data,
  };
}

interface Truth {
  identical: boolean;
  hdus: unknown[];
}

function oracle(
  list: readonly (readonly [a: string, b: string, options: DiffOptions])[],
): Truth[] | undefined {
  const script = join(import.meta.dirname, 'oracle/fitsdiff.py');
  const named = list.map(([a, b, o]) => [
    a,
    b,
    {
      ignore_keywords: o.ignoreKeywords ?? [],
      ignore_comments: o.ignoreComments ?? [],
      ignore_fields: o.ignoreColumns ?? [],
      ignore_hdus: o.ignoreHdus ?? [],
      rtol: o.rtol ?? 0,
      atol: o.atol ?? 0,
    },
  ]);
  const json = astropy(script, [JSON.stringify(named)]);
  return json === undefined ? undefined : JSON.parse(json);
}

describe("verdict, counts and places are those of astropy's fitsdiff", () => {
  const files = cases.map(([, a, b, options]) => [file(a), file(b), options ?? {}] as const);
  const truth = oracle(files);
  it.each(cases.map(([name], i) => [name, i] as const))('for %s', async (_, i) => {
    if (!truth) return;
    expect(truth).toHaveLength(cases.length);
    const [a, b, options] = files[i] as (typeof files)[number];
    const ours = await compare(a, b, options);
    expect({ identical: ours.identical, hdus: ours.hdus.map(plain) }).toEqual(truth[i]);
  });
});

it("of astropy's test files each is like itself", async () => {
  const data = astropyData();
  for (const name of data ? readdirSync(data).filter((n) => n.endsWith('.fits')) : []) {
    const path = join(data ?? '', name);
    expect([name, await compare(path, path)]).toEqual([name, { identical: true, hdus: [] }]);
  }
});

describe('better than fitsdiff', () => {
  it('NaN differs from infinity', async () => {
    const [a, b] = [
      file([image((d) => (d[0] = Number.NaN))]),
      file([image((d) => (d[0] = Number.POSITIVE_INFINITY))]),
    ];
    expect((await compare(a, b)).hdus[0]?.data?.total).toBe(1);
  });

  it('a keyword that is ignored may be absent', async () => {
    const [a, b] = [file([header(['A', 1], ['DATE', 'x'])]), file([header(['A', 1])])];
    expect(await compare(a, b, { ignoreKeywords: ['DATE'] })).toEqual({ identical: true, hdus: [] });
    expect((await compare(a, b)).identical).toBe(false);
  });

  it('64-bit integers are compared exactly', async () => {
    const wide = (value: bigint): HduInit => ({ kind: 'image', shape: [1], data: BigInt64Array.of(value) });
    const { hdus } = await compare(file([wide(2n ** 60n)]), file([wide(2n ** 60n + 1n)]));
    expect(hdus[0]?.data).toMatchObject({
      total: 1,
      first: [{ index: [0], a: 2n ** 60n, b: 2n ** 60n + 1n }],
    });
  });
});
