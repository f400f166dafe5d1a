import { chosenBy } from '../certify/rules/index.ts';
import { formatMapping } from '../format.ts';

/** Parameters by which references of a type are chosen where no .rmap says it yet. */
const DETECTOR_ONLY = ['META.INSTRUMENT.DETECTOR'];

/** Text of an .rmap without rules for a type that had none; the type's rule file says what it is chosen by. */
export const newRules = (observatory: string, instrument: string, type: string): string =>
  formatMapping({
    header: {
      classes: ['Match', 'UseAfter'],
      derived_from: 'NONE',
      filekind: type.toUpperCase(),
      instrument: instrument.toUpperCase(),
      mapping: 'REFERENCE',
      name: 'new.rmap',
      observatory: observatory.toUpperCase(),
      parkey: [chosenBy(type) ?? DETECTOR_ONLY, ['META.OBSERVATION.DATE', 'META.OBSERVATION.TIME']],
    },
    selector: { selector: 'Match', rules: [] },
  });
