/** References that are images of the detector: dark, flat, mask, bias. */
import type { Engine, FlagPlane, FloatPlane } from '@iris-drs/kernels';
import { headersOf, place } from '../access.ts';
import { rateScale, requireUnit } from '../units.ts';
import { type FrameGeometry, openReference, type Reading, type Reference, scale } from './open.ts';

const IMAGE = ['SCI', 'DATA', 'PRIMARY'] as const;

export interface DarkReference extends Reference {
  /** DN/s */
  readonly sci: FloatPlane;
  readonly dq?: FlagPlane;
  /** (DN/s)² */
  readonly variance?: FloatPlane;
}

/** Variance of a reference: the sum of its VAR_… extensions, else ERR², else none. */
async function variance(reading: Reading, factor: number): Promise<FloatPlane | undefined> {
  const parts = ['VAR_POISSON', 'VAR_RNOISE', 'VAR_FLAT', 'VAR'].flatMap((name) => reading.find(name) ?? []);
  const [first, ...rest] = parts;
  if (first) {
    const sum = await reading.floats(first);
    for (const part of rest) {
      const other = await reading.floats(part);
      await reading.engine.addPlane({ plane: sum, add: other });
      other.release();
    }
    return scale(reading.engine, sum, factor ** 2);
  }
  const err = reading.find('ERR');
  if (err === undefined) return undefined;
  const plane = await reading.floats(err);
  await reading.engine.square({ plane, factor });
  return plane;
}

async function optional(reading: Reading, factor = 1): Promise<{ dq?: FlagPlane; variance?: FloatPlane }> {
  const dq = reading.find('DQ');
  const noise = await variance(reading, factor);
  return { ...(dq ? { dq: await reading.flags(dq) } : {}), ...(noise ? { variance: noise } : {}) };
}

/**
 * Dark current in DN/s; a dark in DN is divided by its EXPTIME, by the same rules as frames. NaN stays NaN.
 *
 * @throws DataModelError HDU_MISSING, UNITS_MISMATCH, SHAPE_MISMATCH, OUT_OF_BOUNDS
 */
export const openDark = (engine: Engine, path: string, frame?: FrameGeometry): Promise<DarkReference> =>
  openReference(engine, path, frame, async (reading) => {
    const hdu = reading.image(...IMAGE);
    const rate = rateScale(headersOf(reading.fits, hdu), place(reading.fits, hdu));
    if (rate.warning) reading.warnings.push(rate.warning);
    const sci = await scale(reading.engine, await reading.floats(hdu), rate.scale);
    return { sci, shape: reading.shape(hdu), ...(await optional(reading, rate.scale)) };
  });

export interface FlatReference extends Reference {
  /** Relative response, no unit. */
  readonly sci: FloatPlane;
  readonly dq?: FlagPlane;
  readonly variance?: FloatPlane;
}

/** Flat field: relative response, dimensionless. */
export const openFlat = (engine: Engine, path: string, frame?: FrameGeometry): Promise<FlatReference> =>
  openReference(engine, path, frame, async (reading) => {
    const hdu = reading.image(...IMAGE);
    const sci = await reading.floats(hdu);
    return { sci, shape: reading.shape(hdu), ...(await optional(reading)) };
  });

export interface MaskReference extends Reference {
  /** In our DQ table, whatever the file's DQ_DEF says. */
  readonly dq: FlagPlane;
  /** Whether the frame is all of it, not a part that was cut out. */
  readonly whole: boolean;
}

/** Bad-pixel mask: the DQ extension, or the image in the primary HDU; DQ_DEF tells what its bits mean. */
export const openMask = (engine: Engine, path: string, frame?: FrameGeometry): Promise<MaskReference> =>
  openReference(engine, path, frame, async (reading) => {
    const hdu = reading.image('DQ', 'MASK', 'PRIMARY');
    const shape = reading.shape(hdu);
    const whole = hdu.shape.slice(-2).every((length, i) => length === shape[i]);
    return { dq: await reading.flags(hdu), shape, whole };
  });

export interface BiasReference extends Reference {
  /** DN */
  readonly sci: FloatPlane;
  readonly dq?: FlagPlane;
  readonly variance?: FloatPlane;
}

/** Bias (superbias): level of a read at zero signal, DN. */
export const openBias = (engine: Engine, path: string, frame?: FrameGeometry): Promise<BiasReference> =>
  openReference(engine, path, frame, async (reading) => {
    const hdu = reading.image(...IMAGE, 'BIAS');
    requireUnit(headersOf(reading.fits, hdu), ['DN'], place(reading.fits, hdu));
    const sci = await reading.floats(hdu);
    return { sci, shape: reading.shape(hdu), ...(await optional(reading)) };
  });
