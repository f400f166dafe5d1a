import { join } from 'node:path';
import { openFile } from '@iris-drs/fits/node';
import {
  type Engine,
  type FloatPlane,
  openEngine,
  type RawImage,
  type SampleSpec,
  type Shape2,
  samplingWeights,
} from '@iris-drs/kernels';
import { CliError } from '../../errors.ts';
import { type Case, compare, timed } from './compare.ts';
import { writeUnflushed } from './files.ts';
import type { Suite } from './line.ts';
import { type ScalarFrames, scalarFrames, scalarReadout } from './scalar.ts';

const READS = 10;
const COEFFICIENTS = 5;
/** DN */
const SATURATION = 60_000;
/** e-/DN and DN. */
const [GAIN, READ_NOISE] = [2, 6];

/** Reads of a ramp with a rate and a noise of its own in each pixel. */
const ramp = ([ny, nx]: Shape2): Uint16Array => {
  const n = ny * nx;
  const pixels = new Uint16Array(READS * n);
  let state = 1;
  for (let r = 0; r < READS; r++) {
    for (let i = 0; i < n; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      pixels[r * n + i] = 500 + (r + 1) * (20 + (i % 6007)) + (state >>> 26);
    }
  }
  return pixels;
};

/** A few per cent of non-linearity, different in each pixel, in as many terms as asked for. */
const coefficients = (engine: Engine, shape: Shape2): FloatPlane[] =>
  Array.from({ length: COEFFICIENTS }, (_, k) => {
    const plane = engine.float32(shape);
    const scale = 0.02 / 60_000 ** k;
    for (let i = 0; i < plane.data.length; i++) plane.data[i] = scale * (1 + (i % 101) / 100);
    return plane;
  });

const readsOf = async (path: string): Promise<RawImage[]> => {
  using fits = await openFile(path);
  const hdu = fits.hdu(0);
  const [reads, ny, nx] = hdu.shape as [number, number, number];
  const { bscale, bzero } = hdu.pixels!;
  return Array.from({ length: reads }, (_, r) => ({
    path,
    offset: hdu.dataOffset + r * ny * nx * 2,
    bitpix: 16 as const,
    bscale,
    bzero,
    shape: [ny, nx] as const,
  }));
};

/** Both must give the same numbers, or their times say nothing. */
const requireAgreement = async (engine: Engine, spec: SampleSpec, twin: ScalarFrames): Promise<void> => {
  const ours = await engine.sample(spec);
  try {
    const near = (found: number, expected: number, bound: number) => Math.abs(found - expected) <= bound;
    for (let i = 0; i < twin.slope.length; i++) {
      const [slope, photons, noise] = [twin.slope[i]!, twin.varPoisson[i]!, twin.varRnoise[i]!];
      const bound = 0.02 + 1e-5 * Math.abs(slope);
      const agree =
        near(ours.slope.data[i]!, slope, bound) &&
        near(ours.varPoisson.data[i]!, photons, (bound / GAIN) * spec.poissonFactor) &&
        near(ours.varRnoise.data[i]!, noise, 1e-5 * noise) &&
        ours.dq.data[i] === twin.dq[i];
      if (agree) continue;
      const found = `slope ${ours.slope.data[i]}, variances ${ours.varPoisson.data[i]} and ${ours.varRnoise.data[i]}`;
      throw new CliError(1, `pixel ${i}: ${found}; the scalar twin gives ${slope}, ${photons} and ${noise}`);
    }
  } finally {
    for (const plane of Object.values(ours)) (plane as FloatPlane).release();
  }
};

/**
 * Non-linearity and up-the-ramp slope with variances of a uint16 ramp, fused, from a file in the page cache; beside
 * copying its bytes once in memory (one thread), and beside scalar TypeScript that does the same to the whole ramp.
 */
export const readout: Suite = async ({ size, runs, directory, say }) => {
  const shape: Shape2 = [size, size];
  const samples = READS * size * size;
  const path = join(directory, 'ramp.fits');
  const pixels = ramp(shape);
  writeUnflushed(path, { kind: 'image', shape: [READS, size, size], data: pixels }, false);
  say(`${READS} reads, ${COEFFICIENTS} coefficients, ${pixels.byteLength} bytes in ${path}`);

  const engine = await openEngine();
  try {
    const times = Array.from({ length: READS }, (_, r) => 2 * (r + 1));
    const sampling = samplingWeights({ kind: 'utr' }, times);
    const spec: SampleSpec = {
      reads: await readsOf(path),
      shape,
      ...sampling,
      nonlinearity: { form: 'relative', coefficients: coefficients(engine, shape) },
      saturation: SATURATION,
      gain: GAIN,
      readNoise: READ_NOISE,
    };
    const frames = scalarFrames(size * size);
    const scalar = () =>
      scalarReadout({ ...spec, saturation: SATURATION, gain: GAIN, readNoise: READ_NOISE }, frames);
    scalar();
    await requireAgreement(engine, spec, frames);
    const ours: Case = {
      ...timed(
        `fused non-linearity + UTR, ${size}² × ${READS} uint16, ${engine.threads} threads`,
        async () => {
          const result = await engine.sample(spec);
          for (const plane of Object.values(result)) (plane as FloatPlane).release();
        },
      ),
      samples,
      peakBytes: () => engine.pool.peakBytes,
      ...(size === 4096 ? { targetSeconds: 0.6 } : {}),
    };
    const source = new Uint8Array(pixels.buffer);
    const target = new Uint8Array(pixels.byteLength);
    const references = [
      timed('memcpy of the same bytes', () => target.set(source)),
      timed('scalar TypeScript, whole ramp', scalar),
    ];
    return await compare('readout', [ours], references, runs);
  } finally {
    await engine.close();
  }
};
