/** References that describe how the detector turns light into numbers: gain, read noise, saturation. */
import type { Engine, FlagPlane, FloatPlane } from '@iris-drs/kernels';
import { headersOf, place } from '../access.ts';
import { DataModelError } from '../errors.ts';
import { text } from '../headers.ts';
import { DN, requireUnit } from '../units.ts';
import { type FrameGeometry, openReference, type Reference, scale } from './open.ts';

export interface GainReference extends Reference {
  /** e-/DN */
  readonly gain: FloatPlane;
}

/** Gain in e-/DN: the image GAIN (liger) or SCI (JWST). */
export const openGain = (engine: Engine, path: string, frame?: FrameGeometry): Promise<GainReference> =>
  openReference(engine, path, frame, async (reading) => {
    const hdu = reading.image('GAIN', 'SCI', 'DATA', 'PRIMARY');
    requireUnit(headersOf(reading.fits, hdu), ['electron/DN'], place(reading.fits, hdu));
    return { gain: await reading.floats(hdu), shape: reading.shape(hdu) };
  });

export interface ReadNoiseReference extends Reference {
  /** Standard deviation of one read, in `unit`. */
  readonly readNoise: FloatPlane;
  readonly unit: 'DN' | 'electron';
}

/**
 * Noise of a single read. NOISEKND says what the file holds: `CDS`, the noise of the difference of two reads,
 * which is divided by √2, or `SINGLE`. Without it an image RN (liger) is single, SCI (JWST) is CDS. Unit by
 * BUNIT; without it RN is in electrons, SCI in DN.
 *
 * @throws DataModelError KEYWORD_INVALID for another NOISEKND
 */
export const openReadnoise = (
  engine: Engine,
  path: string,
  frame?: FrameGeometry,
): Promise<ReadNoiseReference> =>
  openReference(engine, path, frame, async (reading) => {
    const hdu = reading.image('RN', 'SCI', 'DATA', 'PRIMARY');
    const headers = headersOf(reading.fits, hdu);
    const kind = text(headers, 'NOISEKND')?.toUpperCase() ?? (hdu.name === 'RN' ? 'SINGLE' : 'CDS');
    if (kind !== 'CDS' && kind !== 'SINGLE') {
      throw new DataModelError('KEYWORD_INVALID', {
        ...place(reading.fits, hdu),
        keyword: 'NOISEKND',
        found: `'${kind}'`,
        expected: "'CDS' or 'SINGLE'",
      });
    }
    const declared = requireUnit(headers, [DN, 'electron'], place(reading.fits, hdu));
    const unit = declared ?? (hdu.name === 'RN' ? 'electron' : DN);
    const readNoise = await scale(
      reading.engine,
      await reading.floats(hdu),
      kind === 'CDS' ? Math.SQRT1_2 : 1,
    );
    return { readNoise, unit: unit === DN ? 'DN' : 'electron', shape: reading.shape(hdu) };
  });

export interface SaturationReference extends Reference {
  /** DN above which a read is saturated. */
  readonly threshold: FloatPlane;
  readonly dq?: FlagPlane;
}

/** Saturation threshold in DN: the image SAT_THRESH (liger) or SCI (JWST). */
export const openSaturation = (
  engine: Engine,
  path: string,
  frame?: FrameGeometry,
): Promise<SaturationReference> =>
  openReference(engine, path, frame, async (reading) => {
    const hdu = reading.image('SAT_THRESH', 'SCI', 'DATA', 'PRIMARY');
    requireUnit(headersOf(reading.fits, hdu), [DN], place(reading.fits, hdu));
    const dq = reading.find('DQ');
    const threshold = await reading.floats(hdu);
    return { threshold, shape: reading.shape(hdu), ...(dq ? { dq: await reading.flags(dq) } : {}) };
  });
