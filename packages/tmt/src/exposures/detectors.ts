export const DETECTORS = ['IMG1', 'IMG2', 'IMG3', 'IMG4', 'IFS'] as const;
export type Detector = (typeof DETECTORS)[number];
export type InstrumentMode = 'imager' | 'lenslet' | 'slicer';

export interface DetectorName {
  readonly detector: Detector;
  /** Absent where the name leaves lenslet or slicer open. */
  readonly mode?: InstrumentMode;
  /** The name means the imager as a whole; `detector` is then only a last resort. */
  readonly whole?: true;
}

/**
 * Every spelling of a detector in use, in upper case. Sources: TMT sequencer scripts (IMG, IFS), CSW
 * examples (IMG1), IRIS Hawaii HCD draft (IMG1–IMG4, IFS), imager assembly draft (IRIS-IMG), IRIS FITS metadata
 * DET_ID (SLC, LEN), iris_pipeline (IRIS1), liger_iris_pipeline (IFU), OBSNAME prefixes (SLI, LEN), ICD
 * parameter `detector` 1 to 4.
 */
const NAMES: Readonly<Record<string, DetectorName>> = {
  IMG1: { detector: 'IMG1', mode: 'imager' },
  IMG2: { detector: 'IMG2', mode: 'imager' },
  IMG3: { detector: 'IMG3', mode: 'imager' },
  IMG4: { detector: 'IMG4', mode: 'imager' },
  IRIS1: { detector: 'IMG1', mode: 'imager' },
  '1': { detector: 'IMG1', mode: 'imager' },
  '2': { detector: 'IMG2', mode: 'imager' },
  '3': { detector: 'IMG3', mode: 'imager' },
  '4': { detector: 'IMG4', mode: 'imager' },
  IMG: { detector: 'IMG1', mode: 'imager', whole: true },
  IMAGER: { detector: 'IMG1', mode: 'imager', whole: true },
  'IRIS-IMG': { detector: 'IMG1', mode: 'imager', whole: true },
  IFS: { detector: 'IFS' },
  IFU: { detector: 'IFS' },
  'IRIS-IFS': { detector: 'IFS' },
  LEN: { detector: 'IFS', mode: 'lenslet' },
  LENSLET: { detector: 'IFS', mode: 'lenslet' },
  SLC: { detector: 'IFS', mode: 'slicer' },
  SLI: { detector: 'IFS', mode: 'slicer' },
  SLICER: { detector: 'IFS', mode: 'slicer' },
};

/** What a spelling of a detector stands for, in any case; undefined for names that are not IRIS science detectors. */
export function detectorNamed(name: string | number): DetectorName | undefined {
  const key = String(name).trim().toUpperCase();
  return Object.hasOwn(NAMES, key) ? NAMES[key] : undefined;
}
