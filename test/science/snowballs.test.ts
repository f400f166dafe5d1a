import { DQ } from '@iris-drs/datamodels';
import {
  defaultDetector,
  gaussianPsf,
  pixelTruth,
  type RampSettings,
  trueHits,
  writeRamp,
} from '@iris-drs/simulator';
import { describe, expect, it } from 'vitest';
import { type Result, readOut } from '../../services/readout/test/ramps.ts';
import { image, openWorkbench, primary } from '../fixtures/workbench.ts';

const bench = openWorkbench();
const SIZE = 256;
const PIXELS = SIZE ** 2;
const GAIN = 2;
/** Electrons of a read, e-/s. */
const [NOISE, SKY, SECONDS] = [9, 20, 5];

const settings = (reads: number, effects: NonNullable<RampSettings['effects']>): RampSettings => ({
  detector: {
    ...defaultDetector,
    ...{ detector: 'IMG1', shape: [SIZE, SIZE], seed: 3, gain: GAIN, readNoise: NOISE },
    ...{ warmFraction: 0, hotFraction: 0, deadFraction: 0 },
  },
  scene: { psf: gaussianPsf(2.5), stars: [], sky: SKY, skyGradient: [0, 0] },
  ...{ reads, ramps: 1, readSeconds: SECONDS, noise: 'snow', effects },
});

const plane = (name: string, values: ArrayLike<number>, unit = 'DN'): string =>
  bench.write(
    `${name}.fits`,
    primary({ NOISEKND: 'SINGLE', NLFORM: 'RELATIVE' }),
    image('SCI', [SIZE, SIZE], Float32Array.from(values), { BUNIT: unit }),
  );

/** The slopes of a ramp, with what really is known of the detector. */
const reduce = async (ramp: RampSettings, name: string, options: Readonly<Record<string, string>>) => {
  const path = bench.path(`${name}.fits`);
  await writeRamp(path, ramp);
  const { bias, fullWell, gain, readNoise } = pixelTruth(ramp);
  return readOut(bench, path, {
    'superbias.override_superbias': plane('bias', bias),
    'saturation.override_saturation': plane(
      'full',
      bias.map((b, i) => b + 0.95 * fullWell[i]!),
    ),
    'readoutsamp.override_gain': plane('gain', gain, 'electron/DN'),
    'readoutsamp.override_readnoise': plane('noise', readNoise),
    ...options,
  });
};

const LARGE = { 'jump.expand_large_events': 'true' };
const SNOW = { rate: 2e-5 / SECONDS, radius: [2, 6] as const };

/** What snowballs add to slopes, in σ of the slope without them, and where they put any charge. */
const residuals = (with_: Result, without: Result, charged: ReadonlySet<number>) => {
  const sigma = (i: number): number => Math.sqrt(without.varPoisson[i]! + without.varRnoise[i]!);
  const usable = [...charged].filter((i) => (with_.dq[i]! & DQ.DO_NOT_USE) === 0);
  const added = usable.map((i) => (with_.sci[i]! - without.sci[i]!) / sigma(i));
  return {
    usable: usable.length / charged.size,
    mean: added.reduce((a, b) => a + b, 0) / added.length,
    wrong: added.filter((v) => v > 2).length / added.length,
  };
};

const percent = (part: number): string => `${(100 * part).toFixed(2)} %`;

const CASES = [
  ['ols', 8],
  ['likely', 16],
  ['ols', 16],
  ['likely', 8],
] as const;

describe.each(process.env.DRS_PRINT_FIGURES ? CASES : CASES.slice(0, 2))(
  'snowballs, by %s of %i reads',
  (mode, reads) => {
    const options = { 'readoutsamp.mode': mode };

    it('are flagged with their halos, and leave less in the slopes than without the search', async () => {
      const rate = (SNOW.rate * 8) / reads;
      const snowy = settings(reads, { snowballs: { ...SNOW, rate } });
      // What came before the first read is in all of them.
      const balls = trueHits(snowy).filter(({ read }) => read > 0);
      const early = new Set(
        trueHits(snowy)
          .filter(({ read }) => read === 0)
          .flatMap(({ pixels }) => pixels.map(([x, y]) => y * SIZE + x)),
      );
      const charged = new Set<number>();
      for (const { pixels } of balls)
        for (const [x, y] of pixels) if (!early.has(y * SIZE + x)) charged.add(y * SIZE + x);
      expect(balls.length).toBeGreaterThan(6);
      const clean = await reduce(settings(reads, {}), 'clean', options);
      const plain = await reduce(snowy, 'snow', options);
      const found = await reduce(snowy, 'snow', { ...options, ...LARGE });

      const flagged = ({ dq }: Result, pixels: Iterable<number>): number => {
        const all = [...pixels];
        return all.filter((i) => (dq[i]! & (DQ.JUMP_DET | DQ.SATURATED)) !== 0).length / all.length;
      };
      const whole = balls.filter(
        ({ pixels }) =>
          flagged(
            found,
            pixels.map(([x, y]) => y * SIZE + x),
          ) > 0.99,
      ).length;
      const dark = Array.from({ length: PIXELS }, (_, i) => i).filter(
        (i) => !charged.has(i) && !early.has(i),
      );
      const [before, after] = [plain, found].map((one) => residuals(one, clean, charged));
      if (process.env.DRS_PRINT_FIGURES) {
        console.info(
          `${mode} ${reads} reads: ${whole} of ${balls.length} snowballs whole; charged pixels flagged ` +
            `${percent(flagged(plain, charged))} → ${percent(flagged(found, charged))}, others ` +
            `${percent(flagged(plain, dark))} → ${percent(flagged(found, dark))}; added to slopes ` +
            `${before!.mean.toFixed(3)} σ → ${after!.mean.toFixed(3)} σ, above 2 σ ${percent(before!.wrong)} → ` +
            `${percent(after!.wrong)}; usable ${percent(before!.usable)} → ${percent(after!.usable)}`,
        );
      }
      expect(whole / balls.length).toBeGreaterThan(0.9);
      expect(after!.mean).toBeLessThan(0.5 * before!.mean);
    });
  },
);

describe('without snowballs', () => {
  it('tracks of cosmic rays are hardly ever taken for one', async () => {
    const ramp = settings(12, { cosmicRays: { rate: 2e-5 } });
    const options = { 'readoutsamp.mode': 'ols' };
    const [plain, found] = [
      await reduce(ramp, 'rays', options),
      await reduce(ramp, 'rays', { ...options, ...LARGE, 'jump.edge_size': '0' }),
    ];
    const jumped = ({ dq }: Result): number => dq.filter((q) => (q & DQ.JUMP_DET) !== 0).length;
    if (process.env.DRS_PRINT_FIGURES)
      console.info(`cosmic rays: ${jumped(plain)} pixels, ${jumped(found)} when snowballs are looked for`);
    expect(jumped(found) / jumped(plain)).toBeLessThan(1.05);
  });
});
