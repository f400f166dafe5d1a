/** What two frames must share to be reduced together. Empty text or 0 means the file does not say. */
export interface FrameTraits {
  readonly exposureId: string;
  readonly observationId: string;
  readonly mode: string;
  readonly detector: string;
  readonly filter: string;
  readonly scale: string;
  readonly exposureTimeSeconds: number;
  /** Start of the exposure, ms since 1970. */
  readonly startMillis: number;
}

/** Exposure times closer than this share of the longer one count as equal: headers round them. */
const TIME_TOLERANCE = 1e-3;

const sameTime = (a: number, b: number): boolean =>
  Math.abs(a - b) <= TIME_TOLERANCE * Math.max(Math.abs(a), Math.abs(b));

/** True when `sky` may serve as background of `science`: same observation, detector, filter, exposure time, scale. */
const isBackgroundOf = (sky: FrameTraits, science: FrameTraits): boolean =>
  science.observationId !== '' &&
  sky.observationId === science.observationId &&
  sky.mode === science.mode &&
  sky.detector === science.detector &&
  sky.filter === science.filter &&
  sky.scale === science.scale &&
  sameTime(sky.exposureTimeSeconds, science.exposureTimeSeconds);

/**
 * The sky frames that serve a science frame, nearest in time first, at most `limit` of them.
 * Standalone exposures (no observation) have none.
 */
export const backgroundsFor = <T extends FrameTraits>(
  science: FrameTraits,
  skies: readonly T[],
  limit = 9,
): T[] =>
  skies
    .filter((sky) => isBackgroundOf(sky, science))
    .map((sky) => [Math.abs(sky.startMillis - science.startMillis), sky] as const)
    .sort(([a, s], [b, t]) => a - b || (s.exposureId < t.exposureId ? -1 : 1))
    .slice(0, limit)
    .map(([, sky]) => sky);
