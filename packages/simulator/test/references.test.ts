import { join } from 'node:path';
import { DQ } from '@iris-drs/datamodels';
import { readImage } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import { describe, expect, it } from 'vitest';
import { simulateObservation } from '../src/observation.ts';
import { pixelTruth } from '../src/pixeltruth.ts';
import { type ObservationOptions, planObservation } from '../src/plan.ts';
import { perfectCalibration } from '../src/reference.ts';
import { scratch } from './scratch.ts';
import { mean, rms } from './setup.ts';

const size = [60, 64] as const;

async function makeReferences(options: Partial<ObservationOptions>) {
  const refs = join(scratch(), 'refs');
  const settings = { dir: refs, refs, size, stars: 0, reads: 5, threads: 0, ...options };
  let made: readonly string[] = [];
  for await (const item of simulateObservation(settings)) {
    if (item.kind === 'references') made = item.files;
    break;
  }
  const open = async (type: string, hdu: string) => {
    using fits = await openFile(join(refs, 'references', 'tmt', 'iris', `tmt_iris_${type}_img1_0001.fits`));
    const { data, shape } = await readImage(fits, fits.hdu(hdu));
    return { data: Array.from(data, Number), shape, header: fits.hdus[0]!.header };
  };
  return { made, open };
}

const inBorder = (i: number) => {
  const [x, y] = [i % 64, Math.floor(i / 64)];
  return x < 4 || y < 4 || x >= 60 || y >= 56;
};

describe('references of a detector with reference pixels', () => {
  const detector = { referencePixels: 4, hotFraction: 0.02 };

  it('flag them in the mask, bad ones as such, and call none of them hot, dead or warm', async () => {
    const { open } = await makeReferences({ detector });
    const { data } = await open('mask', 'DQ');
    const good = DQ.REFERENCE_PIXEL;
    const bad = DQ.REFERENCE_PIXEL + DQ.BAD_REF_PIXEL + DQ.DO_NOT_USE;
    data.forEach((flags, i) => {
      if (inBorder(i)) expect([good, bad]).toContain(flags);
      else expect(flags).toBeLessThan(good);
    });
    expect(data.filter((flags) => flags === bad).length).toBeGreaterThan(3);
    const [noise, dark, flat] = [
      await open('readnoise', 'SCI'),
      await open('dark', 'SCI'),
      await open('flat', 'DQ'),
    ];
    data.forEach((flags, i) => {
      if (flags === bad) expect(noise.data[i]).toBeGreaterThan(40);
      if (flags !== good) return;
      expect(Math.abs(dark.data[i]!)).toBeLessThan(0.5);
      expect(flat.data[i]).toBe(DQ.NO_FLAT_FIELD + DQ.DO_NOT_USE);
    });
  });
});

describe('a perfect calibration', () => {
  it('is the truth', async () => {
    const { open } = await makeReferences({ calibration: perfectCalibration });
    const plan = planObservation({ dir: '', size, stars: 0, reads: 5 });
    const truth = pixelTruth(plan.exposures[0]!.ramps.get('IMG1')!);
    const same = (found: readonly number[], value: (i: number) => number) => {
      for (const [i, v] of found.entries()) expect(Math.abs(v / value(i) - 1)).toBeLessThan(1e-5);
    };
    same((await open('superbias', 'SCI')).data, (i) => truth.bias[i]!);
    same((await open('gain', 'SCI')).data, (i) => truth.gain[i]!);
    same((await open('readnoise', 'SCI')).data, (i) => truth.readNoise[i]!);
    const c = (await open('nonlincoeff', 'COEFFS')).data;
    same(c.slice(60 * 64, 2 * 60 * 64), (i) => truth.coefficients[1][i]!);
  });
});

describe('other forms of references', () => {
  it("are JWST's polynomial of the same non-linearity", async () => {
    const calibration = { coefficientError: 0 };
    const ours = await (await makeReferences({ calibration })).open('nonlincoeff', 'COEFFS');
    const { made, open } = await makeReferences({ calibration: { ...calibration, linearity: 'polynomial' } });
    const theirs = await open('linearity', 'COEFFS');
    expect(theirs.shape).toEqual([4, 60, 64]);
    expect(theirs.header.get('NLFORM')).toBe('POLYNOMIAL');
    expect(made.some((path) => path.includes('nonlincoeff'))).toBe(false);
    const pixels = 60 * 64;
    for (let i = 0; i < pixels; i++) {
      expect(theirs.data[i]).toBe(0);
      expect(theirs.data[pixels + i]).toBe(1 + ours.data[i]!);
      for (const power of [1, 2])
        expect(theirs.data[(power + 1) * pixels + i]).toBe(ours.data[power * pixels + i]);
    }
  });

  it('are a dark for each read, with what settles early in the ramp', async () => {
    const effects = { settling: { electrons: 100, seconds: 3 } };
    const { open } = await makeReferences({
      effects,
      calibration: { rampDark: true },
      detector: { warmFraction: 0, hotFraction: 0 },
    });
    const [sci, err, dark] = [
      await open('rampdark', 'SCI'),
      await open('rampdark', 'ERR'),
      await open('dark', 'SCI'),
    ];
    expect(sci.shape).toEqual([5, 60, 64]);
    const pixels = 60 * 64;
    for (let read = 0; read < 5; read++) {
      const t = 2 * (read + 1);
      const early = (100 * (1 - Math.exp(-t / 3))) / 2;
      const plane = sci.data.slice(read * pixels, (read + 1) * pixels);
      const left = plane.map((value, i) => value - dark.data[i]! * t - early);
      expect(Math.abs(mean(left))).toBeLessThan(0.3);
      const pulls = left.map((value, i) => (value - mean(left)) / err.data[read * pixels + i]!);
      // The rate dark's own noise, and gains that differ by 1 % from output to output, add a little.
      expect(rms(pulls)).toBeGreaterThan(0.95);
      expect(rms(pulls)).toBeLessThan(2);
    }
  });
});
