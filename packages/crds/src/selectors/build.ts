import { MappingFormatError } from '../errors.ts';
import { isKind, type PyCall, type PyLiteral } from '../python/literal.ts';
import type { SelectorName } from '../python/parse.ts';
import { closestTimeSelector } from './closestTime.ts';
import { matchSelector } from './match.ts';
import { bracketSelector, nearestSelector, selectVersionSelector } from './numeric.ts';
import type { Choice, Rules, Selector } from './selector.ts';
import { substitute } from './substitutions.ts';
import { useAfterSelector } from './useAfter.ts';
import { versionAfterSelector } from './versionAfter.ts';

type Build = (
  parameters: readonly string[],
  entries: readonly (readonly [PyLiteral, Choice])[],
  rules: Rules,
) => Selector;

const BUILDERS: Readonly<Record<SelectorName, Build>> = {
  Match: matchSelector,
  UseAfter: useAfterSelector,
  VersionAfter: versionAfterSelector,
  ClosestTime: closestTimeSelector,
  SelectVersion: selectVersionSelector,
  GeometricallyNearest: nearestSelector,
  Bracket: bracketSelector,
};

/**
 * The tree of selectors of an rmap; each level takes its own parameters of `parkey`.
 * @throws MappingFormatError, CrdsError ValidationError for keys that do not fit
 */
export const buildSelector = (
  call: PyCall,
  parkey: readonly (readonly string[])[],
  rules: Rules,
  file?: string,
): Selector => {
  const [parameters, ...deeper] = parkey;
  if (!parameters) {
    const message = `${call.name} lies deeper than the parkey of the header has levels`;
    throw new MappingFormatError(message, call.line, file);
  }
  const entries = substitute(call.entries, parameters, rules.substitutions).map((entry) => {
    const [key, value] = entry;
    return isKind(value, 'call')
      ? ([key, buildSelector(value, deeper, rules, file)] as const)
      : (entry as readonly [PyLiteral, PyLiteral]);
  });
  return BUILDERS[call.name as SelectorName](parameters, entries, rules);
};
