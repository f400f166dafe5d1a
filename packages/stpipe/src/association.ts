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

/** A frame that may serve others, or be made into an image. */
export interface AssociableFrame extends FrameTraits {
  readonly role: string;
  readonly aborted: boolean;
}

/** Roles whose frames are calibrated with dark and flat; the others end as raw science frames. */
const CALIBRATED: ReadonlySet<string> = new Set([
  'science',
  'sky',
  'telluric',
  'flux-standard',
  'psf-star',
  'arc',
  'fibre',
  'pinhole',
]);
/** Roles whose frames become reduced images. */
const REDUCED: ReadonlySet<string> = new Set(['science', 'telluric', 'flux-standard', 'psf-star']);

/** True for a role whose frames are calibrated with dark and flat. */
export const isCalibrated = (role: string): boolean => CALIBRATED.has(role);

/** True for frames that become reduced images. */
export const becomesImage = ({ mode, role }: { readonly mode: string; readonly role: string }): boolean =>
  mode === 'imager' && REDUCED.has(role);

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
 * The frames that serve a science frame as background: skies, nearest in time first, at most `limit` of them. An
 * aborted exposure is no sky for others. Standalone exposures (no observation) have none.
 */
export const backgroundsFor = <T extends AssociableFrame>(
  science: FrameTraits,
  frames: readonly T[],
  limit = 9,
): T[] =>
  frames
    .filter((frame) => frame.role === 'sky' && !frame.aborted && isBackgroundOf(frame, science))
    .map((sky) => [Math.abs(sky.startMillis - science.startMillis), sky] as const)
    .sort(([a, s], [b, t]) => a - b || (s.exposureId < t.exposureId ? -1 : 1))
    .slice(0, limit)
    .map(([, sky]) => sky);
