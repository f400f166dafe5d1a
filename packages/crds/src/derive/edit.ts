import { CrdsError } from '../errors.ts';
import type { ReferenceMapping } from '../mapping.ts';
import { isKind, type PyCall, type PyEntry, type PyLiteral, type PyNode } from '../python/literal.ts';
import type { SelectorName } from '../python/parse.ts';
import { repr, str, tupleRepr } from '../python/text.ts';
import { conditionKey } from '../selectors/conditionKey.ts';
import { substitute, substitutionTable } from '../selectors/substitutions.ts';
import { entryOf, type MappingDocument } from './document.ts';
import { keyText, makeKey, sameKey } from './keys.ts';
import { overlapped } from './overlap.ts';

/** Rules with one reference put in, and what stood in its place. */
export interface Inserted {
  readonly selector: PyCall;
  /** Path to it: the parts of the key of each level. */
  readonly key: readonly string[];
  /** Equal to the file itself where nothing changed. */
  readonly replaced?: string;
}

interface Insertion {
  readonly mapping: ReferenceMapping;
  readonly document: MappingDocument;
  readonly header: ReadonlyMap<string, string>;
  readonly file: string;
}

const textsOf = (node: PyNode | undefined): string[] =>
  isKind(node, 'tuple') || isKind(node, 'list') ? node.items.map(str) : [];

/** Selectors of the levels, by the header's `classes`, at most one for each level of `parkey`. */
const classesOf = ({ mapping, document }: Insertion): SelectorName[] => {
  const named = textsOf(entryOf(document.header, 'classes'));
  const classes = named.length > 0 ? named : ['Match', 'UseAfter'];
  return classes.slice(0, mapping.parkey.length) as SelectorName[];
};

const refuseOverlap = (call: PyCall, parameters: readonly string[], key: PyLiteral, of: Insertion): void => {
  const { mapping, document, file } = of;
  if (mapping.observatory === 'hst' && mapping.mergesOverlaps) return;
  const table = substitutionTable(entryOf(document.header, 'substitutions'));
  const others = substitute(call.entries, parameters, table).map(([other]) => conditionKey(other));
  const wider = overlapped(keyText(key), others);
  if (wider === undefined) return;
  const message =
    `${file} belongs under ${tupleRepr(keyText(key))} in ${mapping.file}, which the rule ${tupleRepr(wider)} ` +
    'matches as well and as good; use the values of that rule';
  throw new CrdsError('MappingInsertionError', message, { file: mapping.file });
};

const insertInto = (
  call: PyCall,
  levels: readonly (readonly string[])[],
  classes: readonly SelectorName[],
  of: Insertion,
): Inserted => {
  const [parameters = [], ...deeperLevels] = levels;
  const [, ...deeper] = classes;
  const name = call.name as SelectorName;
  const { mapping, document, header, file } = of;
  const key = makeKey(name, parameters, header, mapping.file);
  if (name === 'Match') refuseOverlap(call, parameters, key, of);
  const comments = new Set(
    textsOf(entryOf(document.header, 'comment_parkeys')).map((text) => text.toUpperCase()),
  );
  const at = call.entries.findIndex(([other]) =>
    sameKey(name, parameters, key, other, mapping.spellings, comments),
  );
  const old = call.entries[at];
  const put = (entry: PyEntry): PyCall => ({
    ...call,
    entries: at < 0 ? [...call.entries, entry] : call.entries.with(at, entry),
  });
  const next = deeper[0];
  if (next === undefined) {
    // A longer path that was there is cut off with what it led to.
    const replaced =
      old === undefined ? {} : { replaced: typeof old[1] === 'string' ? old[1] : repr(old[1]) };
    return { selector: put([key, file]), key: keyText(key), ...replaced };
  }
  const below = isKind(old?.[1], 'call')
    ? old[1]
    : ({ kind: 'call', name: next, entries: [], line: 0 } as const);
  const inner = insertInto(below, deeperLevels, deeper, of);
  const kept = isKind(old?.[1], 'call') ? old[0] : key;
  const cut = old !== undefined && typeof old[1] === 'string' ? { replaced: old[1] } : {};
  return { ...inner, ...cut, selector: put([kept, inner.selector]), key: [...keyText(kept), ...inner.key] };
};

/**
 * Rules with a reference put where its header says: into its Match rule by its date, or into a rule of its own; one
 * of exactly the same key is replaced.
 *
 * @param header  of `referenceHeader`
 * @throws CrdsError MappingInsertionError when the header does not serve, or a rule covers the new one
 * @see crds/core/selectors.py `Selector.insert`
 */
export const insertReference = (
  selector: PyCall,
  mapping: ReferenceMapping,
  document: MappingDocument,
  header: ReadonlyMap<string, string>,
  file: string,
): Inserted => {
  const insertion = { mapping, document, header, file };
  return insertInto(selector, mapping.parkey, classesOf(insertion), insertion);
};

const hasFiles = (call: PyCall): boolean =>
  call.entries.some(([, value]) => !isKind(value, 'call') || hasFiles(value));

/** Rules without any mention of a file, and the paths where it stood; rules that become empty are dropped. */
export const removeReference = (
  selector: PyCall,
  file: string,
): { readonly selector: PyCall; readonly keys: readonly (readonly string[])[] } => {
  const keys: (readonly string[])[] = [];
  const entries: PyEntry[] = [];
  for (const [key, value] of selector.entries) {
    if (value === file) keys.push(keyText(key));
    else if (isKind(value, 'call')) {
      const below = removeReference(value, file);
      keys.push(...below.keys.map((path) => [...keyText(key), ...path]));
      if (below.keys.length === 0 || hasFiles(below.selector)) entries.push([key, below.selector]);
    } else entries.push([key, value]);
  }
  return { selector: { ...selector, entries }, keys };
};
