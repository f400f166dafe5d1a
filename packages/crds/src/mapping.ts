import { type Aliases, spellingsOf } from './aliases.ts';
import { mappingChecksum } from './checksum.ts';
import { CrdsError, MappingFormatError } from './errors.ts';
import { compileExpression, type Expression } from './expression.ts';
import { isKind, type PyCall, type PyDict, type PyNode } from './python/literal.ts';
import { parseSections } from './python/parse.ts';
import { repr, str } from './python/text.ts';
import { buildSelector } from './selectors/build.ts';
import type { Rules, Selector } from './selectors/selector.ts';
import { substitutionTable } from './selectors/substitutions.ts';

interface MappingBase {
  /** File name it was read from; the name in the header may differ. */
  readonly file: string;
  readonly observatory: string;
  readonly derivedFrom: string;
  readonly sha1sum?: string;
}

/** .pmap: which .imap decides for an instrument. */
export interface PipelineMapping extends MappingBase {
  readonly kind: 'pipeline';
  readonly instrumentKey: string;
  /** Lower-case instrument → .imap, or N/A, OMIT. */
  readonly instruments: ReadonlyMap<string, string>;
}

/** .imap: which .rmap decides for a reference type. */
export interface InstrumentMapping extends MappingBase {
  readonly kind: 'instrument';
  readonly instrument: string;
  /** Lower-case type → .rmap, or N/A, OMIT. */
  readonly types: ReadonlyMap<string, string>;
}

/** .rmap: the rules of one reference type. */
export interface ReferenceMapping extends MappingBase {
  readonly kind: 'reference';
  readonly instrument: string;
  readonly filekind: string;
  /** Every parameter the rules may look at. */
  readonly parameters: readonly string[];
  /** Of these, those that are N/A in every rule. */
  readonly extraParameters: readonly string[];
  /** Levels of rules with the parameters of each. */
  readonly parkey: readonly (readonly string[])[];
  readonly selector: Selector;
  /** The same rules as they are written. */
  readonly rules: PyCall;
  /** False: the type does not apply to the header. */
  readonly relevance: Expression;
  /** True: the type is left out. */
  readonly omit: Expression;
  /** Lower-case parameter → false when it does not count for the header. */
  readonly parameterRelevance: ReadonlyMap<string, Expression>;
  /** Text of the expressions above that the header has, by its key. */
  readonly sources: ReadonlyMap<string, string>;
  /** Equally good rules count as one. */
  readonly mergesOverlaps: boolean;
  /** Spellings of a parameter's values that mean the same, as the rules were loaded. */
  readonly spellings: Rules['spellings'];
  /** False: a failed lookup means that none applies. */
  readonly isRequired: boolean;
  /** Named plug-ins of CRDS the mapping asks for. */
  readonly hooks: readonly string[];
}

export type Mapping = PipelineMapping | InstrumentMapping | ReferenceMapping;

export interface MappingOptions {
  /** Load also when sha1sum is missing or wrong. */
  readonly ignoreChecksum?: boolean;
  /** Spellings that mean the same; none by default, as in CRDS. */
  readonly aliases?: Aliases;
}

const KIND_OF_EXTENSION: Readonly<Record<string, Mapping['kind']>> = {
  pmap: 'pipeline',
  imap: 'instrument',
  rmap: 'reference',
};

/** The header: strings are lower case, except expressions in parentheses. */
class Header {
  readonly entries: ReadonlyMap<string, PyNode>;
  readonly file: string;

  constructor(dict: PyDict, file: string) {
    this.file = file;
    this.entries = new Map(dict.entries.map(([key, value]) => [str(key), value]));
  }

  raw(name: string): PyNode | undefined {
    return this.entries.get(name);
  }

  required(name: string): PyNode {
    const value = this.entries.get(name);
    if (value !== undefined) return value;
    const message = `${this.file}: Required header key ${repr(name)} is missing.`;
    throw new CrdsError('MissingHeaderKeyError', message, { file: this.file });
  }

  text(name: string): string {
    return lower(str(this.required(name)));
  }

  optional(name: string, otherwise: string): string {
    return this.entries.has(name) ? this.text(name) : otherwise;
  }
}

const lower = (text: string): string =>
  text.startsWith('(') && text.endsWith(')') ? text : text.toLowerCase();

const strings = (node: PyNode | undefined): string[] =>
  isKind(node, 'tuple') || isKind(node, 'list') ? node.items.map(str) : [];

const checkSum = (text: string, header: Header): void => {
  const found = header.raw('sha1sum');
  const file = header.file;
  if (found === undefined) {
    throw new CrdsError('ChecksumError', `sha1sum is missing in ${repr(file)}`, { file });
  }
  const expected = mappingChecksum(text);
  if (header.text('sha1sum') === expected) return;
  const message =
    `sha1sum mismatch in ${repr(file)}: the header says ${header.text('sha1sum')}, the text has ${expected}. ` +
    'Run `drs refs checksum --update`, or set CRDS_IGNORE_MAPPING_CHECKSUM=1 to use it as it is.';
  throw new CrdsError('ChecksumError', message, { file });
};

const names = (selector: PyNode | undefined, file: string): Map<string, string> => {
  if (!isKind(selector, 'dict')) throw new MappingFormatError('its selector must be a dictionary', 1, file);
  return new Map(
    selector.entries.map(([key, value]) => {
      if (typeof key === 'string' && typeof value === 'string') return [key.toLowerCase(), value];
      throw new MappingFormatError(`${repr(key)} must name a file, found ${repr(value)}`, 1, file);
    }),
  );
};

/** Levels of rules; a plain name in the place of one, as in early Roman mappings, can have no rules. */
const parkeyLevels = (header: Header): string[][] => {
  const parkey = header.required('parkey');
  const levels = isKind(parkey, 'tuple') || isKind(parkey, 'list') ? parkey.items : [];
  const isLevel = (level: PyNode) => isKind(level, 'tuple') || isKind(level, 'list');
  if (!levels.some(isLevel) || !levels.every((level) => isLevel(level) || typeof level === 'string')) {
    const found = repr(parkey);
    throw new MappingFormatError(`parkey must be a tuple of tuples of names, found ${found}`, 1, header.file);
  }
  return levels.filter(isLevel).map(strings);
};

const hooksOf = (header: Header): string[] => {
  const hooks = header.raw('hooks');
  if (!isKind(hooks, 'dict')) return [];
  return hooks.entries.filter(([, name]) => str(name).toLowerCase() !== 'none').map(([hook]) => str(hook));
};

const referenceMapping = (
  header: Header,
  selector: PyNode | undefined,
  base: MappingBase,
  options: MappingOptions,
): ReferenceMapping => {
  const { file } = base;
  if (!isKind(selector, 'call')) {
    throw new MappingFormatError('its selector must be Match({…}) or another selector', 1, file);
  }
  const parkey = parkeyLevels(header);
  const merge = header.optional('merge_overlaps', 'true');
  const rules = {
    substitutions: substitutionTable(header.raw('substitutions')),
    mergeOverlaps: merge === 'true' || merge === '1',
    spellings: spellingsOf(options.aliases ?? {}),
  };
  const expression = (name: string, otherwise: string): Expression =>
    compileExpression(header.optional(name, otherwise).replace('always', 'True'), file);
  const relevance = header.raw('parkey_relevance');
  const parameterSources = [
    ...(isKind(relevance, 'dict') ? relevance.entries.map(([name, text]) => [str(name), str(text)]) : []),
    ...strings(header.raw('comment_parkeys')).map((name) => [name, 'keep_comments']),
  ] as [name: string, source: string][];
  const reffileSwitch = header.optional('reffile_switch', 'none').toUpperCase();
  const extraParameters = [
    ...(reffileSwitch === 'NONE' ? [] : [reffileSwitch]),
    ...strings(header.raw('extra_keys')),
  ];
  return {
    ...base,
    kind: 'reference',
    instrument: header.text('instrument'),
    filekind: header.text('filekind'),
    parameters: [...parkey.flat(), ...extraParameters],
    extraParameters,
    parkey,
    selector: buildSelector(selector, parkey, rules, file),
    rules: selector,
    relevance: expression('rmap_relevance', 'always'),
    omit: expression('rmap_omit', 'False'),
    parameterRelevance: new Map(
      parameterSources.map(([name, source]) => [name.toLowerCase(), compileExpression(source, file)]),
    ),
    sources: new Map([
      ...['rmap_omit', 'rmap_relevance'].flatMap((name) =>
        header.raw(name) === undefined ? [] : [[name, header.text(name)] as const],
      ),
      ...parameterSources.map(([name, source]) => [`parkey_relevance of ${name}`, source] as const),
    ]),
    mergesOverlaps: rules.mergeOverlaps,
    spellings: rules.spellings,
    isRequired: ['YES', 'NONE'].includes(header.optional('reffile_required', 'none').toUpperCase()),
    hooks: hooksOf(header),
  };
};

/**
 * Reads a mapping file. Nothing in it is evaluated.
 *
 * @param text  the file
 * @param file  its name, which ends in .pmap, .imap or .rmap
 * @throws MappingFormatError with the line, CrdsError ChecksumError, MissingHeaderKeyError, ValidationError
 * @see crds/core/rmap.py
 */
export const parseMapping = (text: string, file: string, options: MappingOptions = {}): Mapping => {
  const sections = parseSections(text, file);
  const headerDict = sections.get('header');
  if (!isKind(headerDict, 'dict')) throw new MappingFormatError('it has no header = {…}', 1, file);
  const header = new Header(headerDict, file);
  for (const name of ['mapping', 'parkey', 'name', 'derived_from']) header.required(name);
  const kind = header.text('mapping');
  const expected = KIND_OF_EXTENSION[file.split('.').at(-1) ?? ''];
  if (kind !== expected) {
    const message = `its header says mapping ${repr(kind)}; a file of this name is ${repr(expected ?? 'none')}`;
    throw new MappingFormatError(message, 1, file);
  }
  if (!options.ignoreChecksum) checkSum(text, header);
  const base = {
    file,
    observatory: header.text('observatory'),
    derivedFrom: header.text('derived_from'),
    ...(header.raw('sha1sum') === undefined ? {} : { sha1sum: header.text('sha1sum') }),
  };
  const selector = sections.get('selector');
  try {
    switch (kind) {
      case 'pipeline': {
        const [instrumentKey = 'META.INSTRUMENT.NAME'] = strings(header.raw('parkey'));
        return { ...base, kind, instrumentKey, instruments: names(selector, file) };
      }
      case 'instrument':
        return { ...base, kind, instrument: header.text('instrument'), types: names(selector, file) };
      default:
        return referenceMapping(header, selector, base, options);
    }
  } catch (error) {
    if (error instanceof CrdsError && error.file === undefined) {
      throw new CrdsError(error.code, `${file}: ${error.message}`, { file, cause: error });
    }
    throw error;
  }
};
