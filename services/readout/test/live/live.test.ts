import { describe, expect, it } from 'vitest';
import { openWorkbench } from '../../../../test/fixtures/workbench.ts';
import { follow, type Reduced, references, writeRead } from './follow.ts';

const bench = openWorkbench();
const six = [0, 1, 2, 3, 4, 5];
const reads = (places: readonly number[] = six, ramp = 0, cards = {}) =>
  places.map((read) => writeRead(bench, ramp, read, cards));

/**
 * Both ways round in float32: the sums by at most (n + 6)·2⁻²⁴ Σₖ|cₖ| Σᵣ|wₖᵣ yᵣ| to a ramp (`openSums`), a replay by less,
 * the yᵣ of up to 65 535 DN by 4·2⁻²⁴ of themselves. For n even reads about t₀ in the middle Σ|c₁ w₁| is Σ|w|, and
 * |c₀| Σ w₀ is nothing; for cds and mcds Σ|w| it is, too. Σ|w| ≤ 4/(time between first and last read).
 */
const bound = (n: number, seconds: number): number => 2 * (n + 10) * 2 ** -24 * 65_535 * (4 / seconds);

const expectSame = (live: Reduced, replayed: Reduced, n = 6, seconds = 3.6): void => {
  const near = bound(n, seconds);
  const { planes: a } = live;
  const { planes: b } = replayed;
  expect(a.dq).toEqual(b.dq);
  const apart = (name: 'sci' | 'varPoisson' | 'varRnoise'): number =>
    a[name].reduce((most, v, i) => {
      if (Number.isNaN(v) !== Number.isNaN(b[name][i]!)) return Number.POSITIVE_INFINITY;
      return Number.isNaN(v) ? most : Math.max(most, Math.abs(v - b[name][i]!));
    }, 0);
  expect(apart('sci')).toBeLessThan(near);
  // P/gain ≤ 1.2/seconds/2, of the slope.
  expect(apart('varPoisson')).toBeLessThan(near);
  expect(apart('varRnoise')).toBe(0);
  const header = ({ plan }: Reduced) =>
    plan.header.cards
      .filter(({ keyword }) => keyword !== 'DATE')
      .map((card) => `${card.keyword} ${card.value}`);
  expect(header(live)).toEqual(header(replayed));
};

describe('reads summed as they come give the frame of a replay', () => {
  it.each(['utr', 'cds', 'mcds'])('by %s, with every correction', async (mode) => {
    const options = { ...references(bench), 'readoutsamp.mode': mode };
    const { live, replayed, said, summed } = await follow(bench, { options, heard: reads() });
    expect([summed, said]).toEqual([true, []]);
    expectSame(live, replayed);
    expect(live.planes.dq.some((flags) => flags !== 0)).toBe(true);
    expect(live.plan.header.get('S_REFPIX')).toBe('COMPLETE');
    expect(live.plan.header.get('S_DARK')).toBe('COMPLETE');
  });

  it('by the method that the header names', async () => {
    for (const SAMPMODE of ['MCDS 3', 'CDS', 'UTR']) {
      const { live, replayed, said } = await follow(bench, { heard: reads(six, 0, { SAMPMODE }) });
      expect(said).toEqual([]);
      expectSame(live, replayed);
      expect(live.plan.header.get('SAMPMODE')).toBe(SAMPMODE.split(' ')[0]);
    }
  });

  it('an odd number of reads, whose middle one weighs nothing', async () => {
    const five = reads([0, 1, 2, 3, 4], 0, { NREADS: 5 });
    const { live, replayed, said } = await follow(bench, { options: references(bench), heard: five });
    expect(said).toEqual([]);
    expectSame(live, replayed, 5, 2.8);
    expect(live.plan.header.get('NRDUSED')).toBe(5);
  });

  it('of several ramps, one of them short', async () => {
    const cards = { NINTS: 3 };
    const heard = [...reads(six, 0, cards), ...reads([0, 1, 2, 4], 1, cards), ...reads(six, 2, cards)];
    const options = { ...references(bench), 'rampdark.skip': 'true' };
    const { live, replayed, said } = await follow(bench, { options, heard });
    expect(said).toEqual([]);
    expectSame(live, replayed);
    expect(['NRDUSED', 'NRMPUSED'].map((name) => live.plan.header.get(name))).toEqual([16, 3]);
  });

  it('with a last ramp of one read, which is left out', async () => {
    const heard = [...reads(six, 0, { NINTS: 2 }), ...reads([0], 1, { NINTS: 2 })];
    const { live, replayed, said } = await follow(bench, { heard });
    expect(said).toEqual([]);
    expectSame(live, replayed);
  });

  it('reads out of order, lost, or of which nobody told', async () => {
    const all = reads([0, 1, 3, 4, 5]);
    const heard = [0, 2, 1].map((i) => all[i]!);
    const options = { ...references(bench), 'rampdark.skip': 'true' };
    const { live, replayed, said } = await follow(bench, { options, heard, all });
    expect(said).toEqual([]);
    expectSame(live, replayed);
  });

  it('nobody told of a read before the next ramp began', async () => {
    const all = [...reads(six, 0, { NINTS: 2 }), ...reads(six, 1, { NINTS: 2 })];
    const { live, replayed, said } = await follow(bench, { heard: all.filter((_, i) => i !== 4), all });
    expect(said).toEqual([]);
    expectSame(live, replayed);
  });

  it('read when it was the turn of the ramp; without one it is replayed', async () => {
    const late = await follow(bench, { heard: reads(), busy: 'a while', before: () => {} });
    expect([late.summed, late.said]).toEqual([true, []]);
    expectSame(late.live, late.replayed);
    const never = await follow(bench, { heard: reads(), busy: 'all the time' });
    expect([never.summed, never.said]).toEqual([false, [expect.stringMatching(/other ramps hold/)]]);
    expect(never.live.planes).toEqual(never.replayed.planes);
  });

  it('an aborted ramp, up the ramp; by cds the last reads were not foreseen', async () => {
    const heard = reads([0, 1, 2, 3]);
    const utr = await follow(bench, { heard });
    expect(utr.said).toEqual([]);
    expectSame(utr.live, utr.replayed, 4, 2.1);
    const cds = await follow(bench, { heard, options: { 'readoutsamp.mode': 'cds' } });
    expect(cds.said).toEqual([expect.stringMatching(/replayed.*ramp 0 is of other reads/)]);
    expect(cds.live.planes).toEqual(cds.replayed.planes);
  });
});
