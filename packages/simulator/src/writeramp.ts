import { openCrew } from './crew.ts';
import type { RampSettings } from './ramp.ts';
import { type ExposureLabels, writeRampFile } from './rampfile.ts';

const LABELS: ExposureLabels = {
  exposureId: '2031A-001-123-IRIS-IMG-SCI0-0001',
  observationId: '2031A-001-123',
  role: 'SCI',
  object: 'simulation',
  filter: 'K',
  pupil: 'CLEAR',
  start: '2031-03-14T09:26:53.589Z',
  pointing: [40.1696, -0.0133],
  offset: [0, 0],
};

/**
 * Writes one exposure of one detector as an observation would, without its events: SCI uint16
 * `[ramps, reads, ny, nx]` and TIMES.
 *
 * @param threads  0 works in the calling thread, for small detectors
 */
export async function writeRamp(
  path: string,
  ramp: RampSettings,
  labels: Partial<ExposureLabels> = {},
  threads = 0,
): Promise<void> {
  const crew = openCrew(threads);
  try {
    await writeRampFile(path, ramp, { ...LABELS, ...labels }, crew);
  } finally {
    await crew.close();
  }
}
