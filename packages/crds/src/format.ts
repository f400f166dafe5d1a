import { mappingChecksum } from './checksum.ts';
import type { PyEntry, PyLiteral, PyNode } from './python/literal.ts';
import type { SelectorName } from './python/parse.ts';
import { repr, str } from './python/text.ts';

/** A literal of a mapping file: arrays become tuples, whole numbers ints. */
export type MappingValue =
  | string
  | number
  | boolean
  | null
  | readonly MappingValue[]
  | { readonly [key: string]: MappingValue };

/** One level of rules: `Match({key: file or next level, …})`. */
export interface MappingRules {
  readonly selector: SelectorName;
  readonly rules: readonly (readonly [key: MappingValue, choice: MappingValue | MappingRules])[];
}

/** What a mapping file says; sha1sum is put into the header on writing. */
export interface MappingText {
  readonly header: { readonly [key: string]: MappingValue };
  readonly comment?: string;
  /** Of a .pmap or .imap names of files, of an .rmap rules. */
  readonly selector: { readonly [key: string]: string } | MappingRules;
}

const isRules = (value: unknown): value is MappingRules =>
  typeof value === 'object' && value !== null && 'rules' in value && Array.isArray(value.rules);

const node = (value: MappingValue | MappingRules): PyNode => {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return { kind: 'tuple', items: value.map(node) };
  if (isRules(value)) {
    const entries = value.rules.map(([key, choice]): PyEntry => [node(key) as PyLiteral, node(choice)]);
    return { kind: 'call', name: value.selector, entries, line: 0 };
  }
  return { kind: 'dict', entries: Object.entries(value).map(([key, item]): PyEntry => [key, node(item)]) };
};

const sortText = (key: PyLiteral): string[] =>
  typeof key === 'object' && key !== null && key.kind === 'tuple' ? key.items.map(str) : [str(key)];

const byKey = ([a]: PyEntry, [b]: PyEntry): number => {
  const [x, y] = [sortText(a), sortText(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i]! < y[i]! ? -1 : 1;
  return x.length - y.length;
};

const render = (value: PyNode, indent: string): string => {
  if (typeof value !== 'object' || value === null || (value.kind !== 'dict' && value.kind !== 'call')) {
    return repr(value);
  }
  const inner = `${indent}    `;
  const lines = [...value.entries].sort(byKey).map(([key, item]) => {
    return `${inner}${repr(key)} : ${render(item, inner)},\n`;
  });
  const body = `{\n${lines.join('')}${indent}}`;
  return value.kind === 'call' ? `${value.name}(${body})` : body;
};

/** The text of a mapping file in the layout of `crds checksum`, with its sha1sum. */
export const formatMapping = ({ header, comment, selector }: MappingText): string => {
  const compose = (sha1sum: string): string => {
    const parts = [`header = ${render(node({ ...header, sha1sum }), '')}\n`];
    if (comment) parts.push(`comment = """${comment.replace(/["\\]/g, '\\$&')}"""\n`);
    parts.push(`selector = ${render(node(selector), '')}\n`);
    return parts.join('\n');
  };
  return compose(mappingChecksum(compose('')));
};
