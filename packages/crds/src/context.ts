import { chooseReference, errorAnswer, specialAnswer, withParameters } from './choose.ts';
import { CrdsError } from './errors.ts';
import { filesOf } from './files.ts';
import { parametersOf } from './keywords.ts';
import type { InstrumentMapping, Mapping, PipelineMapping, ReferenceMapping } from './mapping.ts';
import { listRepr, repr } from './python/text.ts';
import type { Parameters, Trace } from './selectors/selector.ts';
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
  /** By .imap, every parameter that rules of its types may ask for. */
  readonly parameters: ReadonlyMap<string, readonly string[]>;
  /** References and mappings that must not be used. */
  readonly badFiles: ReadonlySet<string>;
}

/** What is below a mapping. */
export type Below = Pick<Context, 'instruments' | 'references' | 'problems'>;

const findInstrument = (context: Context, header: Parameters): string | undefined => {
  const key = context.pipeline.instrumentKey;
  for (const name of [key, 'INSTRUME', 'META.INSTRUMENT.NAME', 'INSTRUMENT', 'META.INSTRUMENT.TYPE']) {
    const value = header.get(name);
    if (value !== undefined && value !== 'UNDEFINED') return value;
  }
  return undefined;
};

/** @throws CrdsError MissingInstrument */
export const instrumentOf = (context: Context, header: Parameters): string => {
  const found = findInstrument(context, header);
  if (found !== undefined) return found;
  const key = context.pipeline.instrumentKey;
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

/** The mappings that decide for an instrument and a type, or the special answer that one of them gives. */
export interface Route {
  readonly instrument: string;
  /** As the .pmap names it: an .imap, N/A or OMIT. */
  readonly imap: string;
  /** As the .imap names it; absent when the .pmap has answered. */
  readonly rmap?: string;
  readonly special?: BestReference;
}

/** @throws CrdsError CrdsUnknownInstrumentError, CrdsUnknownReftypeError and what loading the .imap has thrown */
export const routeOf = (context: Context, instrument: string, type: string): Route => {
  const imap = context.pipeline.instruments.get(instrument.toLowerCase());
  if (imap === undefined) {
    const message = `Unknown instrument ${repr(instrument)} for context ${repr(context.name)}`;
    throw new CrdsError('CrdsUnknownInstrumentError', message);
  }
  const forInstrument = specialAnswer(imap, type, context.name);
  if (forInstrument) return { instrument, imap, special: forInstrument };
  const { file, types } = lookUp(context, context.instruments, imap);
  const rmap = types.get(type.toLowerCase());
  if (rmap === undefined) {
    const known = [...types.keys()].sort().join(', ');
    const message = `Unknown reference type ${repr(type.toLowerCase())}; ${file} has ${known}`;
    throw new CrdsError('CrdsUnknownReftypeError', message);
  }
  const special = specialAnswer(rmap, type, file);
  return { instrument, imap, rmap, ...(special ? { special } : {}) };
};

/** The rules a route leads to. @throws CrdsError what loading them has thrown */
export const rulesOf = (context: Context, rmap: string): ReferenceMapping =>
  lookUp(context, context.references, rmap);

/** The rules of an instrument are refused together, as CRDS does. */
const refuseBadRules = (context: Context, imap: string): void => {
  const rmaps = context.instruments.get(imap)?.types.values() ?? [];
  const bad = [context.name, imap, ...rmaps].filter((file) => context.badFiles.has(file)).sort();
  if (bad.length === 0) return;
  const message = `Final context ${repr(context.name)} is marked as scientifically invalid based on: ${listRepr(bad)}`;
  throw new CrdsError('CrdsBadRulesError', message, { file: bad[0]! });
};

/** A header as the rules of an instrument see it: what a rule of any of its types may ask for is there. */
export const headerFor = (context: Context, header: Readonly<Record<string, string>>): Parameters => {
  const given = parametersOf(header);
  const instrument = given.size > 0 ? findInstrument(context, given) : undefined;
  const imap = context.pipeline.instruments.get(instrument?.toLowerCase() ?? '');
  return withParameters(given, context.parameters.get(imap ?? '') ?? []);
};

/**
 * Best reference of one type for a header of `headerFor`.
 * @param trace  gets the levels of rules that were tried
 */
export const bestReference = (
  context: Context,
  header: Parameters,
  type: string,
  trace?: Trace,
): BestReference => {
  try {
    const { special, rmap, imap } = routeOf(context, instrumentOf(context, header), type);
    if (context.badFiles.size > 0) refuseBadRules(context, imap);
    const best = special ?? chooseReference(rulesOf(context, rmap!), header, type, trace);
    if (best.answer === 'file' && context.badFiles.has(best.file)) {
      const message = `Recommended reference ${repr(best.file)} of type ${repr(type)} is designated scientifically invalid.`;
      throw new CrdsError('CrdsBadReferenceError', message, { file: best.file });
    }
    return best;
  } catch (error) {
    return errorAnswer(type, error);
  }
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
  const parameters = headerFor(context, header);
  return types.map((type) => bestReference(context, parameters, type));
};

/**
 * Every type that the context has rules for: of the header's instrument, where it is one of the context's, else of all.
 * @throws CrdsError for an .imap that could not be loaded
 */
export const referenceTypes = (context: Context, header: Readonly<Record<string, string>>): string[] => {
  const { instruments } = context.pipeline;
  const own = instruments.get(findInstrument(context, parametersOf(header))?.trim().toLowerCase() ?? '');
  const types = (own === undefined ? [...instruments.values()] : [own]).flatMap((imap) => {
    const problem = context.problems.get(imap);
    if (problem) throw problem;
    return [...(context.instruments.get(imap)?.types.keys() ?? [])];
  });
  return [...new Set(types)].sort();
};

/** Every reference file that rules of the context can answer. */
export const referenceFiles = (context: Context): string[] => {
  const files = new Set<string>();
  for (const { selector } of context.references.values())
    for (const file of filesOf(selector)) files.add(file);
  return [...files].sort();
};
