import { chosenBy } from '../certify/rules/index.ts';
import { formatMapping } from '../format.ts';

/** Parameters by which references of a type are chosen where no .rmap says it yet. */
const DETECTOR_ONLY = ['META.INSTRUMENT.DETECTOR'];

/** Text of an .rmap without rules for a type that had none; the type's rule file says what it is chosen by. */
export const newRules = (observatory: string, instrument: string, type: string): string => {
  const parameters = chosenBy(type) ?? DETECTOR_ONLY;
  // Of all subarrays; CRDS knows it without being told, people may not.
  const generic = { substitutions: { 'META.SUBARRAY.NAME': { GENERIC: 'N/A' } } };
  return formatMapping({
    header: {
      ...(parameters.includes('META.SUBARRAY.NAME') ? generic : {}),
      classes: ['Match', 'UseAfter'],
      derived_from: 'NONE',
      filekind: type.toUpperCase(),
      instrument: instrument.toUpperCase(),
      mapping: 'REFERENCE',
      name: 'new.rmap',
      observatory: observatory.toUpperCase(),
      parkey: [parameters, ['META.OBSERVATION.DATE', 'META.OBSERVATION.TIME']],
    },
    selector: { selector: 'Match', rules: [] },
  });
};
