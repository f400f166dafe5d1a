import { CrdsError, MappingFormatError } from './errors.ts';
import { hashKey, isKind, type PyLiteral } from './python/literal.ts';
import { stringRepr } from './python/text.ts';
import { scan, type Token } from './python/tokens.ts';

/** Values of names; undefined where there is none. */
export type Names = (name: string) => PyLiteral | undefined;
export type Expression = (names: Names) => PyLiteral;

const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=', 'in', 'not in']);
const CONSTANTS: Readonly<Record<string, PyLiteral>> = { True: true, False: false, None: null };
const KEYWORDS = new Set(['and', 'or', 'not', 'in', 'if', 'else', 'is', 'lambda', 'for']);
const MAX_DEPTH = 50;

const truth = (value: PyLiteral): boolean => {
  if (typeof value !== 'object' || value === null) return Boolean(value);
  return value.kind === 'dict' ? value.entries.length > 0 : value.items.length > 0;
};

const equal = (a: PyLiteral, b: PyLiteral): boolean => {
  if (!isKind(a, 'list') || !isKind(b, 'list')) {
    const hash = hashKey(a);
    return hash !== undefined && hash === hashKey(b);
  }
  return (
    a.items.length === b.items.length &&
    a.items.every((x, i) => equal(x as PyLiteral, b.items[i] as PyLiteral))
  );
};

const typeError = (operator: string): never => {
  throw new CrdsError('ValidationError', `'${operator}' cannot compare values of such types`);
};

const contains = (container: PyLiteral, item: PyLiteral): boolean => {
  if (isKind(container, 'tuple') || isKind(container, 'list')) {
    return container.items.some((x) => equal(x as PyLiteral, item));
  }
  if (typeof container === 'string' && typeof item === 'string') return container.includes(item);
  return typeError('in');
};

const compare = (operator: string, a: PyLiteral, b: PyLiteral): boolean => {
  if (operator === '==') return equal(a, b);
  if (operator === '!=') return !equal(a, b);
  if (operator === 'in') return contains(b, a);
  if (operator === 'not in') return !contains(b, a);
  const number = (x: PyLiteral): x is number | bigint => typeof x === 'number' || typeof x === 'bigint';
  if (!(typeof a === 'string' && typeof b === 'string') && !(number(a) && number(b)))
    return typeError(operator);
  const [x, y] = [a as string | number, b as string | number];
  if (operator === '<') return x < y;
  if (operator === '<=') return x <= y;
  return operator === '>' ? x > y : x >= y;
};

/**
 * Reads the predicates of rmap headers (`rmap_relevance`, `rmap_omit`, `parkey_relevance`): comparisons of names,
 * strings, numbers and tuples, joined by and, or, not, if … else. Anything else is refused; nothing is evaluated
 * by the language. A dotted name is one name.
 *
 * @throws MappingFormatError; the expression itself throws CrdsError for an unknown name
 */
export const compileExpression = (source: string, file?: string): Expression => {
  const tokens = scan(source.replace(/\r\n?/g, '\n').trim(), file);
  let token = tokens.next();
  const advance = (): Token => {
    const taken = token;
    token = tokens.next();
    return taken;
  };
  const fail = (): never => {
    const what = `'${token.text}' does not belong into the expression ${stringRepr(source.slice(0, 200))}`;
    throw new MappingFormatError(what, token.line, file);
  };
  const isOp = (text: string): boolean => token.kind === 'op' && token.text === text;
  const isWord = (text: string): boolean => token.kind === 'name' && token.text === text;
  const expect = (text: string): void => {
    if (!isOp(text) && !isWord(text)) fail();
    advance();
  };

  const name = (): Expression => {
    let text = advance().text;
    while (isOp('.')) {
      advance();
      if (token.kind !== 'name') fail();
      text += `.${advance().text}`;
    }
    if (Object.hasOwn(CONSTANTS, text)) return () => CONSTANTS[text]!;
    return (names) => {
      const value = names(text);
      if (value === undefined) throw new CrdsError('ValidationError', `name '${text}' is not defined`);
      return value;
    };
  };

  const sequence = (closing: string, depth: number): { items: Expression[]; comma: boolean } => {
    const items: Expression[] = [];
    let comma = false;
    while (!isOp(closing)) {
      items.push(conditional(depth + 1));
      if (!isOp(',')) break;
      advance();
      comma = true;
    }
    expect(closing);
    return { items, comma };
  };

  const operand = (depth: number): Expression => {
    if (depth > MAX_DEPTH) fail();
    if (token.kind === 'string') {
      const { text } = token;
      advance();
      return () => text;
    }
    const sign = isOp('-') ? -1 : 1;
    if (sign < 0) advance();
    if (token.kind === 'int' || token.kind === 'float') {
      const value = sign * Number(advance().text.replaceAll('_', ''));
      return () => value;
    }
    if (sign < 0) fail();
    if (token.kind === 'name' && !KEYWORDS.has(token.text)) return name();
    if (isOp('(')) {
      advance();
      const { items, comma } = sequence(')', depth);
      if (items.length === 1 && !comma) return items[0]!;
      return (names) => ({ kind: 'tuple', items: items.map((item) => item(names)) });
    }
    if (isOp('[')) {
      advance();
      const { items } = sequence(']', depth);
      return (names) => ({ kind: 'list', items: items.map((item) => item(names)) });
    }
    return fail();
  };

  const comparison = (depth: number): Expression => {
    const first = operand(depth);
    const links: { operator: string; right: Expression }[] = [];
    for (;;) {
      let operator = token.kind === 'op' || token.kind === 'name' ? token.text : '';
      if (operator === 'not') operator = 'not in';
      if (!COMPARISONS.has(operator)) break;
      advance();
      if (operator === 'not in') expect('in');
      links.push({ operator, right: operand(depth) });
    }
    if (links.length === 0) return first;
    return (names) => {
      let left = first(names);
      for (const { operator, right } of links) {
        const value = right(names);
        if (!compare(operator, left, value)) return false;
        left = value;
      }
      return true;
    };
  };

  const negation = (depth: number): Expression => {
    if (depth > MAX_DEPTH) fail();
    if (!isWord('not')) return comparison(depth);
    advance();
    const inner = negation(depth + 1);
    return (names) => !truth(inner(names));
  };

  const chain = (word: 'and' | 'or', part: (depth: number) => Expression) => {
    return (depth: number): Expression => {
      const parts = [part(depth)];
      while (isWord(word)) {
        advance();
        parts.push(part(depth));
      }
      if (parts.length === 1) return parts[0]!;
      return (names) => {
        let value: PyLiteral = word === 'and';
        for (const each of parts) {
          value = each(names);
          if (truth(value) !== (word === 'and')) return value;
        }
        return value;
      };
    };
  };
  const disjunction = chain('or', chain('and', negation));

  const conditional = (depth: number): Expression => {
    if (depth > MAX_DEPTH) fail();
    const value = disjunction(depth);
    if (!isWord('if')) return value;
    advance();
    const condition = disjunction(depth);
    expect('else');
    const otherwise = conditional(depth + 1);
    return (names) => (truth(condition(names)) ? value(names) : otherwise(names));
  };

  const whole = conditional(0);
  if (token.kind !== 'end') fail();
  return whole;
};

/** The expression as a yes or no. */
export const holds = (expression: Expression, names: Names): boolean => truth(expression(names));
