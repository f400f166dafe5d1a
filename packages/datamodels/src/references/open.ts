/** What all reference files have in common: opening, cutting out, releasing. */
import type { Hdu, Header } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import type { Engine, FlagPlane, FloatPlane, Shape2 } from '@iris-drs/kernels';
import { hasPixels, type OpenFits, place, readFlagPlane, readFloatPlane, type Window } from '../access.ts';
import { applyFlagDefinitions } from '../dqdef.ts';
import { DataModelError } from '../errors.ts';
import { type FrameGeometry, referenceWindow } from './window.ts';

export type { FrameGeometry } from './window.ts';

/** Every reference: where it came from, and its planes given back to the pool by `close`. */
export interface Reference {
  readonly path: string;
  readonly header: Header;
  /** `[ny, nx]` of the planes, after the cut. */
  readonly shape: Shape2;
  readonly warnings: readonly string[];
  close(): void;
}

/** A reference file being read. */
export interface Reading {
  readonly engine: Engine;
  readonly fits: OpenFits;
  readonly header: Header;
  readonly frame: FrameGeometry | undefined;
  readonly warnings: string[];
  /** The first image under one of these names; @throws DataModelError HDU_MISSING */
  image(...names: readonly string[]): Hdu;
  find(...names: readonly string[]): Hdu | undefined;
  /** Plane `index` of an image, cut to the frame. */
  floats(hdu: Hdu, index?: number): Promise<FloatPlane>;
  flags(hdu: Hdu): Promise<FlagPlane>;
  /** Shape after the cut. */
  shape(hdu: Hdu): Shape2;
}

/**
 * Opens a reference, lets `read` take what it needs, and closes the file. Planes taken are released when
 * reading fails, else by the reference's `close`.
 *
 * @param frame  the frame it shall fit; without it the reference is not cut
 */
export async function openReference<T extends object>(
  engine: Engine,
  path: string,
  frame: FrameGeometry | undefined,
  read: (reading: Reading) => Promise<T & { readonly shape: Shape2 }>,
): Promise<T & Reference> {
  const fits = await openFile(path);
  const taken: { release(): void }[] = [];
  const close = () => {
    for (const plane of taken.splice(0)) plane.release();
  };
  try {
    const reading = readingOf(engine, fits, frame, (plane) => {
      taken.push(plane);
      return plane;
    });
    const content = await read(reading);
    return { ...content, path, header: reading.header, warnings: reading.warnings, close };
  } catch (error) {
    close();
    throw error;
  } finally {
    fits.close();
  }
}

function readingOf(
  engine: Engine,
  fits: OpenFits,
  frame: FrameGeometry | undefined,
  keep: <P extends { release(): void }>(plane: P) => P,
): Reading {
  const header = fits.hdus[0]!.header;
  const warnings: string[] = [];
  const find = (...names: readonly string[]): Hdu | undefined =>
    names.map((name) => fits.hdus.find((hdu) => hdu.name === name && hasPixels(hdu))).find(Boolean);
  const size = (hdu: Hdu): Shape2 => {
    const [ny, nx] = hdu.shape.slice(-2);
    if (ny !== undefined && nx !== undefined) return [ny, nx];
    throw new DataModelError('SHAPE_MISMATCH', {
      ...place(fits, hdu),
      found: `shape [${hdu.shape.join(', ')}]`,
      expected: '[ny, nx]',
    });
  };
  const windowOf = (hdu: Hdu): Window | undefined =>
    frame && referenceWindow({ headers: [hdu.header, header], shape: size(hdu) }, frame, place(fits, hdu));
  const shape = (hdu: Hdu): Shape2 => {
    const window = windowOf(hdu);
    return window ? [window.ny, window.nx] : size(hdu);
  };
  return {
    engine,
    fits,
    header,
    frame,
    warnings,
    find,
    image(...names) {
      const hdu = find(...names);
      if (hdu) return hdu;
      const held = fits.hdus.filter(hasPixels).map((h) => h.name || `#${h.index}`);
      throw new DataModelError('HDU_MISSING', {
        file: fits.path,
        found: held.length > 0 ? `images ${held.join(', ')}` : 'no image',
        expected: `an image ${names.join(' or ')}`,
      });
    },
    floats: async (hdu, index = 0) => keep(await readFloatPlane(engine, fits, hdu, windowOf(hdu), index)),
    async flags(hdu) {
      const plane = keep(await readFlagPlane(engine, fits, hdu, windowOf(hdu)));
      warnings.push(...(await applyFlagDefinitions(engine, fits, plane)));
      return plane;
    },
    shape,
  };
}

/** A plane multiplied in place, by the workers. */
export async function scale(engine: Engine, plane: FloatPlane, factor: number): Promise<FloatPlane> {
  if (factor !== 1) await engine.divideValue({ sci: plane, value: 1 / factor });
  return plane;
}
