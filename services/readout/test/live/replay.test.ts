import { openEngine } from '@iris-drs/kernels';
import { describe, expect, it } from 'vitest';
import { image, openWorkbench, primary } from '../../../../test/fixtures/workbench.ts';
import { type Course, follow, references, SHAPE, writeRead } from './follow.ts';

const bench = openWorkbench();
const reads = (count = 6) => Array.from({ length: count }, (_, read) => writeRead(bench, 0, read));

const expectReplay = async (course: Course, why: RegExp): Promise<void> => {
  const { live, replayed, said } = await follow(bench, course);
  expect(said).toEqual([expect.stringMatching(why)]);
  expect(live.planes).toEqual(replayed.planes);
};

describe('sums that are not what the end of the ramp asks for are not used', () => {
  it('a read was written again', async () => {
    const options = references(bench);
    await expectReplay(
      { options, heard: reads(), before: () => void writeRead(bench, 0, 2, {}, 50) },
      /ramp 0 has \S+_00002_uncal.fits, which has changed/,
    );
  });

  it('other reads, another method, another reference', async () => {
    const options = references(bench);
    const changed = (more: Record<string, string>) => ({
      options,
      heard: reads(),
      atEnd: { ...options, ...more },
    });
    await expectReplay(changed({ 'readoutsamp.reads': '1:' }), /is of other reads/);
    await expectReplay(changed({ 'readoutsamp.mode': 'cds' }), /is of other reads/);
    await expectReplay(changed({ 'superbias.skip': 'true' }), /the bias is another/);
    await expectReplay(changed({ 'nonlincorr.skip': 'true' }), /non-linearity is another/);
    await expectReplay(changed({ 'saturation.skip': 'true' }), /saturation is another/);
    await expectReplay(changed({ 'refpix.outputs': '2' }), /has other reference pixels/);
    const other = bench.write(
      'other.fits',
      primary(),
      image('SCI', SHAPE, () => 4000, { BUNIT: 'DN' }),
    );
    await expectReplay(changed({ 'superbias.override_superbias': other }), /the bias is another/);
  });

  it('a read of a ramp that was over', async () => {
    const cards = { NINTS: 2 };
    const [late, ...first] = [3, 0, 1, 2].map((read) => writeRead(bench, 0, read, cards));
    const second = [0, 1].map((read) => writeRead(bench, 1, read, cards));
    // It appears after the directory was looked at.
    const heard = [...first, ...second, late!];
    let looks = 0;
    const all = Object.assign([...heard], {
      filter(this: string[], keep: (path: string) => boolean) {
        looks += 1;
        return [...this].filter((path) => path !== late && keep(path));
      },
    });
    await expectReplay({ heard, all }, /a read came when its ramp was over/);
    expect(looks).toBeGreaterThan(0);
  });
});

describe('reads are not summed', () => {
  it.each([
    { 'readoutsamp.mode': 'ols', 'jump.skip': 'true' },
    { 'readoutsamp.rateints': 'true' },
    { 'readoutsamp.seconds': '0:2' },
  ])('with %j', async (options) => {
    const { live, replayed, said, summed } = await follow(bench, { options, heard: reads() });
    expect([summed, said]).toEqual([false, []]);
    expect(live.planes).toEqual(replayed.planes);
  });

  it('of a fit, for which reference pixels are looked at as reads come', async () => {
    const options = { ...references(bench), 'readoutsamp.mode': 'ols', 'refpix.odd_even_columns': 'false' };
    const { live, replayed, said, summed } = await follow(bench, { options, heard: reads() });
    expect([summed, said, live.plan.live.offsets.reads.size]).toEqual([false, [], 6]);
    expect(live.planes).toEqual(replayed.planes);
  });

  it('where the frame pool has no room for them, or others need it', async () => {
    const engine = await openEngine({ threads: 1, maxBytes: 2 ** 22 });
    try {
      const rest = engine.unset([1, 2 ** 20 - SHAPE[0] * SHAPE[1]]);
      const full = { heard: reads(), engine, before: () => rest.release() };
      await expectReplay(full, /not summed as they come.*does not fit/);
      await expectReplay({ heard: reads(), engine, shed: true }, /not summed.*the frame pool is full/);
      expect(engine.pool.usedBytes).toBe(0);
    } finally {
      await engine.close();
    }
  });
});
