import { DQ } from '@iris-drs/datamodels';
import { describe, expect, it } from 'vitest';
import { errorOf, image, openWorkbench, primary } from '../../../../test/fixtures/workbench.ts';
import { darkCurrent } from '../../src/index.ts';

const bench = openWorkbench();
const shape = [3, 5] as const;
const frame = () => bench.frame(shape, { sci: () => 10, varPoisson: 4, varRnoise: 1, dq: () => DQ.WARM });
const flags = (at: number, value: number) =>
  Uint32Array.from({ length: 15 }, (_, i) => (i === at ? value : 0));
const run = (model: ReturnType<typeof frame>, path: string) =>
  bench.run([darkCurrent], model, { 'dark_current.override_dark': path });

describe('the dark', () => {
  it('comes off with its variance and flags', async () => {
    const model = frame();
    const path = bench.write(
      'dark.fits',
      primary(),
      image('SCI', shape, (i) => 0.5 * i, { BUNIT: 'DN/s' }),
      image('ERR', shape, (i) => 0.1 * i),
      image('DQ', shape, flags(2, DQ.HOT)),
    );
    await run(model, path);
    expect([model.sci.data[4], model.varPoisson.data[4], model.varRnoise.data[4]]).toEqual([
      8,
      4,
      expect.closeTo(1.16, 6),
    ]);
    expect([...model.dq.data.slice(1, 4)]).toEqual([DQ.WARM, DQ.WARM | DQ.HOT, DQ.WARM]);
  });

  it('in DN is one per second of its exposure', async () => {
    const model = frame();
    await run(
      model,
      bench.write(
        'dn.fits',
        primary({ EXPTIME: 50 }),
        image('SCI', shape, () => 100, { BUNIT: 'DN' }),
      ),
    );
    expect(model.sci.data[0]).toBe(8);
  });

  it('leaves a pixel that it does not know as it is, flagged', async () => {
    const model = frame();
    const path = bench.write(
      'hole.fits',
      primary(),
      image('SCI', shape, (i) => (i === 3 ? Number.NaN : 1), { BUNIT: 'DN/s' }),
    );
    await run(model, path);
    expect([model.sci.data[2], model.sci.data[3], model.varRnoise.data[3]]).toEqual([9, 10, 1]);
    expect(model.dq.data[3]).toBe((DQ.WARM | DQ.UNRELIABLE_DARK | DQ.DO_NOT_USE) >>> 0);
  });

  it('without an error counts as exact, with a warning', async () => {
    const model = frame();
    await run(
      model,
      bench.write(
        'plain.fits',
        primary(),
        image('SCI', shape, () => 1, { BUNIT: 'DN/s' }),
      ),
    );
    expect(model.varRnoise.data[0]).toBe(1);
    expect(bench.lines).toContain('WARN the dark has neither variance nor error: it is taken as exact');
  });

  it('in another unit is refused', async () => {
    const path = bench.write(
      'e.fits',
      primary(),
      image('SCI', shape, () => 1, { BUNIT: 'electron/s' }),
    );
    expect(await errorOf(run(frame(), path))).toMatchInlineSnapshot(
      `"UNITS_MISMATCH: e.fits[SCI] BUNIT: found 'electron/s', expected DN or DN/s. Correct BUNIT, or convert the data first."`,
    );
  });
});
