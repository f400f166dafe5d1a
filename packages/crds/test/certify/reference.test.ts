import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HduInit, Header, type HeaderEntry } from '@iris-drs/fits';
import { writeFile } from '@iris-drs/fits/node';
import { afterAll, describe, expect, it } from 'vitest';
import { certifiedTypes, ruleOf } from '../../src/certify/rules/index.ts';
import { certifyReference } from '../../src/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'drs-certify-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const SHAPE = [8, 10];
const plane = (value: number | ((i: number) => number)): Float32Array =>
  Float32Array.from({ length: 80 }, (_, i) => (typeof value === 'number' ? value : value(i)));

const keywords = (type: string, more: readonly HeaderEntry[] = []): HeaderEntry[] => [
  ['TELESCOP', 'TMT'],
  ['INSTRUME', 'IRIS'],
  ['DETECTOR', 'IMG1'],
  ['SUBARRAY', 'FULL'],
  ['FILTER', 'K'],
  ['PUPIL', 'CLEAR'],
  ['REFTYPE', type.toUpperCase()],
  ['USEAFTER', '2030-01-01T00:00:00'],
  ['AUTHOR', 'tests'],
  ['DESCRIP', 'made for a test'],
  ['PEDIGREE', 'SIMULATION'],
  ...more,
];

const sci = (data = plane((i) => 1 + i / 1000), name = 'SCI', shape = SHAPE): HduInit => ({
  kind: 'image',
  name,
  shape,
  data,
});

let count = 0;
const file = (type: string, hdus: readonly HduInit[], header = keywords(type)): string => {
  const path = join(directory, `${type}_${count++}.fits`);
  writeFile(path, [{ kind: 'image', shape: [], header: Header.from(header) }, ...hdus]);
  return path;
};

/** Severity and message of each finding. */
const faults = async (...of: Parameters<typeof certifyReference>): Promise<string[]> =>
  (await certifyReference(...of)).map(({ severity, message }) => `${severity}: ${message}`);

const without = (type: string, keyword: string): HeaderEntry[] =>
  keywords(type).filter(([name]) => name !== keyword);
const instead = (type: string, keyword: string, value: HeaderEntry[1]): HeaderEntry[] =>
  keywords(type).map((entry) => (entry[0] === keyword ? [keyword, value] : entry));

describe('a reference is certified', () => {
  it('without fault when it is as its type wants it', async () => {
    expect(await faults(file('flat', [sci()]))).toEqual([]);
    expect(await faults(file('dark', [sci(plane(0.01))]), 'DARK')).toEqual([]);
    expect(await faults(file('gain', [sci(plane(2), 'GAIN')]))).toEqual([]);
  });

  it('by its keywords: presence, values, types, dates', async () => {
    const flat = (header: HeaderEntry[]) => faults(file('flat', [sci()], header));
    expect(await flat(without('flat', 'USEAFTER'))).toEqual(['error: USEAFTER is missing; expected a date']);
    expect(await flat(instead('flat', 'USEAFTER', 'soon'))).toEqual([
      "error: USEAFTER is 'soon'; expected a date, YYYY-MM-DDTHH:MM:SS",
    ]);
    expect(await flat(instead('flat', 'USEAFTER', 2030))).toEqual([
      'error: USEAFTER is 2030; expected a date, YYYY-MM-DDTHH:MM:SS',
    ]);
    expect(await flat(instead('flat', 'DETECTOR', 'IMG7'))).toEqual([
      expect.stringMatching(/^error: DETECTOR is 'IMG7'; expected one of IMG1, IMG2/),
    ]);
    expect(await flat(instead('flat', 'DETECTOR', 'IMG1|IRIS2'))).toEqual([]);
    expect(await flat(without('flat', 'AUTHOR'))).toEqual(['warning: AUTHOR is missing; expected text']);
    expect(await flat(instead('flat', 'INSTRUME', 'NIRC2'))).toEqual([
      "error: INSTRUME is 'NIRC2'; expected IRIS",
    ]);
    expect(await flat(instead('flat', 'FILTER', 'Kbb'))).toEqual([]);
    expect(await flat(instead('flat', 'FILTER', 'F070W'))).toEqual([
      expect.stringMatching(/^warning: FILTER is 'F070W'; expected one of ZBB, YBB, .* and \d+ more$/),
    ]);
    const dark = file('dark', [sci(plane(0))], keywords('dark', [['EXPTIME', -1]]));
    expect(await faults(dark)).toEqual(['error: EXPTIME is -1; expected a number above 0']);
  });

  it('says where, what was found and what was expected', async () => {
    const path = file('flat', [sci()], instead('flat', 'FILTER', true));
    expect(await certifyReference(path)).toEqual([
      {
        severity: 'error',
        file: path.split('/').at(-1),
        hdu: 'PRIMARY',
        keyword: 'FILTER',
        found: 'true',
        expected: 'text in quotes',
        message: 'FILTER is true; expected text in quotes',
      },
    ]);
  });

  it('by its type', async () => {
    const path = file('flat', [sci()]);
    expect(await faults(path, 'dark')).toContain("error: REFTYPE is 'FLAT'; expected DARK");
    expect(await faults(file('flat', [sci()], without('flat', 'REFTYPE')))).toEqual([
      'error: REFTYPE is missing and no type was named; name one',
    ]);
    expect(await faults(file('flat', [sci()], without('flat', 'REFTYPE')), 'flat')).toEqual([
      'warning: REFTYPE is missing; expected text',
    ]);
    expect(await faults(file('novelty', [sci()]))).toEqual([
      'warning: nothing is known of references of the type novelty; only keywords of all references are checked',
    ]);
    expect(await faults(file('nonlin', [sci(plane(1), 'COEFFS', [1, 8, 10])]), 'linearity')).toEqual([
      'warning: NLFORM is missing; expected one of POLYNOMIAL, LINEARITY',
    ]);
  });

  it('by its extensions: presence, kind, axes, equal shapes, units', async () => {
    expect(await faults(file('flat', []))).toEqual([
      'error: no image SCI or DATA or PRIMARY; the file has PRIMARY',
    ]);
    expect(await faults(file('flat', [sci(plane(1), 'SCI', [2, 4, 10])]))).toEqual([
      'error: SCI has 3 axes, [2, 4, 10]; expected 2 axes',
    ]);
    const dq = { kind: 'image', name: 'DQ', shape: [10, 8], data: new Uint32Array(80) } as const;
    expect(await faults(file('flat', [sci(), dq]))).toEqual([
      'error: DQ has [10, 8] rows and columns; expected [8, 10] as SCI has',
    ]);
    expect(await faults(file('flat', [sci(), { ...dq, shape: SHAPE, data: plane(0) }]))).toEqual([
      'error: DQ has real numbers; expected whole numbers',
    ]);
    const gain = { ...sci(plane(2), 'GAIN'), header: Header.from([['BUNIT', 'DN/electron']]) } as HduInit;
    expect(await faults(file('gain', [gain]))).toEqual([
      "error: GAIN has BUNIT 'DN/electron'; expected electron/DN",
    ]);
    const table: HduInit = {
      kind: 'bintable',
      name: 'SCI',
      columns: [{ name: 'A', data: Float64Array.of(1) }],
    };
    expect(await faults(file('flat', [table]))).toEqual(['error: SCI is a table; expected an image']);
  });

  it('by its pixels: flat near 1, gain above 0, noise not negative, enough of them finite', async () => {
    expect(await faults(file('flat', [sci(plane((i) => 5000 + i))]))).toEqual([
      'error: SCI: the median is 5039.5; expected 0.9 to 1.1',
    ]);
    expect(await faults(file('flat', [sci(plane((i) => (i < 20 ? Number.NaN : 1)))]))).toEqual([
      'error: SCI: finite are 75.0 %; expected at least 90.0 % of the pixels',
    ]);
    expect(
      await faults(
        file('gain', [
          sci(
            plane((i) => i - 2),
            'GAIN',
          ),
        ]),
      ),
    ).toEqual(['error: GAIN: the least pixel is -2; expected above 0']);
    expect(
      await faults(
        file('readnoise', [
          sci(
            plane((i) => (i === 7 ? -0.5 : 3)),
            'RN',
          ),
        ]),
      ),
    ).toEqual(['error: RN: the least pixel is -0.5; expected at least 0']);
    const err = sci(
      plane((i) => (i === 3 ? -1 : 1)),
      'ERR',
    );
    expect(await faults(file('flat', [sci(), err]))).toEqual([
      'error: ERR: the least pixel is -1; expected at least 0',
    ]);
    expect(await faults(file('flat', [sci(plane(7))]), 'flat', { pixels: false })).toEqual([]);
  });

  it('by pixels that DQ does not flag', async () => {
    const bad = plane((i) => (i < 3 ? -10 : 2));
    const dq: HduInit = {
      kind: 'image',
      name: 'DQ',
      shape: SHAPE,
      data: Uint32Array.from({ length: 80 }, (_, i) => (i < 3 ? 1 : 0)),
    };
    expect(await faults(file('gain', [sci(bad, 'GAIN'), dq]))).toEqual([]);
    expect(await faults(file('mask', [{ ...dq, data: new Uint32Array(80).fill(1) } as HduInit]))).toEqual([
      'warning: DQ: flagged are 100.0 %; expected at most 50.0 % of the pixels',
    ]);
  });

  it('by its DQ_DEF: one bit each, none twice', async () => {
    const dq: HduInit = { kind: 'image', name: 'DQ', shape: SHAPE, data: new Uint32Array(80) };
    const def = (bits: number[], values: number[], names: string[]): HduInit => ({
      kind: 'bintable',
      name: 'DQ_DEF',
      columns: [
        { name: 'BIT', data: Int32Array.from(bits) },
        { name: 'VALUE', data: Uint32Array.from(values) },
        { name: 'NAME', data: names },
        { name: 'DESCRIPTION', data: names.map(() => '-') },
      ],
    });
    const names = ['DO_NOT_USE', 'HOT'];
    expect(await faults(file('mask', [dq, def([0, 11], [1, 2048], names)]))).toEqual([]);
    expect(await faults(file('mask', [dq, def([0, 1], [1, 3], names)]))).toEqual([
      'error: DQ_DEF gives HOT the value 3; expected one bit',
    ]);
    expect(await faults(file('mask', [dq, def([0, 0], [1, 1], names)]))).toEqual([
      'error: DQ_DEF gives HOT and DO_NOT_USE the same value 1',
    ]);
    expect(await faults(file('mask', [dq, def([0, 4], [1, 2048], names)]))).toEqual([
      'error: DQ_DEF gives HOT bit 4 and value 2048, which differ',
    ]);
  });

  it('by the columns of its tables', async () => {
    const table = (columns: Extract<HduInit, { kind: 'bintable' }>['columns']): HduInit => ({
      kind: 'bintable',
      name: 'DRIZPARS',
      columns,
    });
    const good = [
      { name: 'NUMIMAGES', data: Int32Array.of(1) },
      { name: 'FILTER', data: ['ANY'] },
      { name: 'PIXFRAC', data: Float64Array.of(1) },
      { name: 'KERNEL', data: ['square'] },
      { name: 'FILLVAL', data: Float64Array.of(0) },
    ];
    expect(await faults(file('drizpars', [table(good)]))).toEqual([]);
    expect(await faults(file('drizpars', [table(good.slice(0, 2))]))).toEqual([
      'error: DRIZPARS has no column PIXFRAC; it has NUMIMAGES, FILTER',
      'warning: DRIZPARS has no column KERNEL; it has NUMIMAGES, FILTER',
      'warning: DRIZPARS has no column FILLVAL; it has NUMIMAGES, FILTER',
    ]);
    expect(await faults(file('drizpars', [table(good.with(2, { name: 'PIXFRAC', data: ['1'] }))]))).toEqual([
      'error: DRIZPARS.PIXFRAC holds text; expected numbers',
    ]);
  });
});

describe('what is no reference is told in one line', () => {
  it.each([
    ['nothing', ''],
    ['text', 'not a FITS file at all\n'.repeat(500)],
    ['a header that never ends', 'COMMENT x'.padEnd(80).repeat(400_000)],
    ['a git-lfs pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 134352000\n'],
  ])('%s', async (name, text) => {
    const path = join(directory, `${name.replaceAll(' ', '_')}.fits`);
    writeFileSync(path, text);
    const findings = await certifyReference(path, 'flat');
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ severity: 'error' });
    expect(findings[0]?.message.length).toBeLessThan(400);
  });
});

describe('rules of types', () => {
  it('are there for every frame of the calibration tables, and say what new rules choose by', () => {
    const tables = ['adcmeta', 'arc', 'mask', 'dark', 'envmeta', 'fiber', 'fluxstar', 'instmeta', 'rectmat'];
    const more = ['nfirmeta', 'pinhole', 'psfmeta', 'psf', 'sky', 'telmeta', 'flat', 'gain', 'readnoise'];
    for (const type of [...tables, ...more]) expect(certifiedTypes()).toContain(type);
    for (const type of certifiedTypes()) {
      expect(
        ruleOf(type)?.chosenBy.every(
          (name) => name.startsWith('META.INSTRUMENT.') || name.startsWith('META.SUBARRAY.'),
        ),
      ).toBe(true);
    }
  });
});
