import { chooseReference, errorAnswer, specialAnswer } from './choose.ts';
import { CrdsError } from './errors.ts';
import { parametersOf } from './keywords.ts';
import {
  type InstrumentMapping,
  type Mapping,
  type MappingOptions,
  type PipelineMapping,
  parseMapping,
  type ReferenceMapping,
} from './mapping.ts';
import { repr } from './python/text.ts';
import { type Choice, isSelector, type Parameters } from './selectors/selector.ts';
import type { BestReference } from './source.ts';

/** A context and everything below it: immutable once loaded. */
export interface Context {
  /** The .pmap. */
  readonly name: string;
  readonly observatory: string;
  /** Every mapping file it is made of, that could be read, the .pmap first. */
  readonly mappings: readonly string[];
  /** Mappings below the .pmap that could not be loaded; their types answer with this error. */
  readonly problems: ReadonlyMap<string, CrdsError>;
  readonly pipeline: PipelineMapping;
  readonly instruments: ReadonlyMap<string, InstrumentMapping>;
  readonly references: ReadonlyMap<string, ReferenceMapping>;
}

const isSpecial = (name: string): boolean => specialAnswer(name, '', '') !== undefined;

const unlike = (found: Mapping, expected: string): CrdsError =>
  new CrdsError('MappingFormatError', `${found.file} is a mapping of another kind than ${expected}`, {
    file: found.file,
  });

/**
 * Loads a context with all its mappings.
 *
 * @param name  the .pmap
 * @param read  text of a mapping by its file name
 * @throws CrdsError when the .pmap itself cannot be loaded; a mapping below it becomes a problem of its types
 */
export const loadContext = async (
  name: string,
  read: (file: string) => string | Promise<string>,
  options: MappingOptions = {},
): Promise<Context> => {
  const load = async (file: string): Promise<Mapping> => parseMapping(await read(file), file, options);
  const pipeline = await load(name);
  if (pipeline.kind !== 'pipeline') throw unlike(pipeline, 'a .pmap');
  const problems = new Map<string, CrdsError>();
  const attempt = async <K extends Mapping['kind']>(file: string, kind: K) => {
    try {
      const mapping = await load(file);
      if (mapping.kind !== kind) throw unlike(mapping, `the ${kind} mapping its name is listed as`);
      return mapping as Extract<Mapping, { kind: K }>;
    } catch (error) {
      if (!(error instanceof CrdsError)) throw error;
      problems.set(file, error);
      return undefined;
    }
  };
  const instruments = new Map<string, InstrumentMapping>();
  const references = new Map<string, ReferenceMapping>();
  for (const imap of new Set(pipeline.instruments.values())) {
    const instrument = isSpecial(imap) ? undefined : await attempt(imap, 'instrument');
    if (!instrument) continue;
    instruments.set(imap, instrument);
    for (const rmap of new Set(instrument.types.values())) {
      const reference =
        isSpecial(rmap) || references.has(rmap) ? undefined : await attempt(rmap, 'reference');
      if (reference) references.set(rmap, reference);
    }
  }
  const mappings = [name, ...instruments.keys(), ...references.keys()];
  return { name, observatory: pipeline.observatory, mappings, problems, pipeline, instruments, references };
};

const instrumentOf = (context: Context, header: Parameters): string => {
  const key = context.pipeline.instrumentKey;
  for (const name of [key, 'INSTRUME', 'META.INSTRUMENT.NAME', 'INSTRUMENT', 'META.INSTRUMENT.TYPE']) {
    const value = header.get(name);
    if (value !== undefined && value !== 'UNDEFINED') return value;
  }
  throw new CrdsError('MissingInstrument', `Missing '${key}' keyword in header for determining instrument.`);
};

/** A mapping, or the special value or error that stands in its place. */
const lookUp = <M extends Mapping>(context: Context, loaded: ReadonlyMap<string, M>, file: string): M => {
  const mapping = loaded.get(file);
  if (mapping) return mapping;
  throw (
    context.problems.get(file) ?? new CrdsError('MappingNotFound', `${file} is not part of ${context.name}`)
  );
};

const bestOf = (context: Context, header: Parameters, type: string): BestReference => {
  const instrument = instrumentOf(context, header);
  const imapName = context.pipeline.instruments.get(instrument.toLowerCase());
  if (imapName === undefined) {
    const message = `Unknown instrument ${repr(instrument)} for context ${repr(context.name)}`;
    throw new CrdsError('CrdsUnknownInstrumentError', message);
  }
  const forInstrument = specialAnswer(imapName, type, context.name);
  if (forInstrument) return forInstrument;
  const imap = lookUp(context, context.instruments, imapName);
  const rmapName = imap.types.get(type.toLowerCase());
  if (rmapName === undefined) {
    const known = [...imap.types.keys()].sort().join(', ');
    const message = `Unknown reference type ${repr(type.toLowerCase())}; ${imap.file} has ${known}`;
    throw new CrdsError('CrdsUnknownReftypeError', message);
  }
  const forType = specialAnswer(rmapName, type, imap.file);
  return forType ?? chooseReference(lookUp(context, context.references, rmapName), header, type);
};

/**
 * Best reference of each type: one answer or error for each, in their order; nothing is thrown for a header.
 * @param header  CRDS parameter names or FITS keywords to values
 */
export const bestReferences = (
  context: Context,
  header: Readonly<Record<string, string>>,
  types: readonly string[],
): BestReference[] => {
  const parameters = parametersOf(header);
  return types.map((type) => {
    try {
      return bestOf(context, parameters, type);
    } catch (error) {
      return errorAnswer(type, error);
    }
  });
};

/** Every reference file that rules of the context can answer. */
export const referenceFiles = (context: Context): string[] => {
  const files = new Set<string>();
  const collect = (choice: Choice): void => {
    if (typeof choice === 'string') {
      if (!isSpecial(choice)) files.add(choice);
    } else if (typeof choice !== 'object' || choice === null) return;
    else if (isSelector(choice)) choice.choices.forEach(collect);
    else if (choice.kind === 'dict') for (const [, value] of choice.entries) collect(value as Choice);
    else for (const item of choice.items) collect(item as Choice);
  };
  for (const mapping of context.references.values()) collect(mapping.selector);
  return [...files].sort();
};
