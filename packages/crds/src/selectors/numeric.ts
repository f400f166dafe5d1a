import { conditionValue } from '../condition.ts';
import { CrdsError, isLookupError } from '../errors.ts';
import type { PyLiteral } from '../python/literal.ts';
import type { SelectorName } from '../python/parse.ts';
import { parseFloatText, repr, str, stringRepr } from '../python/text.ts';
import { type Choice, lookupsFailed, required, type Selector } from './selector.ts';
import { follow } from './steps.ts';

/** Selectors over one number: GeometricallyNearest, Bracket and SelectVersion. */
type Entries = readonly (readonly [PyLiteral, Choice])[];

const numberOf = (selector: SelectorName, name: string, value: string): number => {
  const x = parseFloatText(value);
  if (x !== undefined) return x;
  const where = `${selector} Invalid number for ${stringRepr(name)} value = ${stringRepr(value)}`;
  throw new CrdsError('ValidationError', where);
};

const onlyParameter = (selector: SelectorName, parameters: readonly string[]): string => {
  const [name] = parameters;
  if (name !== undefined) return name;
  throw new CrdsError(
    'ValidationError',
    `${selector} needs one parameter, the header's parkey gives it none`,
  );
};

const guarded = (choose: Selector['choose']): Selector['choose'] => {
  return (header, trace) => {
    try {
      return choose(header, trace);
    } catch (error) {
      throw isLookupError(error) ? lookupsFailed(error) : error;
    }
  };
};

/** Chooses the rule whose number is nearest in single precision; of equal ones the first in the order of text. */
export const nearestSelector = (parameters: readonly string[], entries: Entries): Selector => {
  const selector = 'GeometricallyNearest';
  const name = onlyParameter(selector, parameters);
  const steps = entries
    .map(([key, choice]) => {
      const text = conditionValue(key);
      return { text, value: Math.fround(numberOf(selector, name, text)), choice };
    })
    .sort((a, b) => (a.text < b.text ? -1 : 1));
  return {
    selector,
    parameters,
    choices: steps.map((step) => step.choice),
    choose: guarded((header, trace) => {
      const pick = () => {
        const x = Math.fround(numberOf(selector, name, required(selector, name, header)));
        const distances = steps.map((step) => Math.fround(Math.abs(step.value - x)));
        const best = steps[distances.indexOf(Math.min(...distances))];
        if (!best) throw new CrdsError('CrdsLookupError', `No selection near ${stringRepr(String(x))}`);
        return best;
      };
      return follow(selector, parameters, steps, (step) => step.text, header, trace, pick);
    }),
  };
};

/** The rules on both sides of a number, as a pair; beyond an end, and at a rule's own number, that one twice. */
export const bracketSelector = (parameters: readonly string[], entries: Entries): Selector => {
  const selector = 'Bracket';
  const name = onlyParameter(selector, parameters);
  const steps = entries
    .map(([key, choice]) => ({ value: numberOf(selector, name, str(key)), choice }))
    .sort((a, b) => a.value - b.value);
  return {
    selector,
    parameters,
    choices: steps.map((step) => step.choice),
    choose: guarded((header, trace) => {
      const pick = () => {
        const x = numberOf(selector, name, required(selector, name, header));
        const above = steps.findIndex((step) => step.value >= x);
        const exact = above >= 0 && steps[above]!.value === x;
        const greater = steps[above < 0 ? steps.length - 1 : above];
        const less = above <= 0 || exact ? greater : steps[above - 1];
        if (less && greater) return { less, greater, choice: less.choice };
        throw new CrdsError('CrdsLookupError', `No selection near ${stringRepr(String(x))}`);
      };
      const { less, greater } = pick();
      const one = (step: typeof less): PyLiteral =>
        follow(
          selector,
          parameters,
          [step],
          ({ value }) => String(value),
          header,
          trace,
          () => step,
        );
      const first = one(less);
      return { kind: 'tuple', items: [first, less === greater ? first : one(greater)] };
    }),
  };
};

interface Relation {
  readonly text: string;
  /** undefined: a tuple, which no number of a header can be compared with. */
  readonly version: number | undefined;
  readonly relation: string;
}

const relationOf = (raw: PyLiteral): Relation => {
  const text = str(raw);
  if (text.replaceAll('=', '').trim() === 'default') {
    return { text, relation: '=', version: Number.POSITIVE_INFINITY };
  }
  const found = /^(<=?|==?)(.*)$/.exec(/^[<=]/.test(text) ? text : `=${text}`);
  const literal = found?.[2]?.trim() ?? '';
  const version = parseFloatText(literal);
  if (version === undefined && !literal.startsWith('(')) {
    throw new CrdsError('ValidationError', `Invalid version expression in: ${repr(text)}`);
  }
  return { text, version, relation: found![1]!.replace('==', '=') };
};

const compareRelations = (a: Relation, b: Relation): number => {
  if (a.version === undefined || b.version === undefined) {
    const types = `${a.text.replace(/^[<=]*\s*/, '')} and ${b.text.replace(/^[<=]*\s*/, '')}`;
    throw new CrdsError('ValidationError', `Incompatible version expression types: ${types}`);
  }
  if (a.version !== b.version) return a.version < b.version ? -1 : 1;
  return a.relation < b.relation ? -1 : a.relation > b.relation ? 1 : 0;
};

/** Chooses the first of the ordered relations ('<5', '=5', 'default') that the version fulfils. */
export const selectVersionSelector = (parameters: readonly string[], entries: Entries): Selector => {
  const selector = 'SelectVersion';
  const name = onlyParameter(selector, parameters);
  const steps = entries
    .map(([key, choice]) => ({ key: relationOf(key), choice }))
    .sort((a, b) => (entries.length > 1 ? compareRelations(a.key, b.key) : 0));
  return {
    selector,
    parameters,
    choices: steps.map((step) => step.choice),
    choose: guarded((header, trace) => {
      const pick = () => {
        const version = required(selector, name, header);
        if (version.replaceAll('=', '').trim() !== 'default') numberOf(selector, name, version);
        const wanted = relationOf(version);
        const found = steps.find((step) => compareRelations(step.key, wanted) >= 0);
        if (found) return found;
        throw new CrdsError('CrdsLookupError', `No version relation holds for ${stringRepr(version)}`);
      };
      return follow(selector, parameters, steps, (step) => step.key.text, header, trace, pick);
    }),
  };
};
