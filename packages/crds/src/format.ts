import { documentText } from './derive/document.ts';
import type { PyCall, PyDict, PyEntry, PyLiteral, PyNode } from './python/literal.ts';
import type { SelectorName } from './python/parse.ts';

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

/** The text of a mapping file in the layout of `crds checksum`, with its sha1sum. */
export const formatMapping = ({ header, comment, selector }: MappingText): string =>
  documentText({
    header: node(header) as PyDict,
    ...(comment ? { comment } : {}),
    selector: node(selector) as PyDict | PyCall,
  });
