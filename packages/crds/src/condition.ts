import type { PyNode } from './python/literal.ts';
import { floatText, str, strip } from './python/text.ts';

const NUMBER = /^(?:[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?|[+-]?[0-9]+\.)$/;
// As CRDS has it: only the last alternative is anchored at its end, the others match prefixes.
const DONT_CARE = /^(?:-2147483648.0|\(\)|N\/A|NOT APPLICABLE|NOT_APPLICABLE$)/;

/**
 * The form in which CRDS compares a value, of a header or of a rule: upper case, numbers as Python floats,
 * `N/A` and `*` for their synonyms, `T` and `F` for booleans.
 * @see crds/core/utils.py `condition_value`
 */
export const conditionValue = (raw: PyNode): string => {
  let value = strip(str(raw)).toUpperCase();
  // Digits only by then; the length is bounded before the pattern may look at it twice.
  if (value.length <= 400 && NUMBER.test(value)) value = floatText(Number(value));
  if (DONT_CARE.test(value)) value = 'N/A';
  switch (value) {
    case 'ANY':
      return '*';
    case '4294967295.0':
      return '-1.0';
    case 'TRUE':
      return 'T';
    case 'FALSE':
      return 'F';
    default:
      return value;
  }
};
