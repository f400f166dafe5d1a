import { type Detector, detectorNamed } from './detectors.ts';
import type { Exposure } from './exposure.ts';
import { parseExposureId } from './exposureid.ts';

/**
 * Detectors whose data an exposure will bring: the one its id names, or for the imager as a whole those that
 * the instrument said take part. Undefined when nothing said which of the imager's detectors are in use.
 */
export function expectedDetectors(exposure: Exposure): readonly Detector[] | undefined {
  const named = detectorNamed(parseExposureId(exposure.id).detector);
  if (named && !named.whole) return [named.detector];
  return exposure.inUse?.detectors;
}

/**
 * Whether the files of an exposure are all written: one for each expected detector, or one that names no
 * detector and so holds the exposure as a whole. Undefined while nothing says how many to expect.
 */
export function isComplete(exposure: Exposure): boolean | undefined {
  const written = exposure.files.filter((file) => file.written && file.level !== 'readouts');
  if (written.some((file) => file.detector === undefined)) return true;
  return expectedDetectors(exposure)?.every((detector) => written.some((file) => file.detector === detector));
}
