import { formatMapping, type MappingRules, type MappingValue, parseMapping } from '../src/index.ts';

type Rules = readonly (readonly [key: MappingValue, choice: MappingValue | MappingRules])[];

export const match = (rules: Rules): MappingRules => ({ selector: 'Match', rules });
export const useAfter = (dates: Readonly<Record<string, string>>): MappingRules => ({
  selector: 'UseAfter',
  rules: Object.entries(dates),
});

export const DATE = ['META.OBSERVATION.DATE', 'META.OBSERVATION.TIME'];
export const DETECTOR = ['META.INSTRUMENT.DETECTOR'];

/** Text of an rmap of IRIS flats. */
export const rmapText = (
  parkey: MappingValue,
  selector: MappingRules,
  header: Readonly<Record<string, MappingValue>> = {},
): string =>
  formatMapping({
    header: {
      derived_from: 'NONE',
      filekind: 'FLAT',
      instrument: 'IRIS',
      mapping: 'REFERENCE',
      name: 'tmt_iris_flat_0001.rmap',
      observatory: 'TMT',
      parkey,
      ...header,
    },
    selector,
  });

/** The same, loaded. */
export const rmap = (...[parkey, selector, header]: Parameters<typeof rmapText>) => {
  const mapping = parseMapping(rmapText(parkey, selector, header), 'tmt_iris_flat_0001.rmap');
  if (mapping.kind !== 'reference') throw new Error('not an rmap');
  return mapping;
};
