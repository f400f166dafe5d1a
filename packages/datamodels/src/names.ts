/** What products are called and where they lie below the volume root. */
import { DataModelError } from './errors.ts';

export type ProductDirectory = 'readouts' | 'raw' | 'reduced' | 'references';

export interface ProductRule {
  readonly product: string;
  /** Level on the bus; where a product exists at two levels, the one of a single exposure. */
  readonly level: 'l0' | 'l1' | 'l2a' | 'l2' | 'l3' | 'ref';
  readonly stage?: 'readout' | 'calib' | 'imager' | 'ifs';
  readonly suffix: string;
  readonly directory: ProductDirectory;
}

/** One row for each kind of product. */
export const PRODUCTS: readonly ProductRule[] = [
  { product: 'reads of a ramp', level: 'l0', suffix: 'uncal', directory: 'readouts' },
  { product: 'raw science frame', level: 'l1', stage: 'readout', suffix: 'rate', directory: 'raw' },
  {
    product: 'raw science frame of each ramp',
    level: 'l1',
    stage: 'readout',
    suffix: 'rateints',
    directory: 'raw',
  },
  {
    product: 'raw science frame of ROPPipeline',
    level: 'l1',
    stage: 'readout',
    suffix: 'rop',
    directory: 'raw',
  },
  {
    product: 'dark- and flat-corrected frame',
    level: 'l2a',
    stage: 'calib',
    suffix: 'flt',
    directory: 'reduced',
  },
  {
    product: 'background-subtracted frame',
    level: 'l2a',
    stage: 'imager',
    suffix: 'bsub',
    directory: 'reduced',
  },
  { product: 'reduced frame', level: 'l2', stage: 'imager', suffix: 'cal', directory: 'reduced' },
  { product: 'rectified frame or mosaic', level: 'l2', stage: 'imager', suffix: 'i2d', directory: 'reduced' },
  { product: 'catalogue', level: 'l2', stage: 'imager', suffix: 'cat', directory: 'reduced' },
  { product: 'extracted spectra', level: 'l2a', stage: 'ifs', suffix: 'spx', directory: 'reduced' },
  { product: 'cube', level: 'l2', stage: 'ifs', suffix: 's3d', directory: 'reduced' },
  { product: '1-D spectrum', level: 'l2', stage: 'ifs', suffix: 'x1d', directory: 'reduced' },
];

/** Types of reference files; a reference file's suffix is its type. */
const REFERENCE_TYPES = [
  'dark',
  'flat',
  'mask',
  'linearity',
  'nonlincoeff',
  'gain',
  'readnoise',
  'saturation',
  'superbias',
  'distortion',
  'photom',
  'rectmat',
  'wavemap',
] as const;

/** All suffixes, without the underscore. */
const KNOWN_SUFFIXES: readonly string[] = [...PRODUCTS.map((row) => row.suffix), ...REFERENCE_TYPES];

const bare = (suffix: string): string => suffix.replace(/^_/, '');

/** The row of a suffix, with or without its underscore; reference types give a row of level `ref`. */
export function productRule(suffix: string): ProductRule | undefined {
  const key = bare(suffix);
  const row = PRODUCTS.find((candidate) => candidate.suffix === key);
  if (row) return row;
  if (!(REFERENCE_TYPES as readonly string[]).includes(key)) return undefined;
  return { product: `${key} reference`, level: 'ref', stage: 'calib', suffix: key, directory: 'references' };
}

/** Name of a product: `2031A-001-123-IRIS-IMG1-SCI0-0001` and `rate` → `…-0001_rate.fits`. */
export const productName = (exposureFileStem: string, suffix: string): string =>
  `${exposureFileStem}_${bare(suffix)}.fits`;

/**
 * Path of a product relative to the volume root, with forward slashes.
 *
 * @throws DataModelError SUFFIX_UNKNOWN
 */
export function productPath(part: {
  readonly exposureFileStem: string;
  /** As `utDate` gives it. */
  readonly utDate: string;
  readonly suffix: string;
  readonly mode: string;
}): string {
  const row = productRule(part.suffix);
  if (row === undefined) {
    throw new DataModelError('SUFFIX_UNKNOWN', {
      file: part.exposureFileStem,
      found: `suffix '${part.suffix}'`,
      expected: `one of ${KNOWN_SUFFIXES.join(', ')}`,
    });
  }
  const folder =
    row.directory === 'reduced' ? `reduced/${part.mode === 'imager' ? 'imager' : 'ifs'}` : row.directory;
  return `${part.utDate}/${folder}/${productName(part.exposureFileStem, part.suffix)}`;
}

/** Stem of the files of one detector: the DET token of an ExposureId replaced by the detector's name. */
export function exposureFileStem(exposureId: string, detector: string): string {
  const tokens = exposureId.split('-');
  const subsystem = tokens.findIndex((token) => token.toUpperCase() === 'IRIS');
  if (subsystem >= 0 && subsystem + 1 < tokens.length) tokens[subsystem + 1] = detector;
  return tokens.join('-');
}

/** A file name split at its known suffix: `a_b_rate.fits` → `a_b` and `rate`; no known suffix, no suffix. */
export function splitProductName(fileName: string): { readonly stem: string; readonly suffix?: string } {
  const stem = fileName.replace(/^.*\//, '').replace(/\.(fits|fit|fts)(\.gz|\.fz)?$/i, '');
  const cut = stem.lastIndexOf('_');
  const suffix = cut > 0 ? stem.slice(cut + 1) : '';
  return KNOWN_SUFFIXES.includes(suffix) ? { stem: stem.slice(0, cut), suffix } : { stem };
}

/** Night directory of an instant: the UT date as YYYYMMDD. */
export function utDate(time: Date | string): string {
  const iso =
    typeof time === 'string' ? (/^\d{4}-\d{2}-\d{2}/.exec(time)?.[0] ?? '') : time.toISOString().slice(0, 10);
  if (iso === '') {
    throw new DataModelError('KEYWORD_INVALID', {
      found: JSON.stringify(time),
      expected: 'a UTC time such as 2031-03-14T09:24:53Z',
    });
  }
  return iso.replaceAll('-', '');
}
