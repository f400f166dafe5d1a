import { truncateSync } from 'node:fs';
import { DQ, openRamp } from '@iris-drs/datamodels';
import { describe, expect, it } from 'vitest';
import { image, openWorkbench, primary } from '../../../../test/fixtures/workbench.ts';
import { planOf, readoutPipeline } from '../../src/index.ts';
import { PIXELS, rate, readOut, shape, TIMES, writeRamp } from '../ramps.ts';

const bench = openWorkbench();
const cards = { GAIN: 2, RDNOISE: 6 };

describe('slopes', () => {
  it('are those of the ramp in DN/s, by every method', async () => {
    const path = writeRamp(bench, 'ramp.fits', { cards });
    for (const mode of ['auto', 'cds', 'mcds', 'utr']) {
      const { sci, plan, dq } = await readOut(bench, path, { 'readoutsamp.mode': mode });
      for (let i = 0; i < PIXELS; i++) expect(sci[i]).toBeCloseTo(rate(i), 4);
      expect([plan.frame?.units, dq.every((flags) => flags === 0)]).toEqual(['DN/s', true]);
    }
  });

  it('of several ramps are averaged, ramps without two reads left out', async () => {
    const times = [TIMES, TIMES, TIMES];
    const path = writeRamp(bench, 'ramps.fits', {
      cards,
      times,
      value: (i, t, ramp) => rate(i) * t * (1 + ramp),
    });
    const { sci, varRnoise, varPoisson, plan } = await readOut(bench, path, { 'readoutsamp.mode': 'cds' });
    expect(sci[3]).toBeCloseTo(2 * rate(3), 4);
    expect(varRnoise[3]).toBeCloseTo((9 * 2) / 1600 / 3, 7);
    expect(varPoisson[3]).toBeCloseTo((2 * rate(3)) / 2 / 40 / 3, 5);
    const header = (keyword: string) => plan.header.get(keyword);
    expect(['NRDUSED', 'NRMPUSED', 'TIMESRC', 'SAMPMODE'].map(header)).toEqual([6, 3, 'TIMES', 'CDS']);
  });

  it('of a single ramp without two reads are refused, and nothing is held', async () => {
    const path = writeRamp(bench, 'one.fits', { times: [[1]], cards: { READ_NO: 0 } });
    await expect(readOut(bench, path)).rejects.toMatchObject({ code: 'STEP_INPUT', retriable: false });
  });
});

describe('the method', () => {
  it.each([
    [{ SAMPMODE: 'CDS' }, {}, 'CDS', undefined],
    [{ SAMPMODE: 'MDS', NUMREADS: 1 }, {}, 'MCDS', 1],
    [{ SAMPMODE: 'MCDS' }, {}, 'MCDS', 2],
    [{ SAMPMODE: 'CDS' }, { 'readoutsamp.mode': 'mcds', 'readoutsamp.num_coadd': '9' }, 'MCDS', 2],
    [{}, {}, 'UTR', undefined],
  ])('of header %j and options %j is %s', async (header, options, mode, reads) => {
    const path = writeRamp(bench, 'ramp.fits', { cards: header as Record<string, string | number> });
    const { plan } = await readOut(bench, path, options as unknown as Record<string, string>);
    expect([plan.header.get('SAMPMODE'), plan.header.get('NCOADD')]).toEqual([mode, reads]);
  });

  it('decides which steps have something to do, and the log says so', async () => {
    const path = writeRamp(bench, 'ramp.fits', { cards });
    const why = 'a weighted sum (cds, mcds, utr) cannot leave out a read of one pixel';
    const summed = await readOut(bench, path, { 'readoutsamp.mode': 'utr' });
    expect([summed.states.jump, summed.states.dq_init]).toEqual(['SKIPPED', 'SKIPPED']);
    expect(bench.lines).toContain(`INFO Step jump skipped: ${why}.`);
    const fitted = await readOut(bench, path, { 'readoutsamp.mode': 'ols' });
    expect([fitted.states.jump, fitted.states.dq_init]).toEqual(['COMPLETE', 'SKIPPED']);
    expect(bench.lines).toContain('INFO Step dq_init skipped: no MASK reference applies (N/A).');
  });

  it('does not overwrite the number of reads that the header gives', async () => {
    const path = writeRamp(bench, 'ramp.fits', { cards: { NREADS: 5 } });
    const { plan } = await readOut(bench, path, { 'readoutsamp.mode': 'cds' });
    expect([plan.header.get('NREADS'), plan.header.get('NRDUSED')]).toEqual([5, 2]);
  });
});

describe('the exposure time', () => {
  it('stays as the header of the reads has it', async () => {
    const { plan } = await readOut(bench, writeRamp(bench, 'ramp.fits', { cards: { EXPTIME: 50 } }));
    expect(plan.header.get('EXPTIME')).toBe(50);
  });

  it('is the time from first to last read of all ramps where nobody gives one', async () => {
    const { plan } = await readOut(bench, writeRamp(bench, 'ramps.fits', { times: [TIMES, TIMES] }));
    expect(plan.header.get('EXPTIME')).toBe(80);
  });
});

describe('flags', () => {
  it('of references and of the input meet in the frame', async () => {
    const path = writeRamp(bench, 'ramp.fits', {
      cards,
      pixelDq: (i) => (i === 0 ? DQ.HOT : 0),
      groupDq: (i, read) => (i === 1 && read === 4 ? DQ.SATURATED : 0),
    });
    const bias = bench.write(
      'bias.fits',
      primary(),
      image('SCI', shape, () => 0, { BUNIT: 'DN' }),
      image(
        'DQ',
        shape,
        Uint32Array.from({ length: PIXELS }, (_, i) => (i === 2 ? DQ.UNRELIABLE_BIAS : 0)),
      ),
    );
    const { dq } = await readOut(bench, path, { 'superbias.override_superbias': bias });
    expect(dq.slice(0, 4)).toEqual([DQ.HOT, DQ.SATURATED | DQ.DO_NOT_USE, DQ.UNRELIABLE_BIAS, 0]);
  });
});

describe('a subarray', () => {
  it('takes its part of references of the full frame', async () => {
    const window = { SUBARRAY: 'SUB', SUBSTRT1: 4, SUBSTRT2: 3, SUBSIZE1: 5, SUBSIZE2: 3 };
    const full = [6, 9] as const;
    /** Pixel of the full frame under pixel i of the subarray. */
    const under = (i: number): number => (2 + Math.floor(i / 5)) * 9 + 3 + (i % 5);
    const reference = (name: string, value: (k: number) => number, bunit: string): string =>
      bench.write(`${name}.fits`, primary(), image('SCI', full, value, { BUNIT: bunit }));
    const { varPoisson, dq, sci } = await readOut(bench, writeRamp(bench, 'sub.fits', { cards: window }), {
      'readoutsamp.override_gain': reference('gain', (k) => 1 + k, 'electron/DN'),
      'saturation.override_saturation': reference('sat', (k) => (k === under(9) ? 0 : 1e6), 'DN'),
      'readoutsamp.mode': 'cds',
    });
    for (const i of [0, 4, 5, 14]) {
      expect(sci[i]).toBeCloseTo(rate(i), 4);
      expect(varPoisson[i]).toBeCloseTo(rate(i) / (1 + under(i)) / 40, 6);
    }
    expect(dq.map((flags, i) => (flags ? i : -1)).filter((i) => i >= 0)).toEqual([9]);
  });
});

describe('an error on the way', () => {
  it('in the reads names the file, and everything is released', async () => {
    const path = writeRamp(bench, 'short.fits', { cards });
    const plan = planOf(await openRamp(path));
    truncateSync(path, 2 * 2880 + 100);
    await expect(bench.run(readoutPipeline, plan)).rejects.toMatchObject({ code: 'ReadFailed', path });
    expect([plan.frame, bench.engine.pool.usedBytes]).toEqual([undefined, 0]);
  });

  it('in the flags after sampling leaves nothing held', async () => {
    const path = writeRamp(bench, 'flags.fits', { cards, groupDq: () => 0 });
    const ramp = await openRamp(path);
    const reads = ramp.groupDq!.flat().map((image) => ({ ...image, path: bench.path('gone.fits') }));
    const plan = planOf({ ...ramp, groupDq: [reads] });
    await expect(bench.run(readoutPipeline, plan)).rejects.toMatchObject({ code: 'ReadFailed' });
    expect([plan.frame, bench.engine.pool.usedBytes]).toEqual([undefined, 0]);
  });
});
