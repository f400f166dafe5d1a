/** A calibrated or raw 2-D frame with its flags and variances: what every stage from L1 on works upon. */
import type { Header } from '@iris-drs/fits';
import { Header as FitsHeader } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import type { Engine, FlagPlane, FloatPlane, Shape2 } from '@iris-drs/kernels';
import {
  findImage,
  headersOf,
  type OpenFits,
  place,
  readFlagPlane,
  readFloatPlane,
  requireShape,
  shape2,
} from './access.ts';
import { chooseScience, type DetectorChoice } from './detectors.ts';
import { applyFlagDefinitions } from './dqdef.ts';
import { type ExtraHdu, extraHdus } from './extra.ts';
import { contentOf, splitCoordinates, text } from './headers.ts';
import { DN_PER_SECOND, normalizeUnit, rateScale } from './units.ts';

export interface ImageModel {
  /** Primary header: what the input held, with our keywords. */
  readonly header: Header;
  /** Header of SCI: world coordinates and what else came with it. */
  readonly sciHeader: Header;
  /** `[ny, nx]` */
  readonly shape: Shape2;
  /** In `units`. */
  readonly sci: FloatPlane;
  readonly dq: FlagPlane;
  /** Variances in units²; NaN where unknown. */
  readonly varPoisson: FloatPlane;
  readonly varRnoise: FloatPlane;
  readonly varFlat?: FloatPlane;
  /** Only where it is to be written; derived data, never propagated. */
  readonly err?: FloatPlane;
  readonly wmap?: FloatPlane;
  /** Extensions that are not ours, byte for byte. */
  readonly extra: readonly ExtraHdu[];
  readonly units: string;
  /** What had to be assumed about the input. */
  readonly warnings: readonly string[];
  /** Where the model is some rows of a frame only. */
  readonly strip?: Strip;
}

/** Some rows of a frame. */
export interface Strip {
  /** First row, 0-based. */
  readonly y0: number;
  /** Rows of the whole frame. */
  readonly height: number;
}

export interface OpenImageOptions extends DetectorChoice {
  /**
   * `rate` (default): frames in DN are divided by EXPTIME, other units than DN and DN/s are refused.
   * `keep`: pixels and unit as the file has them.
   */
  readonly units?: 'rate' | 'keep';
  /** Rows to open, from the first up to the second, 0-based. Extensions that are not ours come with row 0. */
  readonly rows?: readonly [from: number, to: number];
}

/**
 * Opens a 2-D frame.
 *
 * Without DQ the flags are 0. Without variances: ERR² goes into VAR_RNOISE and 0 into VAR_POISSON, so that
 * the total stays right; without ERR too both are NaN, unknown. If only one of the two is there, the other is
 * ERR² − it, or NaN without ERR. Flags of another table (DQ_DEF, jwst 0.17) are translated to ours.
 *
 * @throws DataModelError HDU_MISSING, AMBIGUOUS, SHAPE_MISMATCH, UNITS_MISMATCH, KEYWORD_MISSING
 */
export async function openImage(
  engine: Engine,
  path: string,
  options: OpenImageOptions = {},
): Promise<ImageModel> {
  const fits = await openFile(path);
  const taken: { release(): void }[] = [];
  const keep = <T extends { release(): void }>(plane: T): T => {
    taken.push(plane);
    return plane;
  };
  try {
    return await readModel(engine, fits, options, keep);
  } catch (error) {
    for (const plane of taken) plane.release();
    throw error;
  } finally {
    fits.close();
  }
}

/** What a file says of its frame. */
export interface ImageInfo {
  /** `[ny, nx]` */
  readonly shape: Shape2;
  /** Of SCI, then of the primary HDU. */
  readonly headers: readonly Header[];
}

/**
 * Shape and headers of a 2-D frame, no pixels.
 *
 * @throws DataModelError HDU_MISSING, AMBIGUOUS, SHAPE_MISMATCH
 */
export async function readImageInfo(path: string, options: DetectorChoice = {}): Promise<ImageInfo> {
  using fits = await openFile(path);
  const hdu = chooseScience(fits, options);
  return { shape: shape2(fits, hdu), headers: headersOf(fits, hdu) };
}

type Keep = <T extends { release(): void }>(plane: T) => T;

async function readModel(
  engine: Engine,
  fits: OpenFits,
  options: OpenImageOptions,
  keep: Keep,
): Promise<ImageModel> {
  const sciHdu = chooseScience(fits, options);
  const whole = shape2(fits, sciHdu);
  const { rows } = options;
  const window = rows && { x0: 0, y0: rows[0], nx: whole[1], ny: rows[1] - rows[0] };
  const shape: Shape2 = window ? [window.ny, window.nx] : whole;
  const primary = fits.hdus[0]!.header;
  const headers = headersOf(fits, sciHdu);
  const declared = text(headers, 'BUNIT');
  const rate = options.units === 'keep' ? undefined : rateScale(headers, place(fits, sciHdu));
  const scale = rate?.scale ?? 1;
  const warnings = rate?.warning ? [rate.warning] : [];

  const read = async (name: string, power: number): Promise<FloatPlane | undefined> => {
    const hdu = findImage(fits, name, sciHdu);
    if (hdu === undefined) return undefined;
    requireShape(fits, hdu, whole);
    return scaled(engine, keep(await readFloatPlane(engine, fits, hdu, window)), scale ** power);
  };
  const sci = await scaled(engine, keep(await readFloatPlane(engine, fits, sciHdu, window)), scale);
  const dqHdu = findImage(fits, 'DQ', sciHdu);
  if (dqHdu) requireShape(fits, dqHdu, whole);
  const dq = keep(dqHdu ? await readFlagPlane(engine, fits, dqHdu, window) : engine.uint32(shape, 0));
  if (dqHdu) warnings.push(...(await applyFlagDefinitions(engine, fits, dq)));
  const poisson = await read('VAR_POISSON', 2);
  const rnoise = await read('VAR_RNOISE', 2);
  const err = poisson && rnoise ? undefined : await read('ERR', 1);
  const variances = await completeVariances(engine, shape, keep, err, { poisson, rnoise });
  const varFlat = await read('VAR_FLAT', 2);
  const wmap = await read('WMAP', 0);
  const extra = await extraHdus(fits, rows !== undefined && rows[0] > 0);
  const own =
    sciHdu.index === 0
      ? splitCoordinates(primary)
      : { primary: contentOf(primary), sci: contentOf(sciHdu.header) };
  if (err !== variances.varRnoise) err?.release();
  return {
    header: own.primary,
    sciHeader: own.sci,
    shape,
    sci,
    dq,
    ...variances,
    ...(varFlat ? { varFlat } : {}),
    ...(wmap ? { wmap } : {}),
    extra,
    units: rate ? DN_PER_SECOND : normalizeUnit(declared ?? ''),
    warnings,
    ...(window ? { strip: { y0: window.y0, height: whole[0] } } : {}),
  };
}

async function scaled(engine: Engine, plane: FloatPlane, factor: number): Promise<FloatPlane> {
  if (factor !== 1) await engine.divideValue({ sci: plane, value: 1 / factor });
  return plane;
}

async function completeVariances(
  engine: Engine,
  shape: Shape2,
  keep: Keep,
  err: FloatPlane | undefined,
  found: { poisson: FloatPlane | undefined; rnoise: FloatPlane | undefined },
): Promise<{ varPoisson: FloatPlane; varRnoise: FloatPlane }> {
  const { poisson, rnoise } = found;
  if (err && !poisson && !rnoise) {
    await engine.square({ plane: err });
    return { varPoisson: keep(engine.float32(shape, 0)), varRnoise: err };
  }
  const rest = async (known: FloatPlane | undefined): Promise<FloatPlane> => {
    const plane = keep(engine.float32(shape, Number.NaN));
    if (err) {
      await engine.settled();
      const [errors, variances] = [err.data, known?.data];
      plane.data.set(errors.map((error, i) => Math.max(0, error ** 2 - (variances?.[i] ?? 0))));
    }
    return plane;
  };
  const varRnoise = rnoise ?? (await rest(poisson));
  const varPoisson =
    poisson ?? (rnoise ? await rest(rnoise) : keep(engine.float32(shape, err ? 0 : Number.NaN)));
  return { varPoisson, varRnoise };
}

/** A new frame of zeros with unknown variances, for steps that make frames. */
export function createImage(
  engine: Engine,
  init: {
    readonly shape: Shape2;
    readonly header?: Header;
    readonly sciHeader?: Header;
    readonly units?: string;
  },
): ImageModel {
  const { shape } = init;
  using held = new DisposableStack();
  const planes = {
    sci: held.use(engine.float32(shape, 0)),
    dq: held.use(engine.uint32(shape, 0)),
    varPoisson: held.use(engine.float32(shape, Number.NaN)),
    varRnoise: held.use(engine.float32(shape, Number.NaN)),
  };
  held.move();
  return {
    header: init.header ? contentOf(init.header) : FitsHeader.from([]),
    sciHeader: init.sciHeader ? contentOf(init.sciHeader) : FitsHeader.from([]),
    shape,
    ...planes,
    extra: [],
    units: init.units ?? DN_PER_SECOND,
    warnings: [],
  };
}

/** Gives the planes of a frame back to the pool. */
export function closeImage(model: ImageModel): void {
  for (const plane of [
    model.sci,
    model.dq,
    model.varPoisson,
    model.varRnoise,
    model.varFlat,
    model.err,
    model.wmap,
  ]) {
    plane?.release();
  }
}
