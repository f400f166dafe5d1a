import { DQ } from '@iris-drs/datamodels';
import { describe, expect, it } from 'vitest';
import { image, openWorkbench, primary } from '../../../../test/fixtures/workbench.ts';
import { flatField } from '../../src/index.ts';

const bench = openWorkbench();
const shape = [3, 5] as const;
const frame = () => bench.frame(shape, { sci: () => 12, varPoisson: 4, varRnoise: 2 });
const run = (model: ReturnType<typeof frame>, path: string) =>
  bench.run([flatField], model, { 'flat_field.override_flat': path });
const UNCALIBRATED = DQ.NO_FLAT_FIELD | DQ.DO_NOT_USE;

describe('the flat', () => {
  it('divides the signal, its variances by F², and adds its own as VAR_FLAT', async () => {
    const model = frame();
    await run(
      model,
      bench.write(
        'flat.fits',
        primary(),
        image('SCI', shape, () => 0.5),
        image('ERR', shape, () => 0.01),
      ),
    );
    expect([model.sci.data[7], model.varPoisson.data[7], model.varRnoise.data[7]]).toEqual([24, 16, 8]);
    // (S/F)² σ_F² / F²
    expect(model.varFlat?.data[7]).toBeCloseTo((24 ** 2 * 1e-4) / 0.25, 6);
    model.varFlat?.release();
  });

  it('counts as 1 where it is nothing to divide by, and the pixel is flagged', async () => {
    const model = frame();
    const values = [2, 0, -1, Number.NaN, 2];
    const path = bench.write(
      'holes.fits',
      primary(),
      image('SCI', shape, (i) => values[i] ?? 1),
      image(
        'DQ',
        shape,
        Uint32Array.from({ length: 15 }, (_, i) => (i === 4 ? DQ.NO_FLAT_FIELD : i === 5 ? DQ.LOW_QE : 0)),
      ),
    );
    await run(model, path);
    expect([...model.sci.data.slice(0, 6)]).toEqual([6, 12, 12, 12, 12, 12]);
    expect([...model.dq.data.slice(0, 6)]).toEqual([0, ...Array(4).fill(UNCALIBRATED), DQ.LOW_QE]);
    expect([...model.varFlat!.data.slice(0, 6)]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(bench.lines).toContain('WARN the flat has neither variance nor error: it is taken as exact');
    model.varFlat?.release();
  });

  it('leaves the plane that it adds with the frame, also when something fails after it', async () => {
    const model = frame();
    const path = bench.write(
      'flat.fits',
      primary(),
      image('SCI', shape, () => 1),
    );
    const failing = { ...flatField, name: 'after', process: () => Promise.reject(new Error('later')) };
    const options = { 'flat_field.override_flat': path, 'after.override_flat': path };
    await expect(bench.run([flatField, failing], model, options)).rejects.toThrow('later');
    // closeImage after the test releases it: the pool is checked to be empty.
    expect(model.varFlat?.data.length).toBe(15);
  });
});
