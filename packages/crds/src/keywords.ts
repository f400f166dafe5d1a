import { conditionValue } from './condition.ts';
import type { Parameters } from './selectors/selector.ts';

/**
 * FITS keyword of each CRDS parameter that rules may choose by, as the schemas of iris_pipeline and
 * liger_iris_pipeline pair them.
 */
const PARAMETER_OF: Readonly<Record<string, string>> = {
  TELESCOP: 'META.TELESCOPE',
  INSTRUME: 'META.INSTRUMENT.NAME',
  INSTMODE: 'META.INSTRUMENT.MODE',
  INSTERA: 'META.INSTRUMENT.ERA',
  DETECTOR: 'META.INSTRUMENT.DETECTOR',
  CHANNEL: 'META.INSTRUMENT.CHANNEL',
  FILTER: 'META.INSTRUMENT.FILTER',
  PUPIL: 'META.INSTRUMENT.PUPIL',
  GRATING: 'META.INSTRUMENT.GRATING',
  BAND: 'META.INSTRUMENT.BAND',
  SCALE: 'META.INSTRUMENT.SCALE',
  SPECRES: 'META.INSTRUMENT.SPECRES',
  CORONMSK: 'META.INSTRUMENT.CORONAGRAPH',
  FXD_SLIT: 'META.INSTRUMENT.FIXED_SLIT',
  LAMP: 'META.INSTRUMENT.LAMP_STATE',
  SUBARRAY: 'META.SUBARRAY.NAME',
  SUBARRID: 'META.SUBARRAY.ID',
  'DATE-OBS': 'META.OBSERVATION.DATE',
  'TIME-OBS': 'META.OBSERVATION.TIME',
  EXP_TYPE: 'META.EXPOSURE.TYPE',
  IMTYPE: 'META.EXPOSURE.EXPOSURE_TYPE',
  READPATT: 'META.EXPOSURE.READPATT',
  READMODE: 'META.EXPOSURE.READMODE',
  EXPTIME: 'META.EXPOSURE.EXPOSURE_TIME',
  NOUTPUTS: 'META.EXPOSURE.NOUTPUTS',
  NGROUPS: 'META.EXPOSURE.NGROUPS',
  NFRAMES: 'META.EXPOSURE.NFRAMES',
  NREADS: 'META.EXPOSURE.NREADS',
  NINTS: 'META.EXPOSURE.NINTS',
  TSOVISIT: 'META.VISIT.TSOVISIT',
  CAL_VER: 'META.CALIBRATION_SOFTWARE_VERSION',
};

const PAIRS = Object.entries(PARAMETER_OF);
const COUNTERPARTS = new Map(PAIRS.flatMap(([a, b]) => [[a, b] as const, [b, a] as const]));

/** CRDS parameter of a FITS keyword, FITS keyword of a parameter; undefined for one that has none. */
export const counterpartOf = (name: string): string | undefined => COUNTERPARTS.get(name);

/** The date and time of a header that gives both in one: FITS' own form of DATE-OBS, or only DATE-BEG. */
const splitDate = (values: Map<string, string>): void => {
  const joined = values.get('DATE-OBS') ?? values.get('META.OBSERVATION.DATE') ?? values.get('DATE-BEG');
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)Z?$/i.exec(joined?.trim() ?? '');
  if (!parts) return;
  const [, date = '', time = ''] = parts;
  values.set('DATE-OBS', date);
  values.set('META.OBSERVATION.DATE', date);
  if (values.has('TIME-OBS') || values.has('META.OBSERVATION.TIME')) return;
  values.set('TIME-OBS', time);
  values.set('META.OBSERVATION.TIME', time);
};

/**
 * Every value under its FITS keyword and under its CRDS parameter name, whichever of the two it came with. A name
 * that was given is never overwritten by its counterpart.
 */
export const bothNames = (header: Readonly<Record<string, string>>): Map<string, string> => {
  const values = new Map<string, string>();
  for (const name of Object.keys(header)) values.set(name.toUpperCase(), header[name]!);
  splitDate(values);
  for (const [keyword, parameter] of PAIRS) {
    const byKeyword = values.get(keyword);
    const byParameter = values.get(parameter);
    if (byKeyword === undefined) {
      if (byParameter !== undefined) values.set(keyword, byParameter);
    } else if (byParameter === undefined) values.set(parameter, byKeyword);
  }
  return values;
};

/** A header as rules see it: every value conditioned, under both its names. */
export const parametersOf = (header: Readonly<Record<string, string>>): Parameters => {
  const values = bothNames(header);
  for (const [name, value] of values) values.set(name, conditionValue(value));
  return values;
};
