/** Which keyword holds the state of which step, and the file name of which reference. */

export type StepState = 'COMPLETE' | 'SKIPPED' | 'FAILED';

/** Step aliases of ours, stpipe's and liger's → S_… keyword (iris_pipeline tmt_core and jwst core schema). */
const STEP_KEYWORDS: Readonly<Record<string, string>> = {
  dq_init: 'S_DQINIT',
  err_init: 'S_ERRINI',
  saturation: 'S_SATURA',
  refpix: 'S_REFPIX',
  superbias: 'S_SUPERB',
  bias: 'S_SUPERB',
  linearity: 'S_LINEAR',
  nonlincorr: 'S_LINEAR',
  nonlinearity: 'S_LINEAR',
  persistence: 'S_PERSIS',
  jump: 'S_JUMP',
  guide_windows: 'S_ODGW',
  ramp_fit: 'S_RAMP',
  readoutsamp: 'S_RAMP',
  sampling: 'S_RAMP',
  gain_scale: 'S_GANSCL',
  ipc: 'S_IPC',
  dark: 'S_DARK',
  dark_current: 'S_DARK',
  dark_sub: 'S_DARK',
  flat_field: 'S_FLAT',
  flat: 'S_FLAT',
  bkg_subtract: 'S_BKDSUB',
  background: 'S_BKDSUB',
  back_sub: 'S_BKDSUB',
  sky_sub: 'S_BKDSUB',
  parse_subarray_map: 'S_PARSSA',
  merge_subarrays: 'S_MERGSA',
  normalize: 'S_NORMAL',
  assign_wcs: 'S_WCS',
  assign_mtwcs: 'S_MTWCS',
  photom: 'S_PHOTOM',
  fluxcal: 'S_PHOTOM',
  resample: 'S_RESAMP',
  outlier_detection: 'S_OUTLIR',
  skymatch: 'S_SKYMAT',
  tweakreg: 'S_TWKREG',
  source_catalog: 'S_SRCCAT',
  extract_1d: 'S_EXTR1D',
  extract_2d: 'S_EXTR2D',
  cube_build: 'S_IFUCUB',
  wavecal: 'S_WAVCAL',
  straylight: 'S_STRAY',
  fringe: 'S_FRINGE',
  pathloss: 'S_PTHLOS',
  telluric: 'S_TELLUR',
  combine_1d: 'S_COMB1D',
};

/** Reference types → R_… keyword. */
const REFERENCE_KEYWORDS: Readonly<Record<string, string>> = {
  area: 'R_AREA',
  bias: 'R_SUPERB',
  cubepar: 'R_CUBPAR',
  dark: 'R_DARK',
  distortion: 'R_DISTOR',
  drizpars: 'R_DRZPAR',
  extract1d: 'R_EXTR1D',
  filteroffset: 'R_FILOFF',
  flat: 'R_FLAT',
  gain: 'R_GAIN',
  ipc: 'R_IPC',
  linearity: 'R_LINEAR',
  mask: 'R_MASK',
  nonlincoeff: 'R_LINEAR',
  pathloss: 'R_PTHLOS',
  persat: 'R_PERSAT',
  photom: 'R_PHOTOM',
  readnoise: 'R_READNO',
  refpix: 'R_REFPIX',
  regions: 'R_REGION',
  resample: 'R_RESAMP',
  resolution: 'R_RESOL',
  saturation: 'R_SATURA',
  specwcs: 'R_SPCWCS',
  straylight: 'R_STRAY',
  superbias: 'R_SUPERB',
  throughput: 'R_THRPUT',
  trapdensity: 'R_TRPDEN',
  trappars: 'R_TRPPAR',
  wavelengthrange: 'R_WAVRAN',
  wavemap: 'R_WAVMAP',
};

/** Keyword of a step's state; steps outside the table get `S_` and the first six letters of their name. */
export const stepKeyword = (step: string): string =>
  STEP_KEYWORDS[step.toLowerCase()] ?? `S_${letters(step).slice(0, 6)}`;

/** Keyword of a reference; types outside the table get `R_` and the first six letters of theirs. */
export const referenceKeyword = (type: string): string =>
  REFERENCE_KEYWORDS[type.toLowerCase()] ?? `R_${letters(type).slice(0, 6)}`;

const letters = (name: string): string => name.toUpperCase().replace(/[^A-Z0-9]/g, '');
