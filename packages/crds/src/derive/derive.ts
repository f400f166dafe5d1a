import { type Context, rulesOf } from '../context.ts';
import { CrdsError } from '../errors.ts';
import { filesOf } from '../files.ts';
import { bothNames } from '../keywords.ts';
import { parseMapping, type ReferenceMapping } from '../mapping.ts';
import { isKind, type PyCall, type PyDict } from '../python/literal.ts';
import { repr } from '../python/text.ts';
import { documentText, type MappingDocument, parseDocument, withEntry } from './document.ts';
import { insertReference, removeReference } from './edit.ts';
import { nextName } from './names.ts';
import { newRules } from './newRules.ts';
import { referenceHeader } from './referenceHeader.ts';

/** References to put in and to take out. */
export interface ContextChanges {
  readonly insert?: readonly {
    readonly type: string;
    readonly file: string;
    /** The reference's own: CRDS parameter names or FITS keywords to values, USEAFTER among them. */
    readonly header: Readonly<Record<string, string>>;
  }[];
  /** Names of references; taken out of every type that has them, before anything is put in. */
  readonly remove?: readonly string[];
}

export interface DerivedMapping {
  readonly file: string;
  readonly text: string;
  /** The mapping it was made from. */
  readonly from: string;
}

export interface DerivedChange {
  readonly type: string;
  readonly rmap: string;
  readonly action: 'insert' | 'replace' | 'remove';
  readonly file: string;
  /** With `replace`: what stood there. */
  readonly replaced?: string;
  /** Path of the rule: the parts of the key of each level. */
  readonly key: readonly string[];
}

/** A new context: its files, to be written in this order, the .pmap last. */
export interface Derivation {
  /** The new .pmap; the old one when nothing changes. */
  readonly context: string;
  readonly mappings: readonly DerivedMapping[];
  readonly changes: readonly DerivedChange[];
}

/** An .rmap that is being changed. */
interface Draft {
  readonly type: string;
  readonly imap: string;
  /** Empty for one that is made. */
  readonly from: string;
  readonly mapping: ReferenceMapping;
  readonly document: MappingDocument;
  readonly name: string;
  selector: PyCall;
}

const fail = (message: string, file?: string): never => {
  throw new CrdsError('MappingInsertionError', message, file === undefined ? {} : { file });
};

/**
 * Instrument of a reference: its header's, else the only one of the context.
 * @throws CrdsError MappingInsertionError
 */
export const referenceInstrument = (
  context: Context,
  header: Readonly<Record<string, string>>,
  file: string,
): string => {
  const values = bothNames(header);
  const key = context.pipeline.instrumentKey;
  const found = [key, 'INSTRUME', 'META.INSTRUMENT.NAME'].map((name) => values.get(name)).find(Boolean);
  if (found !== undefined) return found.trim();
  // One instrument is all there is to choose from.
  const [only, ...others] = context.pipeline.instruments.keys();
  return others.length === 0 && only !== undefined
    ? only
    : fail(`${file} has no INSTRUME to tell its instrument by`);
};

/** Types become part of the names of files: what a header calls REFTYPE may be anything. */
const assertType = (type: string, file: string): void => {
  if (/^[a-z0-9][a-z0-9_-]{0,63}$/.test(type)) return;
  const shown = JSON.stringify(type.slice(0, 80));
  fail(`${file}: ${shown} is no name of a reference type; expected letters, digits, - and _`, file);
};

const written = (document: MappingDocument, name: string, from: string): string =>
  documentText({
    ...document,
    header: withEntry(withEntry(document.header, 'name', name), 'derived_from', from || 'NONE'),
  });

/** New rules are written only when they can be read again: a key may fit its header and not its selector. */
const loadable = (text: string, name: string): string => {
  try {
    parseMapping(text, name);
    return text;
  } catch (error) {
    return fail(`the new rules would not load: ${error instanceof Error ? error.message : error}`, name);
  }
};

/** The .imap or .pmap with files in the place of others. */
const relinked = (text: string, from: string, name: string, links: ReadonlyMap<string, string>): string => {
  const document = parseDocument(text, from);
  if (!isKind(document.selector, 'dict')) return fail(`${from} has rules where it should name files`, from);
  let selector: PyDict = document.selector;
  for (const [key, file] of links) {
    const same = selector.entries.find(
      ([old]) => typeof old === 'string' && old.toLowerCase() === key.toLowerCase(),
    );
    selector = withEntry(selector, typeof same?.[0] === 'string' ? same[0] : key.toUpperCase(), file);
  }
  return written({ ...document, selector }, name, from);
};

/**
 * The context that follows from another by putting references in and taking some out, by the header of each and the
 * rules of its type, as `crds refactor2` and `newcontext` do it. Nothing is written. A type that the instrument does
 * not list, or lists as N/A, gets new rules.
 *
 * @param read   text of a mapping of the old context
 * @param taken  true for names that exist or have ever existed: they are not used again
 * @throws CrdsError MappingInsertionError, InvalidUseAfterFormat, ReferenceNotFound for one to be removed that no
 *   rule names, CrdsUnknownInstrumentError, and what reading a mapping throws
 */
export const deriveContext = (
  context: Context,
  read: (file: string) => string,
  changes: ContextChanges,
  taken: (name: string) => boolean,
): Derivation => {
  const drafts = new Map<string, Draft>();
  const done: DerivedChange[] = [];
  const used = new Set<string>();
  const nameAfter = (name: string): string => {
    const next = nextName(name, (candidate) => used.has(candidate) || taken(candidate));
    used.add(next);
    return next;
  };

  const draftOf = (imap: string, type: string): Draft => {
    const known = drafts.get(`${imap} ${type}`);
    if (known) return known;
    const loaded = context.instruments.get(imap) ?? fail(`${imap} could not be loaded`, imap);
    const listed = loaded.types.get(type);
    const from = listed?.endsWith('.rmap') ? listed : '';
    const text = from ? read(from) : newRules(context.observatory, loaded.instrument, type);
    const document = parseDocument(text, from || 'new.rmap');
    const mapping = from ? rulesOf(context, from) : parseMapping(text, 'new.rmap');
    if (mapping.kind !== 'reference' || !isKind(document.selector, 'call')) {
      return fail(`${from} has no rules`, from);
    }
    const name = nameAfter(from || `${context.observatory}_${loaded.instrument}_${type}.rmap`);
    const draft = { type, imap, from, mapping, document, name, selector: document.selector };
    drafts.set(`${imap} ${type}`, draft);
    return draft;
  };

  for (const file of changes.remove ?? []) {
    let found = 0;
    for (const [imap, { types }] of context.instruments) {
      for (const [type, rmap] of types) {
        const rules = context.references.get(rmap);
        if (!rules || !filesOf(rules.selector).has(file)) continue;
        const draft = draftOf(imap, type);
        const { selector, keys } = removeReference(draft.selector, file);
        draft.selector = selector;
        found += keys.length;
        done.push(...keys.map((key) => ({ type, rmap: draft.name, action: 'remove' as const, file, key })));
      }
    }
    if (found > 0) continue;
    throw new CrdsError('ReferenceNotFound', `No rule of ${context.name} names ${file}; nothing to remove.`, {
      file,
    });
  }

  const inserted = new Map<string, string>();
  for (const { type: rawType, file, header } of changes.insert ?? []) {
    const type = rawType.toLowerCase();
    assertType(type, file);
    const instrument = referenceInstrument(context, header, file);
    const imap = context.pipeline.instruments.get(instrument.toLowerCase());
    if (imap === undefined || !imap.endsWith('.imap')) {
      const message = `Unknown instrument ${repr(instrument)} for context ${repr(context.name)}`;
      throw new CrdsError('CrdsUnknownInstrumentError', message);
    }
    const draft = draftOf(imap, type);
    const values = referenceHeader(draft.mapping, draft.document, header, file);
    const { selector, key, replaced } = insertReference(
      draft.selector,
      draft.mapping,
      draft.document,
      values,
      file,
    );
    const place = JSON.stringify([draft.name, key]);
    const other = inserted.get(place);
    if (other !== undefined && other !== file) {
      fail(
        `${file} and ${other} belong under the same rule ${key.join(', ')}; one would replace the other`,
        file,
      );
    }
    inserted.set(place, file);
    draft.selector = selector;
    if (replaced === file) continue;
    const where = { type, rmap: draft.name, file, key };
    done.push(
      replaced === undefined ? { ...where, action: 'insert' } : { ...where, action: 'replace', replaced },
    );
  }

  const changed = [...drafts.values()].filter(({ name }) => done.some(({ rmap }) => rmap === name));
  if (changed.length === 0) return { context: context.name, mappings: [], changes: [] };
  const mappings: DerivedMapping[] = changed.map(({ name, from, document, selector }) => ({
    file: name,
    text: loadable(written({ ...document, selector }, name, from), name),
    from,
  }));
  const imaps = new Map<string, string>();
  for (const [imap, drafted] of Map.groupBy(changed, (draft) => draft.imap)) {
    const name = nameAfter(imap);
    imaps.set(imap, name);
    const links = new Map(drafted.map((draft) => [draft.type, draft.name]));
    mappings.push({ file: name, text: relinked(read(imap), imap, name, links), from: imap });
  }
  const name = nameAfter(context.name);
  const links = [...context.pipeline.instruments].flatMap(([instrument, imap]) => {
    const next = imaps.get(imap);
    return next === undefined ? [] : [[instrument, next] as const];
  });
  mappings.push({
    file: name,
    text: relinked(read(context.name), context.name, name, new Map(links)),
    from: context.name,
  });
  return { context: name, mappings, changes: done };
};
