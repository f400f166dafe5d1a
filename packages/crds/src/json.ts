import { CrdsError } from './errors.ts';
import type { PyNode } from './python/literal.ts';
import { parseSections } from './python/parse.ts';
import { str } from './python/text.ts';

/** A literal of a mapping as JSON: tuples and lists as arrays, dictionaries and selectors as objects. */
export type MappingJson =
  | string
  | number
  | boolean
  | null
  | readonly MappingJson[]
  | { readonly [key: string]: MappingJson };

/** Ints beyond those that JSON readers keep exactly, NaN and infinities stay as text. */
const number = (value: number | bigint): MappingJson => {
  const near = Number(value);
  const isExact = typeof value === 'bigint' ? Number.isSafeInteger(near) : Number.isFinite(near);
  return isExact ? near : str(value);
};

/** Entries under any key, `__proto__` included. */
const object = (entries: readonly (readonly [string, MappingJson])[]): MappingJson =>
  Object.fromEntries(entries);

/** A selector is its name with its rules in their order: keys may be tuples, which no JSON object can have. */
export const toJson = (node: PyNode): MappingJson => {
  if (typeof node === 'number' || typeof node === 'bigint') return number(node);
  if (typeof node !== 'object' || node === null) return node;
  switch (node.kind) {
    case 'dict':
      return object(node.entries.map(([key, value]) => [str(key), toJson(value)]));
    case 'call': {
      const rules = node.entries.map(([key, value]) => [toJson(key), toJson(value)]);
      return { selector: node.name, rules };
    }
    default:
      return node.items.map(toJson);
  }
};

/**
 * What a mapping file says, section by section: `header`, `selector`, sometimes `comment`. Its checksum and rules are
 * not checked.
 *
 * @throws MappingFormatError, CrdsError MissingHeaderKeyError when it has no header
 */
export const mappingJson = (text: string, file: string): { readonly [section: string]: MappingJson } => {
  const sections = parseSections(text, file);
  if (!sections.has('header')) {
    throw new CrdsError('MissingHeaderKeyError', `${file} has no header = {…}; it is no mapping.`, { file });
  }
  return Object.fromEntries([...sections].map(([name, node]) => [name, toJson(node)]));
};
