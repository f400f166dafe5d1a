import { formatMapping, type MappingRules } from '@iris-drs/crds';

/** Three instruments of 32 types each: a .pmap, three .imap and 96 .rmap files. */
const INSTRUMENTS = ['NIRCAM', 'NIRISS', 'MIRI'] as const;
const TYPES = Array.from({ length: 32 }, (_, i) => `type${String(i).padStart(2, '0')}`);
const PARAMETERS = ['META.INSTRUMENT.DETECTOR', 'META.INSTRUMENT.FILTER', 'META.SUBARRAY.NAME'] as const;
const DATES = ['META.OBSERVATION.DATE', 'META.OBSERVATION.TIME'];
const DETECTORS = ['D1', 'D2', 'D3', 'D4', 'D5'];
const FILTERS = ['F070W', 'F090W', 'F115W', 'F150W', 'F200W', 'F277W|F356W', 'N/A'];
const SUBARRAYS = ['FULL', 'SUB64|SUB160'];

/** One rule of a type: values by parameter, and files by the date from which they hold. */
export interface BenchRule {
  readonly key: readonly string[];
  readonly dates: readonly (readonly [date: string, file: string])[];
}

export interface BenchContext {
  readonly context: string;
  /** Text by file name. */
  readonly mappings: Readonly<Record<string, string>>;
  /** Rules by instrument and type, for whoever wants to choose by other means. */
  readonly rules: Readonly<Record<string, readonly BenchRule[]>>;
  readonly types: readonly string[];
  readonly headers: readonly Readonly<Record<string, string>>[];
}

const rulesOf = (name: string): BenchRule[] =>
  DETECTORS.flatMap((detector) =>
    FILTERS.flatMap((filter, f) =>
      SUBARRAYS.map((subarray, s) => ({
        key: [detector, filter, subarray],
        dates: [2000, 2010, 2025].map(
          (year) =>
            [
              `${year}-0${1 + ((f + s) % 9)}-01 00:00:00`,
              `${name}_${detector}_${f}_${s}_${year}.fits`,
            ] as const,
        ),
      })),
    ),
  );

/** A context of 100 mappings with 20,160 references, and headers that its rules answer. */
export const benchContext = (headers: number): BenchContext => {
  const common = { derived_from: 'NONE', observatory: 'JWST' };
  const mappings: Record<string, string> = {};
  const rules: Record<string, BenchRule[]> = {};
  const imaps: Record<string, string> = {};
  for (const instrument of INSTRUMENTS) {
    const lower = instrument.toLowerCase();
    const rmaps: Record<string, string> = {};
    for (const type of TYPES) {
      const file = `jwst_${lower}_${type}_0001.rmap`;
      const own = rulesOf(`${lower}_${type}`);
      rules[`${lower} ${type}`] = own;
      rmaps[type.toUpperCase()] = file;
      const selector: MappingRules = {
        selector: 'Match',
        rules: own.map(({ key, dates }) => [key, { selector: 'UseAfter', rules: dates }]),
      };
      const header = { instrument, filekind: type.toUpperCase(), mapping: 'REFERENCE', name: file };
      mappings[file] = formatMapping({
        header: { ...common, ...header, classes: ['Match', 'UseAfter'], parkey: [PARAMETERS, DATES] },
        selector,
      });
    }
    const imap = `jwst_${lower}_0001.imap`;
    imaps[instrument] = imap;
    mappings[imap] = formatMapping({
      header: { ...common, instrument, mapping: 'INSTRUMENT', name: imap, parkey: ['REFTYPE'] },
      selector: rmaps,
    });
  }
  const context = 'jwst_0001.pmap';
  mappings[context] = formatMapping({
    header: { ...common, mapping: 'PIPELINE', name: context, parkey: ['META.INSTRUMENT.NAME'] },
    selector: imaps,
  });
  const pick = <T>(values: readonly T[], i: number): T => values[i % values.length]!;
  return {
    context,
    mappings,
    rules,
    types: TYPES,
    headers: Array.from({ length: headers }, (_, i) => ({
      'META.INSTRUMENT.NAME': pick(INSTRUMENTS, i),
      'META.INSTRUMENT.DETECTOR': pick(DETECTORS, i >> 1),
      'META.INSTRUMENT.FILTER': pick(['F070W', 'F150W', 'F356W', 'F200W'], i >> 2),
      'META.SUBARRAY.NAME': pick(['FULL', 'SUB64', 'SUB160'], i >> 3),
      'META.OBSERVATION.DATE': `20${String(11 + (i % 25)).padStart(2, '0')}-0${1 + (i % 9)}-15`,
      'META.OBSERVATION.TIME': '12:00:00',
    })),
  };
};

const accepts = (wanted: string, value: string): number => {
  if (wanted === 'N/A') return 0;
  return wanted.split('|').includes(value) ? 1 : -1;
};

/** The plain way: every rule looked at, then every date. */
export const scanRules = (
  rules: readonly BenchRule[],
  header: Readonly<Record<string, string>>,
): string | undefined => {
  let best: BenchRule | undefined;
  let most = -1;
  for (const rule of rules) {
    let weight = 0;
    for (let i = 0; i < PARAMETERS.length && weight >= 0; i++) {
      const verdict = accepts(rule.key[i]!, header[PARAMETERS[i]!]!);
      weight = verdict < 0 ? -1 : weight + verdict;
    }
    if (weight > most) [best, most] = [rule, weight];
  }
  const when = `${header[DATES[0]!]} ${header[DATES[1]!]}`;
  let file: string | undefined;
  for (const [date, name] of best?.dates ?? []) if (date <= when) file = name;
  return file;
};
