import { DQ } from '@iris-drs/datamodels';
import type { HduInit } from '@iris-drs/fits';
import { describe, expect, it } from 'vitest';
import { image, openWorkbench, primary } from '../../../../test/fixtures/workbench.ts';
import { PIXELS, rate, readOut, shape, writeRamp } from '../ramps.ts';

const bench = openWorkbench();
/** e-/DN and electrons. */
const cards = { GAIN: 2, RDNOISE: 6 };

describe('a ramp dark', () => {
  const settle = (t: number) => 40 * (1 - Math.exp(-t / 15));
  const dark = (spacing: number, reads = 5) =>
    bench.write(
      'rampdark.fits',
      primary({ TGROUP: spacing }),
      image('SCI', [reads, ...shape], (k) => settle(10 * Math.floor(k / PIXELS)), { BUNIT: 'DN' }),
    );
  const path = () =>
    writeRamp(bench, 'settling.fits', { cards, value: (i, t) => 1000 + rate(i) * t + settle(t) });

  it.each(['cds', 'mcds', 'utr', 'ols', 'likely'])('takes what settles out of %s', async (mode) => {
    const options = { 'readoutsamp.mode': mode, 'rampdark.override_rampdark': dark(10) };
    const { sci, states, plan } = await readOut(bench, path(), options);
    for (let i = 0; i < PIXELS; i++) expect(sci[i]).toBeCloseTo(rate(i), 3);
    expect([states.rampdark, plan.header.get('S_DARK')]).toEqual(['COMPLETE', 'COMPLETE']);
  });

  it.each(['utr', 'ols'])('of the whole detector serves a subarray, by %s', async (mode) => {
    const whole = [8, 10] as const;
    const value = (x: number, y: number, t: number) => settle(t) * (1 + x + 10 * y);
    const file = bench.write(
      'whole.fits',
      primary({ TGROUP: 10 }),
      image('SCI', [5, ...whole], (k) => value(k % 10, Math.floor(k / 10) % 8, 10 * Math.floor(k / 80)), {
        BUNIT: 'DN',
      }),
    );
    const subarray = { SUBARRAY: 'SUB', SUBSTRT1: 4, SUBSTRT2: 3, SUBSIZE1: 5, SUBSIZE2: 3 };
    const ramp = writeRamp(bench, 'subarray.fits', {
      cards: { ...cards, ...subarray },
      value: (i, t) => 1000 + rate(i) * t + value(3 + (i % 5), 2 + Math.floor(i / 5), t),
    });
    const { sci, states } = await readOut(bench, ramp, {
      'readoutsamp.mode': mode,
      'rampdark.override_rampdark': file,
      'jump.skip': 'true',
    });
    for (let i = 0; i < PIXELS; i++) expect(sci[i]).toBeCloseTo(rate(i), 3);
    expect(states.rampdark).toBe('COMPLETE');
    const beyond = await readOut(
      bench,
      writeRamp(bench, 'beyond.fits', { cards: { ...cards, ...subarray, SUBSTRT1: 8 } }),
      { 'rampdark.override_rampdark': file },
    );
    expect(beyond.states.rampdark).toBe('SKIPPED');
  });

  it.each(['cds', 'utr', 'ols', 'likely'])('flags what it does not know, by %s', async (mode) => {
    const file = bench.write(
      'rampdark-unknown.fits',
      primary({ TGROUP: 10 }),
      image(
        'SCI',
        [5, ...shape],
        (k) => (k % PIXELS === 3 ? Number.NaN : settle(10 * Math.floor(k / PIXELS))),
        { BUNIT: 'DN' },
      ),
      image(
        'DQ',
        shape,
        Uint32Array.from({ length: PIXELS }, (_, i) => (i === 5 ? DQ.DO_NOT_USE | DQ.HOT : 0)),
      ),
    );
    const options = { 'readoutsamp.mode': mode, 'rampdark.override_rampdark': file };
    const { sci, dq } = await readOut(bench, path(), options);
    const of = (i: number) => dq[i]! & (DQ.DO_NOT_USE | DQ.HOT | DQ.UNRELIABLE_DARK);
    expect([2, 3, 5].map(of)).toEqual([0, DQ.DO_NOT_USE | DQ.UNRELIABLE_DARK, DQ.DO_NOT_USE | DQ.HOT]);
    expect(sci[3]).toBeGreaterThan(rate(3));
    expect(sci[5]).toBeCloseTo(rate(5), 3);
  });

  it.each([
    ['says when its reads were', (times: HduInit) => [times]],
    ['knows their spacing alone', () => []],
  ])('that %s is not used for a ramp whose first read was lost', async (_, extensions) => {
    const times = (first: number, reads: number) => image('TIMES', [reads], (r) => 10 * (first + r));
    const file = bench.write(
      'rampdark-times.fits',
      primary({ TGROUP: 10 }),
      image('SCI', [5, ...shape], (k) => settle(10 * Math.floor(k / PIXELS)), { BUNIT: 'DN' }),
      ...extensions(times(1, 5)),
    );
    const states = [1, 2].map(async (first) => {
      const ramp = bench.write(
        `ramp-from-${first}.fits`,
        primary(cards),
        image('SCI', [1, 4, ...shape], (k) => 1000 + 10 * Math.floor(k / PIXELS), { BUNIT: 'DN' }),
        times(first, 4),
      );
      const options = { 'readoutsamp.mode': 'utr', 'rampdark.override_rampdark': file };
      return (await readOut(bench, ramp, options)).states.rampdark;
    });
    expect(await Promise.all(states)).toEqual(['COMPLETE', 'SKIPPED']);
  });

  it('is not used when its reads are too few or at other times', async () => {
    for (const file of [dark(11), dark(10, 4)]) {
      const { states, plan } = await readOut(bench, path(), { 'rampdark.override_rampdark': file });
      expect([states.rampdark, plan.header.get('S_DARK')]).toEqual(['SKIPPED', undefined]);
    }
  });
});
