import type { ExtensionRule, KeywordRule } from '../rule.ts';
import { FILTERS, GRATINGS } from './elements.ts';

/** Detectors as headers and rules spell them; N/A and ANY for a reference of all of them. */
const DETECTORS = [
  'IMG1',
  'IMG2',
  'IMG3',
  'IMG4',
  'IFS',
  'IRIS1',
  'IRIS2',
  'IRIS3',
  'IRIS4',
  'IFU',
  'SLC',
  'LEN',
  'ANY',
  'N/A',
] as const;

/** Keywords of every reference, after the conventions of CRDS. */
export const COMMON: readonly KeywordRule[] = [
  { keyword: 'TELESCOP', missing: 'warning', type: 'text', values: ['TMT'] },
  { keyword: 'INSTRUME', missing: 'error', type: 'text', values: ['IRIS'] },
  { keyword: 'REFTYPE', missing: 'warning', type: 'text' },
  { keyword: 'USEAFTER', missing: 'error', type: 'date' },
  { keyword: 'AUTHOR', missing: 'warning', type: 'text' },
  { keyword: 'DESCRIP', missing: 'warning', type: 'text' },
  { keyword: 'PEDIGREE', missing: 'warning', type: 'text' },
];

export const DETECTOR: KeywordRule = {
  keyword: 'DETECTOR',
  missing: 'error',
  type: 'text',
  values: DETECTORS,
};
export const SUBARRAY: KeywordRule = { keyword: 'SUBARRAY', missing: 'warning', type: 'text' };
export const FILTER: KeywordRule = {
  keyword: 'FILTER',
  missing: 'error',
  type: 'text',
  values: FILTERS,
  lenient: true,
};
export const PUPIL: KeywordRule = { keyword: 'PUPIL', missing: 'warning', type: 'text' };
export const GRATING: KeywordRule = {
  keyword: 'GRATING',
  missing: 'error',
  type: 'text',
  values: GRATINGS,
  lenient: true,
};
export const SCALE: KeywordRule = { keyword: 'SCALE', missing: 'warning', type: 'text' };
export const AIRMASS: KeywordRule = { keyword: 'AIRMASS', missing: 'warning', type: 'number', atLeast: 1 };

export const BY_DETECTOR = ['META.INSTRUMENT.DETECTOR'] as const;
export const BY_SUBARRAY = ['META.INSTRUMENT.DETECTOR', 'META.SUBARRAY.NAME'] as const;
export const BY_FILTER = [
  'META.INSTRUMENT.DETECTOR',
  'META.INSTRUMENT.FILTER',
  'META.INSTRUMENT.PUPIL',
] as const;
export const BY_DISTORTION = ['META.INSTRUMENT.DETECTOR', 'META.INSTRUMENT.FILTER'] as const;
/** One file serves everything. */
export const NOTHING = [] as const;
export const BY_GRATING = [
  'META.INSTRUMENT.DETECTOR',
  'META.INSTRUMENT.FILTER',
  'META.INSTRUMENT.GRATING',
  'META.INSTRUMENT.SCALE',
] as const;

const NOT_NEGATIVE = { check: 'range', atLeast: 0 } as const;

export const DQ: ExtensionRule = {
  names: ['DQ'],
  kind: 'image',
  axes: [2, 3],
  pixels: 'integer',
  likeMain: true,
  checks: [{ check: 'flagged', share: 0.5, severity: 'warning' }],
};

export const DQ_DEF: ExtensionRule = {
  names: ['DQ_DEF'],
  kind: 'table',
  columns: [
    { name: 'BIT', type: 'number', missing: 'warning' },
    { name: 'VALUE', type: 'number', missing: 'warning' },
    { name: 'NAME', type: 'text', missing: 'error' },
    { name: 'DESCRIPTION', type: 'text', missing: 'warning' },
  ],
};

/** Flags and noise that may go with an image. */
export const COMPANIONS: readonly ExtensionRule[] = [
  DQ,
  DQ_DEF,
  { names: ['ERR'], kind: 'image', axes: [2, 3], pixels: 'real', likeMain: true, checks: [NOT_NEGATIVE] },
  ...['VAR_POISSON', 'VAR_RNOISE', 'VAR_FLAT', 'VAR'].map(
    (name): ExtensionRule => ({
      names: [name],
      kind: 'image',
      axes: [2, 3],
      pixels: 'real',
      likeMain: true,
      checks: [NOT_NEGATIVE],
    }),
  ),
];

/** An image of the detector. */
export const IMAGE = {
  names: ['SCI', 'DATA', 'PRIMARY'],
  kind: 'image',
  missing: 'error',
  axes: [2],
  pixels: 'real',
  checks: [{ check: 'finite', share: 0.9 }],
} as const satisfies ExtensionRule;

/** An image of the detector in which something is to be seen. */
export const PICTURE = {
  ...IMAGE,
  checks: [...IMAGE.checks, { check: 'varies', severity: 'warning' }],
} as const satisfies ExtensionRule;

/** A picture, or a cube. */
export const IMAGE_OR_CUBE = { ...PICTURE, axes: [2, 3] } as const satisfies ExtensionRule;

/** `[ncoef, ny, nx]` */
export const COEFFICIENTS: ExtensionRule = {
  names: ['COEFFS', 'SCI', 'DATA', 'PRIMARY'],
  kind: 'image',
  missing: 'error',
  axes: [3],
  pixels: 'real',
  checks: [{ check: 'finite', share: 0.9 }],
};
