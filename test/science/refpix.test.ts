import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { DQ } from '@iris-drs/datamodels';
import {
  defaultDetector,
  gaussianPsf,
  pixelTruth,
  type RampSettings,
  trueOutputOffsets,
  writeRamp,
} from '@iris-drs/simulator';
import { describe, expect, it } from 'vitest';
import { type Result, readOut } from '../../services/readout/test/ramps.ts';
import { image, openWorkbench, primary } from '../fixtures/workbench.ts';

const bench = openWorkbench();
const BORDER = 4;
const [ny, nx] = [128, 128];
const READS = 6;

const settings = (channels: number, effects: RampSettings['effects'] = {}): RampSettings => ({
  detector: {
    ...defaultDetector,
    ...{ detector: 'IMG1', shape: [ny, nx], seed: 3, channels, referencePixels: BORDER, hotFraction: 0 },
  },
  scene: { psf: gaussianPsf(2.5), stars: [], sky: 50, skyGradient: [0, 0] },
  ...{ reads: READS, ramps: 1, readSeconds: 2, noise: 'refpix', effects },
});

const write = async (name: string, ramp: RampSettings) => {
  const path = bench.path(`${name}.fits`);
  await writeRamp(path, ramp);
  const { bias, kind } = pixelTruth(ramp);
  const flags: Record<number, number> = {
    4: DQ.REFERENCE_PIXEL,
    5: DQ.REFERENCE_PIXEL | DQ.BAD_REF_PIXEL | DQ.DO_NOT_USE,
  };
  const dq = Uint32Array.from(kind, (k) => flags[k] ?? 0);
  return {
    ramp: path,
    bias: bench.write(
      `${name}-bias.fits`,
      primary(),
      image('SCI', [ny, nx], Float32Array.from(bias), { BUNIT: 'DN' }),
    ),
    mask: bench.write(`${name}-mask.fits`, primary(), image('DQ', [ny, nx], dq)),
  };
};

type Files = Awaited<ReturnType<typeof write>>;

const reduce = (
  { ramp, bias, mask }: Files,
  options: Readonly<Record<string, string>> = {},
): Promise<Result> =>
  readOut(bench, ramp, {
    'superbias.override_superbias': bias,
    'refpix.override_mask': mask,
    'readoutsamp.mode': 'utr',
    ...options,
  });

/** References of 2 e-/DN and 4.5 DN. */
const noiseOf = (): Readonly<Record<string, string>> => ({
  'readoutsamp.override_gain': bench.write(
    'gain.fits',
    primary(),
    image('SCI', [ny, nx], () => 2, { BUNIT: 'electron/DN' }),
  ),
  'readoutsamp.override_readnoise': bench.write(
    'rn.fits',
    primary({ NOISEKND: 'SINGLE' }),
    image('SCI', [ny, nx], () => 4.5, { BUNIT: 'DN' }),
  ),
});

const rms = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

/** Scatter of the slopes of pixels that see light, about their median. */
const scatter = (sci: readonly number[]): number => {
  const inner = sci.filter((_, i) => {
    const [y, x] = [Math.floor(i / nx), i % nx];
    return y >= BORDER && y < ny - BORDER && x >= BORDER && x < nx - BORDER;
  });
  const sorted = inner.toSorted((a, b) => a - b);
  const middle = sorted[sorted.length >> 1]!;
  return 1.4826 * inner.map((v) => Math.abs(v - middle)).sort((a, b) => a - b)[inner.length >> 1]!;
};

describe('reference pixels', () => {
  it.each([1, 4, 16, 32, 64])('tell what %i outputs really did, within their noise', async (channels) => {
    const ramp = settings(channels, { outputs: { bias: 60, drift: 15, jitter: 10 } });
    const { plan, states } = await reduce(await write(`outputs${channels}`, ramp));
    expect([states.refpix, plan.header.get('S_REFPIX')]).toEqual(['COMPLETE', 'COMPLETE']);
    const truth = trueOutputOffsets(ramp)!;
    const width = nx / channels;
    const perParity = width / 2;
    // 4.5 DN of noise in a pixel, averaged over 2 × 4 rows; clipping costs next to nothing.
    const sigma = Math.hypot(4.5, Math.sqrt(1 / 12)) / Math.sqrt(2 * BORDER * perParity);
    const pulls: number[] = [];
    for (let read = 0; read < READS; read++) {
      for (let x = 0; x < nx; x += width)
        for (const parity of [0, 1]) {
          const output = x / width;
          const expected = truth[(read * channels + output) * 2 + parity]!;
          pulls.push((plan.refpix!.columns[read * nx + x + parity]! - expected) / sigma);
        }
    }
    // Bad reference pixels that are left out, and noise that differs by pixel, move σ by some per cent.
    expect(rms(pulls)).toBeLessThan(1 + 4 / Math.sqrt(2 * pulls.length) + 0.1);
    expect(Math.max(...pulls.map(Math.abs))).toBeLessThan(5);
  });

  it('take the drift of outputs out of slopes: by sums and by fits', async () => {
    const quiet = await write('quiet', settings(16));
    const noisy = await write('noisy', settings(16, { outputs: { drift: 40, jitter: 20 } }));
    for (const mode of ['cds', 'utr', 'ols']) {
      const options = { 'readoutsamp.mode': mode };
      const all = { ...options, ...noiseOf() };
      const clean = scatter((await reduce(quiet, { ...all, 'refpix.skip': 'true' })).sci);
      const without = scatter((await reduce(noisy, { ...all, 'refpix.skip': 'true' })).sci);
      const corrected = scatter((await reduce(noisy, all)).sci);
      expect(without / clean).toBeGreaterThan(1.3);
      expect(corrected / clean).toBeLessThan(1.06);
    }
  });

  it('at the sides take a part of 1/f noise out, row by row', async () => {
    const files = await write('flicker', settings(4, { flicker: { noise: 25, shared: 1 } }));
    const plain = scatter((await reduce(files)).sci);
    const { sci, plan } = await reduce(files, {
      'refpix.use_side_ref_pixels': 'true',
      'refpix.side_smoothing_length': '3',
    });
    expect(plan.refpix!.rows).toHaveLength(READS * ny);
    expect(scatter(sci)).toBeLessThan(plain);
    const fit = (side: string) =>
      reduce(files, {
        ...{ 'refpix.use_side_ref_pixels': side, 'refpix.side_smoothing_length': '3' },
        ...{ 'readoutsamp.mode': 'ols', 'jump.skip': 'true', ...noiseOf() },
      });
    expect(scatter((await fit('true')).sci)).toBeLessThan(scatter((await fit('false')).sci));
  });

  it('give the offsets that numpy finds', async () => {
    const ramp = settings(16, { outputs: { bias: 60, drift: 15 }, flicker: { noise: 10 } });
    const files = await write('twin', ramp);
    const { plan } = await reduce(files, { 'refpix.use_side_ref_pixels': 'true' });
    const script = fileURLToPath(new URL('refpix.py', import.meta.url));
    const args = [script, files.ramp, files.bias, files.mask, '16', String(BORDER), '11'];
    let text: string;
    try {
      text = execFileSync(process.env.DRS_PYTHON ?? '/usr/bin/python3', args, {
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      });
    } catch (error) {
      if (process.env.DRS_REQUIRE_ORACLES === '1') throw error;
      console.log('numpy or astropy is missing: offsets are not compared');
      return;
    }
    const found = JSON.parse(text) as { columns: number[][]; rows: number[][] };
    const farthest = (ours: Float32Array, theirs: readonly number[]): number =>
      Math.max(...theirs.map((value, i) => Math.abs(value - ours[i]!)));
    // float32 of values near 5000 DN less a bias of the same size.
    expect(farthest(plan.refpix!.columns, found.columns.flat())).toBeLessThan(2e-3);
    expect(farthest(plan.refpix!.rows!, found.rows.flat())).toBeLessThan(2e-3);
  });
});

describe('without what it needs', () => {
  it('the step is skipped: no number of outputs, no mask, no reference pixels, a subarray', async () => {
    const files = await write('needs', settings(4));
    const none = bench.write('no-reference.fits', primary(), image('DQ', [ny, nx], new Uint32Array(ny * nx)));
    const states = [
      await reduce(files, { 'refpix.override_mask': 'N/A' }),
      await reduce(files, { 'refpix.override_mask': none }),
    ].map((result) => result.states.refpix);
    expect(states).toEqual(['SKIPPED', 'SKIPPED']);
  });

  it.each([
    ['SARRMODE', { SARRMODE: 'SUB_ARRAY', XSTART: 1, YSTART: 1, XSIZE: 64, YSIZE: 64 }],
    ['its start and size', { XSTART: 1, YSTART: 1, XSIZE: 64, YSIZE: 64 }],
    ['SUBARRAY', { SUBARRAY: 'CUSTOM', SUBSTRT1: 1, SUBSTRT2: 1, SUBSIZE1: 64, SUBSIZE2: 64 }],
  ])('a subarray at the edge is left alone, named by %s', async (name, cards) => {
    const files = await write('corner', settings(4));
    const ramp = bench.write(
      `corner-${name.length}.fits`,
      primary({ NOUTPUTS: 4, TGROUP: 2, ...cards }),
      image('SCI', [1, 3, 64, 64], (k) => 2000 + Math.floor(k / 4096), { BUNIT: 'DN' }),
    );
    expect((await reduce({ ...files, ramp })).states.refpix).toBe('SKIPPED');
  });

  it('outputs that do not divide the columns are refused', async () => {
    const files = await write('odd', settings(4));
    await expect(reduce(files, { 'refpix.outputs': '5' })).rejects.toMatchObject({ code: 'STEP_INPUT' });
  });
});
