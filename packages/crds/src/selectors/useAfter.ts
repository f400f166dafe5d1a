import type { PyLiteral } from '../python/literal.ts';
import { stringRepr } from '../python/text.ts';
import { type Choice, compareText, type Selector } from './selector.ts';
import { atOrBefore, dateOf, dateSteps, none, type StepKind, stepSelector } from './steps.ts';

const USE_AFTER: StepKind<string> = {
  selector: 'UseAfter',
  compare: compareText,
  pick(steps, parameters, header) {
    const date = dateOf('UseAfter', parameters, header);
    const found = atOrBefore(steps, date, compareText);
    if (!found) throw none('UseAfterError', stringRepr(date));
    return found;
  },
};

/** Chooses the last rule whose date is not after the header's. @see crds/core/selectors.py `UseAfterSelector` */
export const useAfterSelector = (
  parameters: readonly string[],
  entries: readonly (readonly [PyLiteral, Choice])[],
): Selector => stepSelector(USE_AFTER, parameters, dateSteps('UseAfter', entries));
