export interface CalibratePixel {
  readonly sci: number;
  readonly dq: number;
  readonly varPoisson: number;
  readonly varRnoise: number;
  readonly dark?: { readonly sci: number; readonly dq?: number; readonly variance?: number } | undefined;
  readonly flat?: { readonly sci: number; readonly dq?: number; readonly variance?: number } | undefined;
}

const NO_FLAT_FIELD = 262144;
const DO_NOT_USE = 1;

/**
 * S = SCI − D;  SCI = S/F;  VAR_POISSON /= F²;  VAR_RNOISE = (VAR_RNOISE + σ_D²)/F²;  VAR_FLAT = (S/F)²/F² × σ_F².
 *
 * @see jwst flat_field, dark_current
 */
export const calibrate = ({ sci, dq, varPoisson, varRnoise, dark, flat }: CalibratePixel) => {
  const hasDark = dark !== undefined && !Number.isNaN(dark.sci);
  const s = sci - (hasDark ? dark.sci : 0);
  const r = varRnoise + (hasDark ? (dark.variance ?? 0) : 0);
  let flags = dq | (dark?.dq ?? 0) | (flat?.dq ?? 0);
  if (!flat) return { sci: s, dq: flags >>> 0, varPoisson, varRnoise: r, varFlat: 0 };
  const bad = Number.isNaN(flat.sci) || flat.sci === 0 || ((flat.dq ?? 0) & NO_FLAT_FIELD) !== 0;
  if (bad) flags |= NO_FLAT_FIELD | DO_NOT_USE;
  const f = bad ? 1 : flat.sci;
  const varFlat = bad || flat.variance === undefined ? 0 : ((s / f) ** 2 / f ** 2) * flat.variance;
  return { sci: s / f, dq: flags >>> 0, varPoisson: varPoisson / f ** 2, varRnoise: r / f ** 2, varFlat };
};
