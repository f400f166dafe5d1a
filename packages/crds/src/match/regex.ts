import { CrdsError } from '../errors.ts';

/**
 * Python's re.match() as a yes or no, for the regular expressions of rule keys, in time linear in the text
 * (Thompson's construction): a rule cannot make the service hang. Look-around, back-references and inline flags
 * are not regular and are refused.
 */
export type Pattern = (text: string) => boolean;

type Test = (character: string) => boolean;
type Assertion = (text: string, at: number) => boolean;
type Ast =
  | { readonly op: 'test'; readonly test: Test }
  | { readonly op: 'assert'; readonly holds: Assertion }
  | { readonly op: 'sequence' | 'either'; readonly items: readonly Ast[] }
  | { readonly op: 'repeat'; readonly item: Ast; readonly min: number; readonly max: number };
type Instruction =
  | { readonly op: 'test'; readonly test: Test }
  | { readonly op: 'assert'; readonly holds: Assertion }
  | { readonly op: 'split'; to: number[] }
  | { readonly op: 'match' };

const MAX_PROGRAM = 10_000;
const MAX_NESTING = 50;

const CLASSES: Readonly<Record<string, Test>> = {
  d: (c) => /\d/.test(c),
  w: (c) => /[\p{L}\p{N}_]/u.test(c),
  s: (c) => /\s/.test(c),
};
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', a: '\x07' };

const wordAt: Assertion = (text, at) => at >= 0 && at < text.length && CLASSES.w!(text[at]!);
const atBoundary: Assertion = (text, at) => wordAt(text, at - 1) !== wordAt(text, at);
const ASSERTIONS: Readonly<Record<string, Assertion>> = {
  '^': (_text, at) => at === 0,
  A: (_text, at) => at === 0,
  $: (text, at) => at === text.length || (at === text.length - 1 && text[at] === '\n'),
  Z: (text, at) => at === text.length,
  b: atBoundary,
  B: (text, at) => !atBoundary(text, at),
};

const parse = (source: string): Ast => {
  let at = 0;
  const refuse = (what: string): never => {
    throw new CrdsError('NotSupported', `${what} in the regular expression (${source}) is not supported`);
  };

  const escapedTest = (): Test => {
    const c = source[at++] ?? refuse('a trailing backslash');
    const known = CLASSES[c.toLowerCase()];
    if (known) return c === c.toLowerCase() ? known : (character) => !known(character);
    if (/[0-9]/.test(c)) return refuse('a back-reference');
    const literal = ESCAPED[c] ?? (/[A-Za-z]/.test(c) ? refuse(`\\${c}`) : c);
    return (character) => character === literal;
  };

  const set = (): Test => {
    const negated = source[at] === '^';
    if (negated) at++;
    const tests: Test[] = [];
    for (let first = true; ; first = false) {
      const c = source[at] ?? refuse('an unclosed [');
      at++;
      if (c === ']' && !first) break;
      if (c === '\\') tests.push(escapedTest());
      else if (source[at] === '-' && source[at + 1] !== ']' && source[at + 1] !== undefined) {
        const end = source[at + 1]!;
        at += 2;
        if (end === '\\' || end < c) refuse('a range of this kind');
        tests.push((character) => character >= c && character <= end);
      } else tests.push((character) => character === c);
    }
    return (character) => tests.some((test) => test(character)) !== negated;
  };

  const atom = (depth: number): Ast => {
    const c = source[at++]!;
    if (c === '(') {
      const group = /\?:|\?P<\w+>/y;
      group.lastIndex = at;
      const prefix = group.exec(source);
      if (prefix) at += prefix[0].length;
      else if (source[at] === '?') refuse(`(${source.slice(at, at + 2)}`);
      const inner = either(depth + 1);
      if (source[at++] !== ')') refuse('an unclosed (');
      return inner;
    }
    if (c === '[') return { op: 'test', test: set() };
    if (c === '.') return { op: 'test', test: (character) => character !== '\n' };
    if (c === '^' || c === '$') return { op: 'assert', holds: ASSERTIONS[c]! };
    if (c === '\\') {
      const assertion = 'AZbB'.includes(source[at] ?? '-') ? ASSERTIONS[source[at]!] : undefined;
      if (!assertion) return { op: 'test', test: escapedTest() };
      at++;
      return { op: 'assert', holds: assertion };
    }
    if ('*+?'.includes(c)) refuse(`a ${c} with nothing to repeat`);
    return { op: 'test', test: (character) => character === c };
  };

  const repeated = (depth: number): Ast => {
    let item = atom(depth);
    for (;;) {
      const quantifier = /[*+?]|\{(\d{0,4})(,?)(\d{0,4})\}/y;
      quantifier.lastIndex = at;
      const found = quantifier.exec(source);
      if (!found || found[0] === '{}') return item;
      at += found[0].length;
      if (source[at] === '+') refuse('a possessive quantifier');
      if (source[at] === '?') at++;
      const [, low = '', comma = '', high = ''] = found;
      const min = found[0] === '+' ? 1 : Number(low);
      const open = comma && !high;
      const max = found[0] === '?' ? 1 : '*+'.includes(found[0]) || open ? Infinity : Number(high || low);
      item = { op: 'repeat', item, min, max };
    }
  };

  const either = (depth: number): Ast => {
    if (depth > MAX_NESTING) refuse('such deep nesting');
    const branches: Ast[] = [];
    for (;;) {
      const items: Ast[] = [];
      while (at < source.length && source[at] !== '|' && source[at] !== ')') items.push(repeated(depth));
      branches.push({ op: 'sequence', items });
      if (source[at] !== '|') return { op: 'either', items: branches };
      at++;
    }
  };

  const whole = either(0);
  if (at < source.length) refuse('an unmatched )');
  return whole;
};

const compile = (ast: Ast, source: string): Instruction[] => {
  const program: Instruction[] = [];
  const emit = (instruction: Instruction): number => {
    if (program.length >= MAX_PROGRAM) {
      throw new CrdsError('NotSupported', `the regular expression (${source.slice(0, 80)}…) is too large`);
    }
    return program.push(instruction) - 1;
  };
  const split = (...to: number[]): { op: 'split'; to: number[] } => {
    const instruction = { op: 'split' as const, to };
    emit(instruction);
    return instruction;
  };
  const walk = (node: Ast): void => {
    switch (node.op) {
      case 'sequence':
        for (const item of node.items) walk(item);
        return;
      case 'either': {
        const fork = split();
        const exits = node.items.map((item) => {
          fork.to.push(program.length);
          walk(item);
          return split();
        });
        for (const exit of exits) exit.to.push(program.length);
        return;
      }
      case 'repeat': {
        for (let i = 0; i < node.min; i++) walk(node.item);
        if (node.max === Number.POSITIVE_INFINITY) {
          const start = program.length;
          const fork = split(start + 1);
          walk(node.item);
          split(start);
          fork.to.push(program.length);
          return;
        }
        const forks = [];
        for (let i = node.min; i < node.max; i++) {
          forks.push(split(program.length + 1));
          walk(node.item);
        }
        for (const fork of forks) fork.to.push(program.length);
        return;
      }
      default:
        emit(node);
    }
  };
  walk(ast);
  emit({ op: 'match' });
  return program;
};

/**
 * @param source  a Python regular expression
 * @throws CrdsError NotSupported for what is not regular
 */
export const compilePattern = (source: string): Pattern => {
  const program = compile(parse(source), source);
  return (text) => {
    let current = [0];
    for (let at = 0; at <= text.length && current.length > 0; at++) {
      const seen = new Set<number>();
      const next: number[] = [];
      const stack = current;
      while (stack.length > 0) {
        const index = stack.pop()!;
        if (seen.has(index)) continue;
        seen.add(index);
        const instruction = program[index]!;
        if (instruction.op === 'match') return true;
        if (instruction.op === 'split') stack.push(...instruction.to);
        else if (instruction.op === 'assert') {
          if (instruction.holds(text, at)) stack.push(index + 1);
        } else if (at < text.length && instruction.test(text[at]!)) next.push(index + 1);
      }
      current = next;
    }
    return false;
  };
};
