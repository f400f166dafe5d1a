import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { HduInit } from '@iris-drs/fits';
import { writeFile } from '@iris-drs/fits/node';
import { describe, expect, it } from 'vitest';
import {
  type DetectorSettings,
  defaultDetector,
  detectorRows,
  newDetectorRow,
  PIXEL,
} from '../src/detector.ts';
import { gaussianPsf } from '../src/psf.ts';
import { type RampSettings, simulateRamp } from '../src/ramp.ts';
import { writeRamp } from '../src/writeramp.ts';
import { astropyPresent, PYTHON } from './oracle.ts';
import { scratch } from './scratch.ts';

const detector: DetectorSettings = {
  ...defaultDetector,
  detector: 'IMG2',
  shape: [18, 26],
  seed: 3,
  channels: 4,
};
const scene = { psf: gaussianPsf(2.5), stars: [], sky: 600, skyGradient: [0, 0] as const };
const ramp: RampSettings = { detector, scene, reads: 5, ramps: 300, readSeconds: 25, noise: 'a' };

/** The true detector as images, one for each property. */
function truePlanes(): HduInit[] {
  const [ny, nx] = detector.shape;
  const rows = detectorRows(detector);
  const row = newDetectorRow(nx);
  const names = ['gain', 'dark', 'response', 'bias', 'readNoise', 'fullWell', 'c1', 'c2'] as const;
  const planes = names.map(() => new Float64Array(ny * nx));
  for (let y = 0; y < ny; y++) {
    rows(y, row);
    names.forEach((name, i) => {
      planes[i]!.set(row[name], y * nx);
    });
  }
  const images = names.map(
    (name, i): HduInit => ({ kind: 'image', name: name.toUpperCase(), shape: [ny, nx], data: planes[i]! }),
  );
  return [{ kind: 'image', shape: [] }, ...images];
}

describe('reads', () => {
  it('have the mean, scatter, correlation and law that numpy and astropy expect', async () => {
    if (!astropyPresent()) return;
    const directory = scratch();
    const [reads, planes] = [join(directory, 'reads.fits'), join(directory, 'planes.fits')];
    await writeRamp(reads, ramp, { object: 'blank sky' });
    writeFile(planes, truePlanes());
    const script = join(import.meta.dirname, 'numpy_reads.py');
    const found = JSON.parse(execFileSync(PYTHON, [script, reads, planes, '600'], { encoding: 'utf8' }));
    expect(found).toMatchObject({ dtype: 'uint16', shape: [300, 5, 18, 26], detector: 'IMG2' });
    const samples = found.pixels * 5;
    expect(found.pixels).toBeGreaterThan(300);
    expect(found.nonlinearity).toBeGreaterThan(0.02); // the sample reaches far enough to test it
    expect(Math.abs(found.meanPull)).toBeLessThan(4 / Math.sqrt(found.pixels)); // reads of a ramp go together
    expect(Math.abs(found.pullSigma - 1)).toBeLessThan(4 / Math.sqrt(2 * found.pixels));
    expect(Math.abs(found.varianceRatio - 1)).toBeLessThan(5 * Math.sqrt(2 / (300 * samples)) + 0.005);
    expect(Math.abs(found.covarianceRatio - 1)).toBeLessThan(0.03);
    expect(found.ksProbability).toBeGreaterThan(1e-3);
  });

  it('stop at the full well and are held by the converter', () => {
    const bright = { ...scene, sky: 1e5 };
    const reads = simulateRamp({ ...ramp, scene: bright, ramps: 1, reads: 3 });
    const last = reads.subarray(2 * 18 * 26);
    const rows = detectorRows(detector);
    const row = newDetectorRow(26);
    for (let y = 0; y < 18; y++) {
      rows(y, row);
      for (let x = 0; x < 26; x++) {
        if (row.kind[x] === PIXEL.dead) continue;
        const top = Math.min(row.bias[x]! + row.fullWell[x]!, 65535);
        expect(Math.abs(last[y * 26 + x]! - top)).toBeLessThanOrEqual(6 * row.readNoise[x]! + 1);
      }
    }
    expect(
      Math.max(
        ...simulateRamp({ ...ramp, detector: { ...detector, bias: 30_000 }, scene: bright, ramps: 1 }),
      ),
    ).toBe(65535);
  });

  it('repeat for the same seed and noise, and differ for another', () => {
    const short = { ...ramp, ramps: 1 };
    expect(simulateRamp(short)).toEqual(simulateRamp(short));
    expect(simulateRamp({ ...short, noise: 'b' })).not.toEqual(simulateRamp(short));
  });

  it('are refused with settings that mean nothing', () => {
    expect(() => simulateRamp({ ...ramp, reads: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[SimulatorError: reads is 0; give a whole number from 1 up]`,
    );
    expect(() =>
      simulateRamp({ ...ramp, detector: { ...detector, gain: 0 } }),
    ).toThrowErrorMatchingInlineSnapshot(`[SimulatorError: gain is 0; give a number above 0]`);
  });
});
