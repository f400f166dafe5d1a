import { DQ, saveImage } from '@iris-drs/datamodels';
import { describe, expect, it } from 'vitest';
import { errorOf, openWorkbench } from '../../../../test/fixtures/workbench.ts';
import { bkgSubtract, type ImagerFrame } from '../../src/index.ts';

const bench = openWorkbench();
const shape = [8, 16] as const;
const N = 128;

interface Init {
  readonly sci: (i: number) => number;
  readonly dq?: (i: number) => number;
  readonly varPoisson?: number;
  readonly varRnoise?: number;
  /** Relative error of the flat; the VAR_FLAT that goes with it is added. */
  readonly flatError?: number;
  readonly flat?: string;
  readonly size?: readonly [ny: number, nx: number];
}

const make = ({ flatError, flat = 'crds://flat.fits', size = shape, ...values }: Init) => {
  const model = bench.frame(size, { varPoisson: 4, varRnoise: 1, ...values }, { R_FLAT: flat });
  if (flatError === undefined) return model;
  const varFlat = bench.engine.float32(size);
  for (let i = 0; i < varFlat.data.length; i++) varFlat.data[i] = (model.sci.data[i]! * flatError) ** 2;
  return Object.assign(model, { varFlat });
};

const sky = async (name: string, init: Init): Promise<string> => {
  await saveImage(bench.engine, make(init), bench.path(name));
  return bench.path(name);
};

const science = (init: Init, backgrounds: readonly string[] = [], remark = ''): ImagerFrame =>
  Object.assign(make(init), { backgrounds, remark });

const keywords = ({ header }: ImagerFrame): unknown[] =>
  ['BKGMETH', 'BKGSUB', 'NBKG', 'BKGLEVEL', 'S_BKDSUB'].map((keyword) => header.get(keyword));

describe('one sky frame', () => {
  it('is subtracted; variances of photons and reads add, flags join', async () => {
    const path = await sky('sky.fits', {
      sci: (i) => i,
      varPoisson: 2,
      varRnoise: 3,
      dq: (i) => (i === 5 ? DQ.HOT : 0),
    });
    const frame = science({ sci: (i) => 100 + i, dq: (i) => (i === 6 ? DQ.WARM : 0) }, [path]);
    await bench.run([bkgSubtract], frame);
    expect(new Set(frame.sci.data)).toEqual(new Set([100]));
    expect([frame.varPoisson.data[9], frame.varRnoise.data[9]]).toEqual([6, 4]);
    expect([...frame.dq.data.slice(4, 8)]).toEqual([0, DQ.HOT, DQ.WARM, 0]);
    expect(keywords(frame)).toEqual(['SKY', true, 1, 63.5, 'COMPLETE']);
  });

  it('that shares the flat keeps its relative error: (S − B)²ρ²', async () => {
    const path = await sky('sky.fits', { sci: () => 60, flatError: 0.02 });
    const frame = science({ sci: () => 100, flatError: 0.02 }, [path]);
    await bench.run([bkgSubtract], frame);
    expect(frame.varFlat?.data[3]).toBeCloseTo((40 * 0.02) ** 2, 6);
  });

  it('with another flat adds its error: S²ρ² + B²ρ²', async () => {
    const path = await sky('sky.fits', { sci: () => 60, flatError: 0.02, flat: 'crds://other.fits' });
    const frame = science({ sci: () => 100, flatError: 0.02 }, [path]);
    await bench.run([bkgSubtract], frame);
    expect(frame.varFlat?.data[3]).toBeCloseTo((100 ** 2 + 60 ** 2) * 4e-4, 5);
  });

  it('without a usable pixel makes the frame unusable, and no level is claimed', async () => {
    const path = await sky('sky.fits', { sci: () => Number.NaN, dq: () => DQ.DO_NOT_USE });
    const frame = science({ sci: () => 100 }, [path]);
    await bench.run([bkgSubtract], frame);
    expect(frame.dq.data.every((flags) => flags === DQ.DO_NOT_USE)).toBe(true);
    expect(keywords(frame)).toEqual(['SKY', true, 1, undefined, 'COMPLETE']);
  });
});

describe('several sky frames', () => {
  it('are averaged without the hits of single ones', async () => {
    const paths = await Promise.all(
      [10, 11, 12].map((level, k) =>
        sky(`sky${k}.fits`, {
          sci: (i) => (i === 20 + k ? 5000 : level),
          varPoisson: 0.6,
          varRnoise: 0.3,
          dq: (i) => (i === 40 && k === 0 ? DQ.DO_NOT_USE : 0),
        }),
      ),
    );
    const frame = science({ sci: () => 100 }, paths);
    await bench.run([bkgSubtract], frame);
    expect([0, 20, 21, 22, 40].map((i) => frame.sci.data[i])).toEqual([89, 88.5, 89, 89.5, 88.5]);
    // 4 + 0.6/3, and of two where one was left out; flags of a value that was left out do not count.
    expect([0, 20, 40].map((i) => frame.varPoisson.data[i])).toEqual(
      [4.2, 4.3, 4.3].map((v) => expect.closeTo(v, 5)),
    );
    expect([frame.varRnoise.data[0], frame.dq.data[40]]).toEqual([expect.closeTo(1.1, 5), 0]);
    expect(keywords(frame)).toEqual(['SKY', true, 3, 11, 'COMPLETE']);
  });

  it('share the flat’s error, which does not average down', async () => {
    const paths = await Promise.all(
      [0, 1, 2].map((k) => sky(`sky${k}.fits`, { sci: () => 60, flatError: 0.02 })),
    );
    const frame = science({ sci: () => 100, flatError: 0.02 }, paths);
    await bench.run([bkgSubtract], frame);
    expect(frame.varFlat?.data[3]).toBeCloseTo((40 * 0.02) ** 2, 6);
  });

  it('of another subarray are left out, and without any the own median is taken', async () => {
    const small = await sky('small.fits', { sci: () => 7, size: [4, 4] });
    const fits = await sky('fits.fits', { sci: () => 10 });
    const frame = science({ sci: () => 100 }, [small, fits]);
    await bench.run([bkgSubtract], frame);
    expect([frame.sci.data[0], frame.header.get('NBKG')]).toEqual([90, 1]);
    expect(bench.lines).toContain(`WARN ${small} is left out: it has [4,4] pixels, the frame has [8,16]`);
    const alone = science({ sci: () => 100 }, [small]);
    await bench.run([bkgSubtract], alone);
    expect([alone.sci.data[0], alone.header.get('BKGMETH'), alone.header.get('BKGNOTE')]).toEqual([
      0,
      'MEDIAN',
      'sky frames are of another subarray',
    ]);
  });

  it('are clipped as the options say', async () => {
    expect(
      await errorOf(bench.run([bkgSubtract], science({ sci: () => 1 }), { 'bkg_subtract.sigma': '0.5' })),
    ).toBe(
      `STEP_OPTION_TYPE: Config parameter 'steps/bkg_subtract/sigma': the value "0.5" is too small. Expected float(min=1, default=3.0).`,
    );
    const paths = await Promise.all(
      [0, 1, 2, 9].map((level, k) => sky(`s${k}.fits`, { sci: () => level, varPoisson: 1, varRnoise: 0 })),
    );
    const wide = science({ sci: () => 100 }, paths);
    await bench.run([bkgSubtract], wide, { 'bkg_subtract.sigma': '100' });
    const tight = science({ sci: () => 100 }, paths);
    await bench.run([bkgSubtract], tight);
    expect([wide.sci.data[0], tight.sci.data[0]]).toEqual([97, 99]);
    expect(wide.header.historyLines()).toEqual(['Option bkg_subtract.sigma = 100']);
  });
});

describe('without a sky frame', () => {
  it('the own median of usable pixels goes, its variance π/2·σ²/N into VAR_RNOISE', async () => {
    // ±1 about 50, and a star that may not be used: the quantiles at 16 and 84 % are 49 and 51.
    const value = (i: number): number => (i === 0 ? 1e6 : i % 3 === 0 ? 50 : i % 3 === 1 ? 49 : 51);
    const frame = science({ sci: value, dq: (i) => (i === 0 ? DQ.DO_NOT_USE : 0) }, [], 'no sky within 20 s');
    await bench.run([bkgSubtract], frame);
    expect([...frame.sci.data.slice(0, 4)]).toEqual([1e6 - 50, -1, 1, 0]);
    expect(frame.varRnoise.data[5]).toBeCloseTo(1 + Math.PI / 2 / (N - 1), 5);
    expect(frame.varPoisson.data[5]).toBe(4);
    expect(keywords(frame)).toEqual(['MEDIAN', true, undefined, 50, 'COMPLETE']);
    expect(frame.header.get('BKGNOTE')).toBe('no sky within 20 s');
  });

  it('and without a usable pixel nothing is done, and the header says so', async () => {
    const frame = science({ sci: () => 5, dq: () => DQ.DO_NOT_USE });
    expect(await bench.run([bkgSubtract], frame)).toMatchObject([
      { state: 'SKIPPED', reason: 'no pixel of the frame may be used' },
    ]);
    expect(frame.sci.data[0]).toBe(5);
    expect(keywords(frame)).toEqual(['NONE', false, undefined, undefined, 'SKIPPED']);
  });
});

describe('an error on the way', () => {
  it('in the second sky frame gives the first one back', async () => {
    const first = await sky('first.fits', { sci: () => 1 });
    const frame = science({ sci: () => 5 }, [first, bench.path('absent.fits')]);
    const before = bench.engine.pool.usedBytes;
    await expect(bench.run([bkgSubtract], frame)).rejects.toThrow(/absent\.fits/);
    expect(bench.engine.pool.usedBytes).toBe(before);
  });

  it('is not made by what succeeds: every plane but the frame’s is back', async () => {
    const paths = await Promise.all(
      [0, 1, 2].map((k) => sky(`k${k}.fits`, { sci: () => k, flatError: 0.1 })),
    );
    const frame = science({ sci: () => 5, flatError: 0.1 }, paths);
    const before = bench.engine.pool.usedBytes;
    await bench.run([bkgSubtract], frame);
    expect(bench.engine.pool.usedBytes).toBe(before);
  });
});
