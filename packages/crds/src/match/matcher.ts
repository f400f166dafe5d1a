import { CrdsError } from '../errors.ts';
import { parseFloatText, splitWords, stringRepr, strip } from '../python/text.ts';
import type { Verdict } from '../selectors/selector.ts';
import { compileGlob, globList } from './glob.ts';
import { compilePattern } from './regex.ts';

export type Matcher = (value: string) => Verdict;

const MAX_DEPTH = 20;

/** All spellings of a value that mean the same, itself among them. */
export type Spellings = (value: string) => readonly string[];

interface Context {
  readonly spellings: Spellings;
  readonly depth: number;
}

/** What every matcher but N/A says first: a header's `*` matches, its N/A does not care. */
const literally = (
  key: string | undefined,
  { spellings }: Context,
  otherwise: (value: string) => boolean = () => false,
): Matcher => {
  return (value) => {
    if (value === key || value === '*') return 1;
    if (value === 'N/A') return 0;
    return spellings(value).some((text) => text === key || otherwise(text)) ? 1 : -1;
  };
};

const invalid = (key: string, expected: string): never => {
  throw new CrdsError('ValidationError', `Invalid rule value ${stringRepr(key)}: ${expected}.`);
};

const inequality = (key: string, context: Context): Matcher => {
  const parts = /^([><]=?)\s*([-+]?[0-9]{0,400}\.?[0-9]{1,400}(?:[eE][-+]?[0-9]{1,9})?)/.exec(key);
  if (!parts) return invalid(key, 'a number must follow the relation');
  const [, operator, text] = parts;
  const bound = Number(text);
  return literally(key, context, (value) => {
    const x = parseFloatText(value);
    if (x === undefined) return false;
    switch (operator) {
      case '>':
        return x > bound;
      case '<':
        return x < bound;
      case '>=':
        return x >= bound;
      default:
        return x <= bound;
    }
  });
};

/** `#>1 AND <=20#`. As in CRDS the key is cut at every occurrence of the operator, and two parts count. */
const binary = (key: string, operator: 'AND' | 'OR', context: Context): Matcher => {
  const bare = strip(key);
  const body = bare.startsWith('#') ? bare.slice(1, -1) : key;
  const [first = '', second = ''] = body.split(operator).map(strip);
  const [a, b] = [compile(first, context), compile(second, context)];
  const plain = literally(key, context, (value) => {
    const matches = [a(value) === 1, b(value) === 1];
    return operator === 'AND' ? matches.every(Boolean) : matches.some(Boolean);
  });
  return (value) => plain(value.toUpperCase());
};

const between = (key: string, context: Context): Matcher => {
  const [, low = '', high = '', ...rest] = splitWords(key);
  const bounds = [parseFloatText(low), parseFloatText(high)];
  if (rest.length > 0 || bounds[0] === undefined || bounds[1] === undefined || !(bounds[0] <= bounds[1])) {
    return invalid(key, "expected 'BETWEEN lower_bound upper_bound'");
  }
  return binary(`>=${low} AND <${high}`, 'AND', context);
};

/** @see crds/core/selectors.py `matcher` */
const compile = (key: string, outer: Context): Matcher => {
  const context = { ...outer, depth: outer.depth + 1 };
  if (context.depth > MAX_DEPTH) return invalid(key, `at most ${MAX_DEPTH} nested expressions`);
  if (key.startsWith('(') && key.endsWith(')') && key.length > 1) {
    const source = key.slice(1, -1);
    return literally(source, context, compilePattern(source));
  }
  if (key.startsWith('{') && key.endsWith('}') && key.length > 1) return literally(key.slice(1, -1), context);
  if (key.startsWith('#') && key.endsWith('#') && key.length > 1) {
    const relation = key.toUpperCase();
    if (relation.includes(' AND ')) return binary(relation, 'AND', context);
    if (relation.includes(' OR ')) return binary(relation, 'OR', context);
    return compile(relation.slice(1, -1), context);
  }
  if (key.toUpperCase().startsWith('BETWEEN')) return between(key, context);
  if (key.toUpperCase().startsWith('NOT ')) {
    const positive = compile(strip(key.slice(4)), context);
    return (value) => (0 - positive(value)) as Verdict;
  }
  if (key.includes('|') || key.includes('*')) {
    const alternatives = globList(key).map(compileGlob);
    return literally(undefined, context, (value) => alternatives.some((matches) => matches(value)));
  }
  if (key === 'N/A') return () => 0;
  if (key.startsWith('>') || key.startsWith('<')) return inequality(key, context);
  return literally(key, context);
};

/** The test that one conditioned key of a Match rule stands for. */
export const matcherOf = (key: string, spellings: Spellings = (value) => [value]): Matcher =>
  compile(key, { spellings, depth: 0 });
