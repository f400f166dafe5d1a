import { MappingFormatError } from '../errors.ts';
import { hashKey, isKind, type PyEntry, type PyLiteral, type PyNode } from './literal.ts';
import { scan, type Token } from './tokens.ts';

/** Selectors CRDS knows; any other call is refused. */
const SELECTOR_NAMES = [
  'Match',
  'UseAfter',
  'VersionAfter',
  'SelectVersion',
  'ClosestTime',
  'GeometricallyNearest',
  'Bracket',
] as const;
export type SelectorName = (typeof SELECTOR_NAMES)[number];

const SECTIONS = ['header', 'selector', 'comment'];
const CONSTANTS: Readonly<Record<string, PyLiteral>> = { True: true, False: false, None: null };
const MAX_DEPTH = 64;
const MAX_CHARACTERS = 1 << 26;

/** @param line  of the later one, 1-based */
export type Repeated = (key: PyLiteral, line: number) => void;

/** The assignments of a mapping file: `header`, `selector` and, rarely, `comment`. */
export type Sections = ReadonlyMap<string, PyNode>;

/**
 * Parses the text of a mapping file. It is data to us: literals and selector calls are read, nothing is ever
 * evaluated. Linear in the length of the text.
 *
 * @param onRepeated  told of keys that stand in a dictionary twice: the later one wins, as in Python
 * @throws MappingFormatError with the line of the first thing that does not belong there
 */
export const parseSections = (source: string, file?: string, onRepeated?: Repeated): Sections => {
  if (source.length > MAX_CHARACTERS) {
    throw new MappingFormatError(
      `${source.length} characters; a mapping has at most ${MAX_CHARACTERS}`,
      1,
      file,
    );
  }
  const lines = source.includes('\r') ? source.replace(/\r\n?/g, '\n') : source;
  const tokens = scan(lines.startsWith('\ufeff') ? lines.slice(1) : lines, file);
  let token = tokens.next();

  const fail = (message: string, at: Pick<Token, 'line'> = token): never => {
    throw new MappingFormatError(message, at.line, file);
  };
  const describe = (at: Token): string =>
    at.kind === 'string' ? 'a string' : at.kind === 'newline' ? 'the end of the line' : `'${at.text}'`;
  const advance = (): Token => {
    const taken = token;
    token = tokens.next();
    return taken;
  };
  const is = (text: string): boolean => token.kind === 'op' && token.text === text;
  const expect = (text: string, where: string): void => {
    if (!is(text)) fail(`expected '${text}' ${where}, found ${describe(token)}`);
    advance();
  };

  const isNumber = (at: Token): boolean => at.kind === 'int' || at.kind === 'float';

  const number = (): bigint | number => {
    const taken = advance();
    const digits = taken.text.replaceAll('_', '');
    if (taken.text.endsWith('_') || /^0+[1-9]/.test(taken.kind === 'int' ? digits : '')) {
      return fail(`'${taken.text}' is no number`, taken);
    }
    return taken.kind === 'int' ? BigInt(digits) : Number(digits);
  };

  /** The items of `( … )` or `[ … ]` after its opening bracket; tells whether a comma was seen. */
  const items = (closing: string, depth: number): { nodes: PyNode[]; comma: boolean } => {
    const nodes: PyNode[] = [];
    let comma = false;
    while (!is(closing)) {
      nodes.push(node(depth + 1));
      if (is(closing)) break;
      expect(',', `or '${closing}' after an item`);
      comma = true;
    }
    advance();
    return { nodes, comma };
  };

  const dictEntries = (depth: number): PyEntry[] => {
    const entries: PyEntry[] = [];
    // Where a key's entry is. Strings by themselves, which spares hashing the most frequent keys; nothing else is
    // equal to one.
    const strings = new Map<string, number>();
    const others = new Map<string, number>();
    while (!is('}')) {
      const { line } = token;
      const key = node(depth + 1);
      const hash = typeof key === 'string' ? key : hashKey(key);
      if (hash === undefined) return fail('only strings, numbers and tuples of them can be keys', { line });
      expect(':', 'after a key');
      const value = node(depth + 1);
      const places = typeof key === 'string' ? strings : others;
      const place = places.get(hash);
      if (place === undefined) {
        places.set(hash, entries.length);
        entries.push([key as PyLiteral, value]);
      } else {
        onRepeated?.(entries[place]![0], line);
        entries[place] = [entries[place]![0], value];
      }
      if (is('}')) break;
      expect(',', "or '}' after a value");
    }
    advance();
    return entries;
  };

  const call = (name: Token, depth: number): PyNode => {
    if (!(SELECTOR_NAMES as readonly string[]).includes(name.text)) {
      fail(`'${name.text}' is no selector; CRDS has ${SELECTOR_NAMES.join(', ')}`, name);
    }
    advance();
    if (!is('{')) fail(`${name.text}(…) takes one dictionary, found ${describe(token)}`);
    advance();
    const entries = dictEntries(depth + 1);
    if (is(',')) advance();
    expect(')', `to close ${name.text}(`);
    return { kind: 'call', name: name.text, entries, line: name.line };
  };

  const node = (depth: number): PyNode => {
    if (depth > MAX_DEPTH) return fail(`more than ${MAX_DEPTH} levels of brackets`);
    if (token.kind === 'string') {
      let { text } = token;
      advance();
      // A string that follows another goes on with it.
      for (; token.kind === 'string'; advance()) text += token.text;
      return text;
    }
    if (isNumber(token)) return number();
    if (token.kind === 'name') {
      const name = advance();
      if (Object.hasOwn(CONSTANTS, name.text)) return CONSTANTS[name.text]!;
      return is('(') ? call(name, depth) : fail(`the name '${name.text}' means nothing in a mapping`, name);
    }
    if (is('-') || is('+')) {
      const sign = advance().text;
      if (!isNumber(token)) return fail(`expected a number after '${sign}'`);
      const value = number();
      return sign === '-' ? -value : value;
    }
    if (is('{')) {
      advance();
      return { kind: 'dict', entries: dictEntries(depth) };
    }
    if (is('(')) {
      advance();
      const { nodes, comma } = items(')', depth);
      return nodes.length === 1 && !comma ? nodes[0]! : { kind: 'tuple', items: nodes };
    }
    if (is('[')) {
      advance();
      return { kind: 'list', items: items(']', depth).nodes };
    }
    return fail(`expected a literal or a selector, found ${describe(token)}`);
  };

  const endOfStatement = (): void => {
    if (token.kind === 'newline' || is(';')) advance();
    else if (token.kind !== 'end') fail(`expected the end of the line, found ${describe(token)}`);
  };

  const sections = new Map<string, PyNode>();
  while (token.kind !== 'end') {
    if (token.kind === 'newline') advance();
    else if (token.kind === 'string') {
      node(0);
      endOfStatement();
    } else {
      const name = advance();
      if (name.kind !== 'name' || !SECTIONS.includes(name.text)) {
        fail(`only ${SECTIONS.join(', ')} can be defined, found ${describe(name)}`, name);
      }
      expect('=', `after ${name.text}`);
      const begin = { line: token.line };
      const value = node(0);
      if (typeof value !== 'string' && !isKind(value, 'dict') && !isKind(value, 'call')) {
        fail(`${name.text} must be a dictionary, a selector or a string`, begin);
      }
      endOfStatement();
      sections.set(name.text, value);
    }
  }
  return sections;
};
