import { CrdsError } from '../errors.ts';
import type { PyLiteral } from '../python/literal.ts';
import { stringRepr } from '../python/text.ts';
import { secondsBetween } from '../timestamp.ts';
import { type Choice, compareText, type Selector } from './selector.ts';
import { dateOf, dateSteps, type Step, type StepKind, stepSelector } from './steps.ts';

const CLOSEST_TIME: StepKind<string> = {
  selector: 'ClosestTime',
  compare: compareText,
  pick(steps, parameters, header) {
    const date = dateOf('ClosestTime', parameters, header);
    let best: Step<string> | undefined;
    let nearest = Number.POSITIVE_INFINITY;
    for (const step of steps) {
      const distance = Math.fround(Math.abs(secondsBetween(step.key, date)));
      if (distance < nearest) [best, nearest] = [step, distance];
    }
    if (!best) throw new CrdsError('CrdsLookupError', `No selection near ${stringRepr(date)}`);
    return best;
  },
};

/** Chooses the rule whose date is nearest, the earlier of two equally near ones. */
export const closestTimeSelector = (
  parameters: readonly string[],
  entries: readonly (readonly [PyLiteral, Choice])[],
): Selector => stepSelector(CLOSEST_TIME, parameters, dateSteps('ClosestTime', entries));
