import { type HduInit, Header } from '@iris-drs/fits';
import { writeFile } from '@iris-drs/fits/node';
import type { RawImage } from '@iris-drs/kernels';
import { describe, expect, it } from 'vitest';
import { DQ, listDetectors, openRamp, readPixelFlags, unfoldRamp } from '../../src/index.ts';
import { astropy, messageOf, sharedEngine, temporary } from '../support.ts';

type Cards = Record<string, string | number | boolean>;
type Data = Float32Array | Uint16Array | Int16Array | Int32Array | Float64Array | Uint8Array | Uint32Array;

const path = temporary();
const shared = sharedEngine();

const header = (cards: Cards) => Header.from(Object.entries(cards));
const primary = (cards: Cards = {}): HduInit => ({ kind: 'image', header: header(cards), shape: [] });
const image = (
  name: string,
  shape: readonly number[],
  data: Data,
  cards: Cards = {},
  version = 1,
): HduInit => ({
  kind: 'image',
  name,
  version,
  header: header(cards),
  shape,
  data,
});

/** Value of a pixel tells ramp, read and place: ramp·10000 + read·1000 + pixel. */
const coded = (nramps: number, nreads: number, pixels: number): number[] =>
  Array.from({ length: nramps * nreads * pixels }, (_, i) => {
    const plane = Math.floor(i / pixels);
    return Math.floor(plane / nreads) * 10000 + (plane % nreads) * 1000 + (i % pixels);
  });

async function pixels(raw: RawImage | undefined): Promise<number[]> {
  if (raw === undefined) throw new Error('no such read');
  const plane = await shared.engine.readFloat(raw);
  const values = [...plane.data];
  plane.release();
  return values;
}

const [ny, nx] = [4, 5];
const size = ny * nx;
/** Pixels of read `read` of ramp `ramp`, as `coded` makes them. */
const expected = (ramp: number, read: number) =>
  Array.from({ length: size }, (_, i) => ramp * 10000 + read * 1000 + i);

describe('layouts', () => {
  it('4-D as JWST and iris_pipeline write it, like the 10 × 10 ramp that comes with iris_readout', async () => {
    const made = astropy(
      `
d = np.repeat(np.array([0, 4000, 8000, 12000], 'f4'), 100).reshape(1, 4, 10, 10)
p = fits.PrimaryHDU(); p.header['DATAMODL'] = 'TMTRampModel'; p.header['DETECTOR'] = 'IRIS1'
fits.HDUList([p, fits.ImageHDU(d, name='SCI', ver=1), fits.ImageHDU(np.full((10, 10), 2, 'u4'), name='PIXELDQ', ver=1),
  fits.ImageHDU(np.full((1, 4, 10, 10), 4, 'u1'), name='GROUPDQ', ver=1), fits.ImageHDU(d, name='ERR', ver=1)]).writeto(args[0]); print('true')
`,
      path('sample.fits'),
    );
    if (made === undefined) return;
    const ramp = await openRamp(path('sample.fits'), { detector: 'IMG1' });
    expect(ramp).toMatchObject({
      kind: 'ramp',
      shape: [1, 4, 10, 10],
      detector: 'IRIS1',
      dtype: 'float32',
      timeSource: 'none',
    });
    expect(ramp.times).toEqual([[0, 1, 2, 3]]);
    expect(ramp.warnings).toEqual(['no timing in the header: reads are taken to be 1 s apart']);
    const means = await Promise.all(ramp.reads[0]!.map(async (read) => (await pixels(read))[99]));
    expect(means).toEqual([0, 4000, 8000, 12000]);
    expect(new Set(await pixels(ramp.pixelDq))).toEqual(new Set([2]));
    expect(new Set(await pixels(ramp.groupDq?.[0]?.[3]))).toEqual(new Set([4]));
  });

  it.each([
    ['uint16', Uint16Array],
    ['int16', Int16Array],
    ['int32', Int32Array],
    ['float32', Float32Array],
    ['float64', Float64Array],
  ] as const)('two ramps of three reads of %s', async (dtype, Type) => {
    const file = path(`${dtype}.fits`);
    writeFile(file, [primary({ TGROUP: 10 }), image('SCI', [2, 3, ny, nx], Type.from(coded(2, 3, size)))]);
    const ramp = await openRamp(file);
    expect(ramp).toMatchObject({ shape: [2, 3, ny, nx], dtype });
    for (const r of [0, 1])
      for (const k of [0, 1, 2]) expect(await pixels(ramp.reads[r]?.[k])).toEqual(expected(r, k));
  });

  it('a cube is one ramp, in an extension or the primary HDU', async () => {
    const data = Uint16Array.from(coded(1, 3, size));
    writeFile(path('cube.fits'), [primary(), image('SCI', [3, ny, nx], data, { BUNIT: 'DN' })]);
    writeFile(path('primary.fits'), [{ kind: 'image', shape: [3, ny, nx], data }]);
    for (const file of ['cube.fits', 'primary.fits']) {
      const ramp = await openRamp(path(file));
      expect(ramp).toMatchObject({ kind: 'ramp', shape: [1, 3, ny, nx] });
      expect(await pixels(ramp.reads[0]?.[2])).toEqual(expected(0, 2));
    }
  });

  it('liger: DATA (groups, reads, y, x), DQ of every read, TIMES of every group', async () => {
    writeFile(path('liger.fits'), [
      primary({ DATAMODL: 'RampModel', READMODE: 'MCDS' }),
      image('DATA', [2, 3, ny, nx], Uint16Array.from(coded(2, 3, size))),
      image('DQ', [2, 3, ny, nx], Uint16Array.from(coded(2, 3, size))),
      image('TIMES', [2, 3], Float64Array.of(0, 2, 4, 0, 3, 6)),
    ]);
    const ramp = await openRamp(path('liger.fits'));
    expect(ramp).toMatchObject({ shape: [2, 3, ny, nx], timeSource: 'TIMES', sampling: { method: 'mcds' } });
    expect(ramp.times).toEqual([
      [0, 2, 4],
      [0, 3, 6],
    ]);
    expect(await pixels(ramp.groupDq?.[1]?.[2])).toEqual(expected(1, 2));
    expect(ramp.pixelDq).toBeUndefined();
  });

  it('liger with reads interleaved (y, x, groups, reads): said so, and unfolded on request', async () => {
    const made = astropy(
      `
d = np.arange(2*3*20, dtype='u2').reshape(2, 3, 4, 5)
fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(d.transpose(2, 3, 0, 1).copy(), name='DATA'), fits.ImageHDU(np.array([[0, 2, 4], [0, 2, 4.0]]), name='TIMES'), fits.ImageHDU((d.transpose(2, 3, 0, 1) % 8).astype('u1'), name='GROUPDQ'), fits.ImageHDU(d[0, 0].astype('u4'), name='PIXELDQ')]).writeto(args[0]); print('true')
`,
      path('folded.fits'),
    );
    if (made === undefined) return;
    expect(await messageOf(openRamp(path('folded.fits')))).toMatchInlineSnapshot(
      `"DataModelError: folded.fits[DATA]: found [ny, nx, groups, reads] = [4, 5, 2, 3], the pixels of a read lying apart, expected [groups, reads, ny, nx]; unfoldRamp writes it. See the list of layouts that openRamp reads."`,
    );
    expect(await unfoldRamp(path('folded.fits'), path('unfolded.fits'))).toBe(true);
    const ramp = await openRamp(path('unfolded.fits'));
    expect(ramp).toMatchObject({ shape: [2, 3, 4, 5], dtype: 'uint16', timeSource: 'TIMES' });
    expect(await pixels(ramp.reads[1]?.[2])).toEqual(Array.from({ length: 20 }, (_, i) => 100 + i));
    expect(await pixels(ramp.groupDq?.[1]?.[2])).toEqual(Array.from({ length: 20 }, (_, i) => (100 + i) % 8));
    expect(await pixels(ramp.pixelDq)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(await unfoldRamp(path('unfolded.fits'), path('x.fits'))).toBe(false);
  });

  it('several detectors in one file', async () => {
    writeFile(path('mosaic.fits'), [
      primary({ FRM_TIME: 720000 }),
      ...[1, 2, 3, 4].map((v) =>
        image('SCI', [2, ny, nx], new Uint16Array(2 * size).fill(v), { DETECTOR: `IMG${v}` }, v),
      ),
      image('PIXELDQ', [ny, nx], new Uint32Array(size).fill(3), {}, 3),
    ]);
    expect(await listDetectors(path('mosaic.fits'))).toEqual(
      [1, 2, 3, 4].map((v) => ({ extver: v, detector: `IMG${v}` })),
    );
    const ramp = await openRamp(path('mosaic.fits'), { detector: 'IMG3' });
    expect(ramp).toMatchObject({ extver: 3, detector: 'IMG3', timeSource: 'FRM_TIME', times: [[0, 0.72]] });
    expect(new Set(await pixels(ramp.reads[0]?.[1]))).toEqual(new Set([3]));
    expect(new Set(await pixels(ramp.pixelDq))).toEqual(new Set([3]));
    expect(await messageOf(openRamp(path('mosaic.fits')))).toMatchInlineSnapshot(
      `"DataModelError: mosaic.fits[SCI]: found SCI,1 (IMG1), SCI,2 (IMG2), SCI,3 (IMG3), SCI,4 (IMG4), expected EXTVER or detector to be given. Say which one is meant."`,
    );
  });

  it('a 2-D raw science frame is a frame, a 2-D image with READ_NO a read', async () => {
    writeFile(path('frame.fits'), [
      primary({ EXPTIME: 30 }),
      image('SCI', [ny, nx], new Float32Array(size), { BUNIT: 'DN/s' }),
    ]);
    expect(await openRamp(path('frame.fits'))).toMatchObject({
      kind: 'frame',
      shape: [1, 1, ny, nx],
      exposureTimeSeconds: 30,
    });
    writeFile(path('read.fits'), [
      { kind: 'image', header: header({ READ_NO: 0 }), shape: [ny, nx], data: new Uint16Array(size) },
    ]);
    expect(await openRamp(path('read.fits'))).toMatchObject({ kind: 'ramp', shape: [1, 1, ny, nx] });
  });
});

describe('one file for each read', () => {
  const write = (name: string, ramp: number, read: number, cards: Cards = {}) => {
    const data = Uint16Array.from(expected(ramp, read));
    const own = {
      RAMP_NO: ramp,
      READ_NO: read,
      DET_ID: 'IMG2',
      GAIN: 2.5,
      READNOIS: 9,
      SAMPMODE: 'UTR',
      ...cards,
    };
    writeFile(path(name), [{ kind: 'image', header: header(own), shape: [ny, nx], data }]);
    return path(name);
  };
  const mjd = 61000 * 86400e6;

  it('in any order: by RAMP_NO and READ_NO, times from READTIME and RST_TIME', async () => {
    const files = [1, 0].flatMap((ramp) =>
      [2, 0, 1].map((read) =>
        write(`r${ramp}${read}.fits`, ramp, read, {
          READTIME: mjd + ramp * 5e6 + (read + 1) * 720000,
          RST_TIME: mjd + ramp * 5e6,
        }),
      ),
    );
    const ramp = await openRamp(files);
    expect(ramp).toMatchObject({
      shape: [2, 3, ny, nx],
      timeSource: 'READTIME',
      detector: 'IMG2',
      gain: 2.5,
      readNoise: 9,
      sampling: { method: 'utr' },
      warnings: [],
    });
    for (const times of ramp.times)
      for (const [k, t] of times.entries()) expect(t).toBeCloseTo(0.72 * (k + 1), 9);
    expect(await pixels(ramp.reads[1]?.[2])).toEqual(expected(1, 2));
  });

  it('more files than a process may have open', async () => {
    const files = Array.from({ length: 1500 }, (_, read) =>
      write(`many${read}.fits`, 0, read, { FRM_TIME: 1e6 }),
    );
    expect((await openRamp(files)).shape).toEqual([1, 1500, ny, nx]);
  });

  it('headers for a frame hold nothing of single reads, and the coordinates of two axes', async () => {
    const wcs = {
      CTYPE1: 'RA---TAN',
      CTYPE2: 'DEC--TAN',
      CTYPE3: 'TIME',
      CRPIX3: 1,
      PC3_3: 1,
      WCSAXES: 3,
      OBJECT: 'x',
    };
    const ramp = await openRamp([write('h0.fits', 0, 0, wcs), write('h1.fits', 0, 1, wcs)]);
    expect(ramp.header.keywords()).toEqual(['DET_ID', 'GAIN', 'READNOIS', 'SAMPMODE', 'OBJECT']);
    expect(ramp.sciHeader.keywords()).toEqual(['CTYPE1', 'CTYPE2']);
  });

  it('a lost read leaves a gap in time, an incomplete one is left out', async () => {
    const files = [0, 1, 3].map((read) => write(`g${read}.fits`, 0, read, { FRM_TIME: 1000000 }));
    files.push(write('g4.fits', 0, 4, { COMPLETE: false }));
    const ramp = await openRamp(files);
    expect(ramp.times).toEqual([[0, 1, 3]]);
    expect(ramp.warnings.join()).toMatch(/g4\.fits is left out: COMPLETE is F/);
  });

  it('ramps of unlike length are told', async () => {
    const files = [write('u00.fits', 0, 0), write('u01.fits', 0, 1), write('u10.fits', 1, 0)];
    const ramp = await openRamp(files);
    expect(ramp.reads.map((reads) => reads.length)).toEqual([2, 1]);
    expect(ramp.warnings).toContain('ramps differ in length: 2, 1 reads');
  });

  it('without numbers, in the order given', async () => {
    const files = [5, 6, 7].map((value) => {
      writeFile(path(`p${value}.fits`), [
        {
          kind: 'image',
          header: header({ DATAMODL: 'RampRead' }),
          shape: [ny, nx],
          data: new Uint16Array(size).fill(value),
        },
      ]);
      return path(`p${value}.fits`);
    });
    const ramp = await openRamp(files);
    expect(ramp.shape).toEqual([1, 3, ny, nx]);
    expect((await pixels(ramp.reads[0]?.[1]))[0]).toBe(6);
  });

  it('cubes in several files are ramps', async () => {
    const files = [0, 1].map((r) => {
      writeFile(path(`c${r}.fits`), [
        primary({ TGROUP: 3 }),
        image('SCI', [2, ny, nx], Uint16Array.from([...expected(r, 0), ...expected(r, 1)])),
      ]);
      return path(`c${r}.fits`);
    });
    const ramp = await openRamp(files);
    expect(ramp).toMatchObject({
      shape: [2, 2, ny, nx],
      times: [
        [0, 3],
        [0, 3],
      ],
    });
    expect(await pixels(ramp.reads[1]?.[0])).toEqual(expected(1, 0));
  });

  it('the same read twice is refused', async () => {
    const files = [write('d0.fits', 0, 0), write('d1.fits', 0, 1), write('d2.fits', 0, 1)];
    expect(await messageOf(openRamp(files))).toMatchInlineSnapshot(
      `"DataModelError: d2.fits READ_NO: found read 1 of ramp 0, which d1.fits has too, expected each read once. Remove one of the two files, or correct RAMP_NO and READ_NO."`,
    );
  });

  it('reads of unlike size are refused', async () => {
    writeFile(path('small.fits'), [
      { kind: 'image', header: header({ READ_NO: 1 }), shape: [2, 2], data: new Uint16Array(4) },
    ]);
    expect(await messageOf(openRamp([write('big.fits', 0, 0), path('small.fits')]))).toMatchInlineSnapshot(
      `"DataModelError: small.fits[PRIMARY]: found reads of [2, 2], expected [4, 5] as in the first file. Give data of one size, or subarray keywords that say where the frame lies."`,
    );
  });
});

describe('flags of the pixels', () => {
  it('are translated to our table', async () => {
    writeFile(path('flagged.fits'), [
      primary({ CAL_VER: '0.17.0', DATAMODL: 'TMTRampModel', TGROUP: 1 }),
      image('SCI', [1, 2, 2, 2], new Float32Array(8)),
      image('PIXELDQ', [2, 2], Uint32Array.of(0, DQ.HOT, 256, 64)),
    ]);
    using flags = await readPixelFlags(shared.engine, await openRamp(path('flagged.fits')));
    expect([...(flags?.data ?? [])]).toEqual([0, DQ.HOT, DQ.OTHER_BAD_PIXEL, 0]);
  });

  it('are undefined where the file has none', async () => {
    writeFile(path('unflagged.fits'), [primary({ TGROUP: 1 }), image('SCI', [2, 2, 2], new Uint16Array(8))]);
    expect(await readPixelFlags(shared.engine, await openRamp(path('unflagged.fits')))).toBeUndefined();
  });
});

describe('timing, by precedence', () => {
  it.each([
    [{ TGROUP: 10, TFRAME: 3, EXPTIME: 99 }, 10, 'TGROUP'],
    [{ TFRAME: 3, NFRAMES: 4, GROUPGAP: 1, EXPTIME: 99 }, 15, 'TFRAME'],
    [{ TFRAME: 3 }, 3, 'TFRAME'],
    [{ FRAMTIME: 1.5, FRM_TIME: 720000 }, 1.5, 'FRAMTIME'],
    [{ FRM_TIME: 720000, EXPTIME: 99 }, 0.72, 'FRM_TIME'],
    [{ EXPTIME: 90 }, 30, 'EXPTIME'],
    [{ TGROUP: 0, EXPTIME: 90 }, 30, 'EXPTIME'],
    [{}, 1, 'none'],
  ])('%o: %d s by %s', async (cards, seconds, source) => {
    writeFile(path('timing.fits'), [primary(cards), image('SCI', [4, 2, 2], new Uint16Array(16))]);
    const ramp = await openRamp(path('timing.fits'));
    expect(ramp.timeSource).toBe(source);
    expect(ramp.times[0]?.[3]).toBeCloseTo(3 * seconds, 12);
    expect(ramp.warnings.length).toBe(source === 'none' ? 1 : 0);
  });

  it('a TIMES table', async () => {
    const table: HduInit = {
      kind: 'bintable',
      name: 'TIMES',
      columns: [
        { name: 'READ', data: Int32Array.of(0, 1, 2) },
        { name: 'TIME', data: Float64Array.of(0.5, 2, 7) },
      ],
    };
    writeFile(path('table.fits'), [
      primary({ TGROUP: 10 }),
      image('SCI', [3, 2, 2], new Uint16Array(12)),
      table,
    ]);
    expect(await openRamp(path('table.fits'))).toMatchObject({ times: [[0.5, 2, 7]], timeSource: 'TIMES' });
  });

  it('TIMES that stand still are not used, and that is told', async () => {
    writeFile(path('still.fits'), [
      primary({ TGROUP: 10 }),
      image('SCI', [3, 2, 2], new Uint16Array(12)),
      image('TIMES', [3], Float64Array.of(0, 0, 0)),
    ]);
    const ramp = await openRamp(path('still.fits'));
    expect(ramp).toMatchObject({ times: [[0, 10, 20]], timeSource: 'TGROUP' });
    expect(ramp.warnings).toEqual(['TIMES does not increase from read to read and is not used']);
  });
});

describe('files that are no ramps', () => {
  it.each([
    ['five-axes', [primary(), image('SCI', [2, 2, 2, 2, 2], new Uint16Array(32))]],
    ['electrons', [primary(), image('SCI', [2, 2, 2], new Uint16Array(8), { BUNIT: 'electron' })]],
    ['nothing', [primary()]],
    [
      'odd-flags',
      [primary(), image('SCI', [2, 2, 2], new Uint16Array(8)), image('PIXELDQ', [3, 2], new Uint32Array(6))],
    ],
  ] satisfies [string, HduInit[]][])('%s', async (name, hdus) => {
    writeFile(path(`${name}.fits`), hdus);
    expect(await messageOf(openRamp(path(`${name}.fits`)))).toMatchSnapshot();
  });
});
