import { irrelevantToNa } from '../choose.ts';
import { conditionValue } from '../condition.ts';
import { CrdsError } from '../errors.ts';
import { bothNames, counterpartOf } from '../keywords.ts';
import type { ReferenceMapping } from '../mapping.ts';
import { isKind } from '../python/literal.ts';
import { str } from '../python/text.ts';
import { DateError, reformatDate } from '../timestamp.ts';
import { entryOf, type MappingDocument } from './document.ts';

/** Keywords by which a reference says that it serves several values (`K|H`), and the parameters they are about. */
const PATTERNS: Readonly<Record<string, string>> = {
  'META.EXPOSURE.P_EXPTYPE': 'META.EXPOSURE.TYPE',
  P_EXP_TY: 'META.EXPOSURE.TYPE',
  'META.INSTRUMENT.P_BAND': 'META.INSTRUMENT.BAND',
  P_BAND: 'META.INSTRUMENT.BAND',
  'META.INSTRUMENT.P_DETECTOR': 'META.INSTRUMENT.DETECTOR',
  P_DETECT: 'META.INSTRUMENT.DETECTOR',
  'META.INSTRUMENT.P_CHANNEL': 'META.INSTRUMENT.CHANNEL',
  P_CHANNE: 'META.INSTRUMENT.CHANNEL',
  'META.INSTRUMENT.P_FILTER': 'META.INSTRUMENT.FILTER',
  P_FILTER: 'META.INSTRUMENT.FILTER',
  'META.INSTRUMENT.P_PUPIL': 'META.INSTRUMENT.PUPIL',
  P_PUPIL: 'META.INSTRUMENT.PUPIL',
  'META.INSTRUMENT.P_MODULE': 'META.INSTRUMENT.MODULE',
  P_MODULE: 'META.INSTRUMENT.MODULE',
  'META.SUBARRAY.P_SUBARRAY': 'META.SUBARRAY.NAME',
  P_SUBARR: 'META.SUBARRAY.NAME',
  'META.INSTRUMENT.P_GRATING': 'META.INSTRUMENT.GRATING',
  P_GRATIN: 'META.INSTRUMENT.GRATING',
  'META.EXPOSURE.PREADPATT': 'META.EXPOSURE.READPATT',
  'META.EXPOSURE.P_READPATT': 'META.EXPOSURE.READPATT',
  P_READPA: 'META.EXPOSURE.READPATT',
  'META.INSTRUMENT.PCORONAGRAPH': 'META.INSTRUMENT.CORONAGRAPH',
  P_CORONM: 'META.INSTRUMENT.CORONAGRAPH',
};

const DATES = [
  ['DATE-OBS', 'TIME-OBS'],
  ['DATE_OBS', 'TIME_OBS'],
  ['META.OBSERVATION.DATE', 'META.OBSERVATION.TIME'],
] as const;

const setUseAfter = (values: Map<string, string>, file: string): void => {
  const given = ['USEAFTER', 'META.USEAFTER', 'ROMAN.META.USEAFTER'].map((name) => values.get(name));
  const text = given.find((value) => value !== undefined);
  if (text === undefined) return;
  try {
    const [date = '', time = '00:00:00'] = reformatDate(text.trim()).split(' ');
    for (const [dateKey, timeKey] of DATES) {
      values.set(dateKey, date);
      values.set(timeKey, time);
    }
    values.set('ROMAN.META.EXPOSURE.START_TIME', `${date} ${time}`);
  } catch (error) {
    if (!(error instanceof DateError)) throw error;
    const message = `${file}: USEAFTER '${text.slice(0, 100)}' is no date; write YYYY-MM-DDTHH:MM:SS`;
    throw new CrdsError('InvalidUseAfterFormat', message, { file, cause: error });
  }
};

/**
 * The header of a reference file in the terms of the rules it goes into: patterns (`P_FILTER`) and the .rmap's own
 * `reference_to_dataset` translated, USEAFTER as date and time, parameters that do not count N/A.
 *
 * @param document  the .rmap as its file has it
 * @throws CrdsError InvalidUseAfterFormat
 * @see crds/core/rmap.py `reference_to_dataset_header`, crds/jwst/locate.py, crds/hst/locate.py
 */
export const referenceHeader = (
  mapping: ReferenceMapping,
  document: MappingDocument,
  header: Readonly<Record<string, string>>,
  file: string,
): ReadonlyMap<string, string> => {
  const values = bothNames(header);
  const own = entryOf(document.header, 'reference_to_dataset');
  const translations = new Map(Object.entries(PATTERNS));
  for (const [from, to] of isKind(own, 'dict') ? own.entries : []) translations.set(str(from), str(to));
  for (const [from, to] of [...translations].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const value = values.get(from.toUpperCase());
    if (value === undefined || value.trim().toUpperCase() === 'UNDEFINED') continue;
    values.set(to, value);
    const other = counterpartOf(to);
    if (other !== undefined) values.set(other, value);
  }
  setUseAfter(values, file);
  const conditions = mapping.observatory === 'hst';
  const raw = new Map<string, string>();
  const conditioned = new Map<string, string>();
  for (const [name, value] of values) {
    conditioned.set(name, conditionValue(value));
    raw.set(name, conditions ? conditionValue(value) : value.trim());
  }
  for (const [name, value] of irrelevantToNa(mapping, conditioned, true)) {
    if (value === 'N/A' && conditioned.get(name) !== 'N/A') raw.set(name, 'N/A');
  }
  for (const name of mapping.extraParameters) raw.set(name, 'N/A');
  return raw;
};
