import { linkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { exposureFileStem, productPath, utDate } from '@iris-drs/datamodels';
import { openCrew } from './crew.ts';
import { eventMaker, type PublishedEvent } from './csw.ts';
import { defaultDetector } from './detector.ts';
import type { ReadFile } from './plan.ts';
import { gaussianPsf } from './psf.ts';
import type { RampSettings } from './ramp.ts';
import { type ReadNumber, readHeader, readStem, writeRead } from './readfile.ts';
import { defaultCalibration } from './reference.ts';
import { writeReferenceFiles } from './referencefiles.ts';
import { repeatedReads } from './repeat.ts';
import { controllerRead, exposureEnd, exposureStart } from './sequence.ts';

export interface SoakOptions {
  /** Root of the data directory. */
  readonly dir: string;
  /** Reads in a ramp. */
  readonly reads: number;
  /** Pixels of the square detector, 4096; seconds between reads, 0.72. */
  readonly size?: number;
  readonly readSeconds?: number;
  /** Rows that are worked out and repeated, 32. */
  readonly rows?: number;
  readonly seed?: number;
}

/** Writes reads as fast as files can be written. */
export interface SoakWriter {
  /** Bytes of pixels in each read. */
  readonly pixelBytes: number;
  /**
   * Writes one read of any detector; it is whole when this returns.
   *
   * @param start  UTC of the reset of the exposure's first ramp, ISO 8601
   */
  write(exposureId: string, detector: string, start: string, number: ReadNumber): ReadFile;
}

/** A writer of reads for load: headers are right, pixels are a plain sky that repeats every few rows. */
export function soakWriter(options: SoakOptions): SoakWriter {
  const { dir, reads, size = 4096, readSeconds = 0.72, rows = 32, seed = 1 } = options;
  const pixels = repeatedReads(rows);
  const settings = (detector: string): RampSettings => ({
    detector: { ...defaultDetector, detector, shape: [size, size], seed },
    scene: { psf: gaussianPsf(2.5), stars: [], sky: 25, skyGradient: [0, 0] },
    reads,
    ramps: 1,
    readSeconds,
    noise: 'soak',
  });
  return {
    pixelBytes: 2 * size * size,
    write(exposureId, detector, start, number) {
      const ramp = settings(detector);
      const filename = productPath({
        exposureFileStem: readStem(exposureFileStem(exposureId, detector), number),
        utDate: utDate(start),
        suffix: 'uncal',
        mode: 'imager',
      });
      const path = join(dir, filename);
      mkdirSync(join(path, '..'), { recursive: true });
      const labels = {
        exposureId,
        observationId: exposureId.split('-').slice(0, 3).join('-'),
        role: 'SCI',
        object: 'load',
        filter: 'K',
        pupil: 'CLEAR',
        start,
        pointing: [40.1696, -0.0133],
        offset: [0, 0],
      } as const;
      const header = readHeader(ramp, labels, number);
      if (detector === 'IFS') header.set('DET_ID', 'LEN', 'detector, behind the lenslets');
      writeRead(path, header, pixels(ramp, number.read));
      return { exposureId, detector, ...number, time: (number.read + 1) * readSeconds, path, filename };
    },
  };
}

/** Events of exposures whose reads a {@link soakWriter} writes, at the time that passes. */
export interface SoakEvents {
  start(exposureId: string): PublishedEvent[];
  /** A read that is whole. */
  read(file: ReadFile): PublishedEvent;
  end(exposureId: string): PublishedEvent[];
}

export function soakEvents(start: string, seed = 1): SoakEvents {
  const make = eventMaker(start, seed);
  const origin = performance.now();
  const now = () => {
    make.wait(Math.max(1e-6, (performance.now() - origin) / 1000 - make.elapsed));
    return make;
  };
  return {
    start: (exposureId) => [...exposureStart(now(), exposureId)],
    read: (file) => controllerRead(now(), file.exposureId, file),
    end: (exposureId) => [...exposureEnd(now(), exposureId)],
  };
}

export interface SoakReferencesOptions {
  /** CRDS cache; made. */
  readonly refs: string;
  readonly detectors: readonly string[];
  readonly size?: number;
}

/**
 * References for up-the-ramp sampling with non-linearity: nonlincoeff (three coefficients), gain and readnoise, those of
 * the first detector under the names of all.
 */
export async function soakReferences({ refs, detectors, size = 4096 }: SoakReferencesOptions): Promise<void> {
  const crew = openCrew();
  const calibration = (detector: string) => ({
    ...defaultCalibration,
    detector: { ...defaultDetector, detector, shape: [size, size] as const, seed: 1 },
    reads: 2,
    readSeconds: 1,
  });
  try {
    await writeReferenceFiles(
      {
        refs,
        calibrations: detectors.map(calibration),
        ...{ filter: 'K', pupil: 'CLEAR', types: ['nonlincoeff', 'gain', 'readnoise'], alike: linkSync },
      },
      crew,
    );
  } finally {
    await crew.close();
  }
}
