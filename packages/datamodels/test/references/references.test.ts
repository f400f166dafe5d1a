import { type HduInit, Header } from '@iris-drs/fits';
import { writeFile } from '@iris-drs/fits/node';
import { afterEach, describe, expect, it } from 'vitest';
import {
  DQ,
  type FrameGeometry,
  openBias,
  openDark,
  openFlat,
  openGain,
  openMask,
  openNonlinearity,
  openReadnoise,
  openSaturation,
} from '../../src/index.ts';
import { messageOf, ramp32, sharedEngine, temporary } from '../support.ts';

type Cards = Record<string, string | number>;
type Data = Float32Array | Uint16Array | Uint32Array | Uint8Array;

const path = temporary();
const shared = sharedEngine();
const shape = [6, 8];
const n = 48;

const header = (cards: Cards) => Header.from(Object.entries(cards));
const primary = (cards: Cards = {}): HduInit => ({ kind: 'image', header: header(cards), shape: [] });
const image = (name: string, data: Data, cards: Cards = {}, size: readonly number[] = shape): HduInit => ({
  kind: 'image',
  name,
  header: header(cards),
  shape: size,
  data,
});
const write = (name: string, ...hdus: HduInit[]) => {
  writeFile(path(name), hdus);
  return path(name);
};
const frame = (cards: Cards, ny: number, nx: number): FrameGeometry => ({
  headers: [header(cards)],
  shape: [ny, nx],
});

afterEach(() => expect(shared.engine.pool.usedBytes).toBe(0));

describe('dark', () => {
  it('in DN/s with flags and squared error', async () => {
    const file = write(
      'dark.fits',
      primary(),
      image('SCI', ramp32(n), { BUNIT: 'DN/s' }),
      image('ERR', new Float32Array(n).fill(3)),
      image('DQ', new Uint32Array(n).fill(1)),
    );
    const dark = await openDark(shared.engine, file);
    expect([dark.sci.data[5], dark.variance?.data[5], dark.dq?.data[5], dark.shape, dark.warnings]).toEqual([
      5,
      9,
      1,
      [6, 8],
      [],
    ]);
    dark.close();
  });

  it('in DN is divided by its exposure time', async () => {
    const dark = await openDark(
      shared.engine,
      write(
        'dn.fits',
        primary({ EXPTIME: 10 }),
        image('DATA', ramp32(n), { BUNIT: 'DN' }),
        image('VAR_RNOISE', new Float32Array(n).fill(100)),
      ),
    );
    expect(dark.sci.data[5]).toBeCloseTo(0.5, 6);
    expect(dark.variance?.data[5]).toBeCloseTo(1, 6);
    dark.close();
  });
});

describe('cutting to a subarray', () => {
  const file = () => write('full.fits', primary(), image('SCI', ramp32(n), { BUNIT: 'DN/s' }));
  it.each([
    ['SUBSTRT, SUBSIZE', { SUBARRAY: 'CUSTOM', SUBSTRT1: 3, SUBSTRT2: 2, SUBSIZE1: 4, SUBSIZE2: 2 }],
    ['XSTART, XSIZE', { SARRMODE: 'SUB_ARRAY', XSTART: 3, YSTART: 2, XSIZE: 4, YSIZE: 2 }],
  ])('by %s, 1-based', async (_, cards) => {
    const dark = await openDark(shared.engine, file(), frame(cards, 2, 4));
    expect([...dark.sci.data]).toEqual([10, 11, 12, 13, 18, 19, 20, 21]);
    expect(dark.shape).toEqual([2, 4]);
    dark.close();
  });

  it('of a reference that is a subarray itself', async () => {
    const part = write(
      'part.fits',
      primary({ SUBSTRT1: 101, SUBSTRT2: 201, SUBSIZE1: 8, SUBSIZE2: 6 }),
      image('SCI', ramp32(n), { BUNIT: 'DN/s' }),
    );
    const dark = await openDark(
      shared.engine,
      part,
      frame({ SUBSTRT1: 102, SUBSTRT2: 203, SUBSIZE1: 2, SUBSIZE2: 1 }, 1, 2),
    );
    expect([...dark.sci.data]).toEqual([17, 18]);
    dark.close();
  });

  it('is not done for a full frame', async () => {
    const dark = await openDark(
      shared.engine,
      file(),
      frame({ SUBARRAY: 'FULL', SARRMODE: 'FULL_FRAME', XSTART: 0, YSTART: 0 }, 6, 8),
    );
    expect(dark.sci.data).toEqual(ramp32(n));
    dark.close();
  });

  it.each([
    ['beyond the edge', { SUBSTRT1: 6, SUBSTRT2: 1, SUBSIZE1: 4, SUBSIZE2: 2 }, 2, 4],
    ['another size, no keyword', {}, 2, 4],
    ['keywords against the shape', { SUBSTRT1: 1, SUBSTRT2: 1, SUBSIZE1: 5, SUBSIZE2: 2 }, 2, 4],
  ])('is refused: %s', async (_, cards, ny, nx) => {
    expect(await messageOf(openDark(shared.engine, file(), frame(cards, ny, nx)))).toMatchSnapshot();
  });
});

describe('flat, mask, bias', () => {
  it('flat: no unit asked for, image in the primary HDU', async () => {
    const flat = await openFlat(
      shared.engine,
      write('flat.fits', { kind: 'image', shape, data: new Float32Array(n).fill(1.5) }),
    );
    expect([flat.sci.data[0], flat.dq, flat.variance]).toEqual([1.5, undefined, undefined]);
    flat.close();
  });

  it('mask: bits by its DQ_DEF', async () => {
    const definitions: HduInit = {
      kind: 'bintable',
      name: 'DQ_DEF',
      columns: [
        { name: 'VALUE', data: Int32Array.of(1, 2) },
        { name: 'NAME', data: ['DEAD', 'HOT'] },
      ],
    };
    const mask = await openMask(
      shared.engine,
      write('mask.fits', primary(), image('DQ', new Uint8Array(n).fill(3)), definitions),
    );
    expect(new Set(mask.dq.data)).toEqual(new Set([DQ.DEAD + DQ.HOT]));
    mask.close();
  });

  it('bias: in DN, another unit is refused', async () => {
    const bias = await openBias(
      shared.engine,
      write('bias.fits', primary(), image('SCI', ramp32(n), { BUNIT: 'DN' })),
    );
    expect(bias.sci.data[3]).toBe(3);
    bias.close();
    expect(
      await messageOf(
        openBias(shared.engine, write('rate.fits', primary(), image('SCI', ramp32(n), { BUNIT: 'DN/s' }))),
      ),
    ).toMatchInlineSnapshot(
      `"DataModelError: rate.fits[SCI] BUNIT: found 'DN/s', expected DN. Correct BUNIT, or convert the data first."`,
    );
  });
});

describe('non-linearity', () => {
  const cube = new Float32Array([...Array(n).fill(0), ...Array(n).fill(1), ...Array(n).fill(1e-6)]);
  const file = (name: string, cards: Cards, extension = 'COEFFS') =>
    write(name, primary(cards), image(extension, cube, {}, [3, 6, 8]));

  it.each([
    [{ REFTYPE: 'NONLINCOEFF' }, 'relative'],
    [{ REFTYPE: 'LINEARITY' }, 'polynomial'],
    [{ REFTYPE: 'nonlin' }, 'polynomial'],
    [{ DATAMODL: 'LinearityModel' }, 'polynomial'],
    [{ REFTYPE: 'LINEARITY', NLFORM: 'RELATIVE' }, 'relative'],
  ])('%o is %s', async (cards, form) => {
    const reference = await openNonlinearity(shared.engine, file('nl.fits', cards, 'SCI'));
    expect(reference.form).toBe(form);
    expect(reference.coefficients.map((plane) => plane.data[47])).toEqual([0, 1, Math.fround(1e-6)]);
    reference.close();
  });

  it('is refused when nothing tells the form', async () => {
    expect(
      await messageOf(openNonlinearity(shared.engine, file('untold.fits', { REFTYPE: 'CURVE' }))),
    ).toMatchInlineSnapshot(
      `"DataModelError: untold.fits[COEFFS] NLFORM: found none, and REFTYPE 'CURVE', expected 'RELATIVE' for x(1+Σcx), 'POLYNOMIAL' for Σcx, or REFTYPE NONLINCOEFF or LINEARITY. Add the keyword to the header."`,
    );
  });

  it('of a file that says nothing of itself has the form that its type has, and no other', async () => {
    const silent = await openNonlinearity(shared.engine, file('silent.fits', {}), undefined, 'relative');
    expect(silent.form).toBe('relative');
    silent.close();
    const told = file('told.fits', { NLFORM: 'POLYNOMIAL' });
    const reference = await openNonlinearity(shared.engine, told, undefined, 'relative');
    expect(reference.form).toBe('polynomial');
    reference.close();
    const other = openNonlinearity(
      shared.engine,
      file('dark.fits', { REFTYPE: 'DARK' }),
      undefined,
      'relative',
    );
    expect(await messageOf(other)).toContain("found none, and REFTYPE 'DARK'");
  });

  it('is refused as a single plane', async () => {
    const flat = write('plane.fits', primary({ REFTYPE: 'LINEARITY' }), image('COEFFS', ramp32(n)));
    expect(await messageOf(openNonlinearity(shared.engine, flat))).toContain(
      'found shape [6, 8], expected [ncoef, ny, nx]',
    );
  });

  it('is cut plane by plane', async () => {
    const reference = await openNonlinearity(
      shared.engine,
      file('cut.fits', { REFTYPE: 'NONLINCOEFF' }),
      frame({ SUBSTRT1: 8, SUBSTRT2: 6, SUBSIZE1: 1, SUBSIZE2: 1 }, 1, 1),
    );
    expect(reference.coefficients.map((plane) => plane.data.length)).toEqual([1, 1, 1]);
    reference.close();
  });
});

describe('gain, read noise, saturation', () => {
  it('gain: GAIN of liger, SCI of JWST', async () => {
    for (const name of ['GAIN', 'SCI']) {
      const reference = await openGain(
        shared.engine,
        write(`${name}.fits`, primary(), image(name, new Float32Array(n).fill(2.5))),
      );
      expect(reference.gain.data[0]).toBe(2.5);
      reference.close();
    }
  });

  it.each([
    ['SCI', {}, Math.SQRT1_2, 'DN'],
    ['SCI', { NOISEKND: 'SINGLE' }, 1, 'DN'],
    ['SCI', { BUNIT: 'electron' }, Math.SQRT1_2, 'electron'],
    ['RN', {}, 1, 'electron'],
    ['RN', { NOISEKND: 'CDS', BUNIT: 'DN' }, Math.SQRT1_2, 'DN'],
  ])('read noise %s %o: of one read', async (name, cards, factor, unit) => {
    const reference = await openReadnoise(
      shared.engine,
      write('rn.fits', primary(), image(name, new Float32Array(n).fill(10), cards)),
    );
    expect(reference.readNoise.data[0]).toBeCloseTo(10 * factor, 5);
    expect(reference.unit).toBe(unit);
    reference.close();
  });

  it('read noise of a kind nobody knows is refused', async () => {
    const file = write('kind.fits', primary({ NOISEKND: 'MEDIAN' }), image('SCI', ramp32(n)));
    expect(await messageOf(openReadnoise(shared.engine, file))).toMatchInlineSnapshot(
      `"DataModelError: kind.fits[SCI] NOISEKND: found 'MEDIAN', expected 'CDS' or 'SINGLE'. Correct the keyword."`,
    );
  });

  it('saturation: uint16 SAT_THRESH', async () => {
    const reference = await openSaturation(
      shared.engine,
      write(
        'sat.fits',
        primary(),
        image('SAT_THRESH', new Uint16Array(n).fill(60000)),
        image('DQ', new Uint32Array(n).fill(DQ.NO_SAT_CHECK)),
      ),
    );
    expect([reference.threshold.data[0], reference.dq?.data[0]]).toEqual([60000, DQ.NO_SAT_CHECK]);
    reference.close();
  });

  it('a file without an image is refused', async () => {
    expect(await messageOf(openGain(shared.engine, write('none.fits', primary())))).toMatchInlineSnapshot(
      `"DataModelError: none.fits: found no image, expected an image GAIN or SCI or DATA or PRIMARY. Give a file that holds it, or name the extension as the data contract does."`,
    );
  });
});
