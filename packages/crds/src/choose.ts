import { CrdsError } from './errors.ts';
import { type Expression, holds } from './expression.ts';
import type { ReferenceMapping } from './mapping.ts';
import { hashKey, isKind, type PyLiteral } from './python/literal.ts';
import { repr } from './python/text.ts';
import type { Parameters, Trace } from './selectors/selector.ts';
import type { BestReference } from './source.ts';

const NOT_APPLICABLE = new Set(['N/A', 'TEMP_N/A', 'n/a', 'temp_n/a']);
const OMITTED = new Set(['OMIT', 'TEMP_OMIT', 'omit']);

/** What a special value of a mapping means; undefined for a file name. */
export const specialAnswer = (value: string, type: string, where: string): BestReference | undefined => {
  if (NOT_APPLICABLE.has(value)) return { type, answer: 'notApplicable', reason: `${where} says N/A` };
  if (OMITTED.has(value)) return { type, answer: 'notApplicable', reason: `${where} omits the type` };
  return undefined;
};

/** The answer that an error stands for. */
export const errorAnswer = (type: string, error: unknown): BestReference => {
  if (!(error instanceof CrdsError)) throw error;
  return { type, answer: 'error', kind: error.code, message: error.message };
};

/** `fallback` where the expression itself fails: CRDS only warns then. */
const decide = (expression: Expression, parameters: Parameters, fallback: boolean): boolean => {
  try {
    return holds(expression, (name) => parameterValue(name, parameters));
  } catch (error) {
    if (error instanceof CrdsError) return fallback;
    throw error;
  }
};

/** Names of expressions are written with dots or, because CRDS lets Python evaluate them, with underscores. */
const parameterValue = (name: string, parameters: Parameters): string | undefined => {
  const direct = parameters.get(name);
  if (direct !== undefined || !name.includes('_')) return direct;
  for (const [parameter, value] of parameters) if (parameter.replaceAll('.', '_') === name) return value;
  return undefined;
};

/** Parameters that a header lacks are UNDEFINED. */
export const withParameters = (header: Parameters, names: readonly string[]): Parameters => {
  const missing = names.filter((name) => !header.has(name));
  if (missing.length === 0) return header;
  return new Map([...header, ...missing.map((name) => [name, 'UNDEFINED'] as const)]);
};

/** The header as the rules see it: parameters that do not count for it are N/A. */
export const irrelevantToNa = (
  mapping: ReferenceMapping,
  parameters: Parameters,
  keepComments = false,
): Parameters => {
  if (mapping.parameterRelevance.size === 0) return parameters;
  const out = new Map(parameters);
  for (const name of mapping.parameters) {
    const relevant = mapping.parameterRelevance.get(name.toLowerCase());
    const names = (wanted: string) =>
      wanted === 'keep_comments' ? keepComments : parameterValue(wanted, parameters);
    if (relevant && !holds(relevant, names)) out.set(name, 'N/A');
  }
  return out;
};

/** An expression of an rmap's header and what it says to a header. */
export interface Applicability {
  readonly name: string;
  readonly source: string;
  readonly holds: boolean;
}

/** Every expression that the rmap's header has, evaluated. */
export const applicabilityOf = (mapping: ReferenceMapping, header: Parameters): Applicability[] => {
  const defined = withParameters(header, mapping.parameters);
  const holdsOf = (name: string): boolean => {
    if (name === 'rmap_omit') return decide(mapping.omit, defined, false);
    if (name === 'rmap_relevance') return decide(mapping.relevance, defined, true);
    const parameter = name.replace('parkey_relevance of ', '');
    return irrelevantToNa(mapping, defined).get(parameter) === defined.get(parameter);
  };
  return [...mapping.sources].map(([name, source]) => ({ name, source, holds: holdsOf(name) }));
};

/** The file a plain answer names. Equally good rules that agree give one; a pair gives none. */
const fileOf = (answer: PyLiteral, type: string, where: string): BestReference => {
  if (typeof answer === 'string')
    return specialAnswer(answer, type, where) ?? { type, answer: 'file', file: answer };
  if (isKind(answer, 'tuple') && new Set(answer.items.map(hashKey)).size === 1) {
    return fileOf(answer.items[0] as PyLiteral, type, where);
  }
  throw new CrdsError(
    isKind(answer, 'tuple') ? 'AmbiguousMatchError' : 'NotSupported',
    `${where} answers ${repr(answer)}; exactly one file can be used.`,
  );
};

/**
 * Best reference by the rules of one type.
 * @param header  conditioned values by parameter name, as `parametersOf` gives them
 * @see crds/core/rmap.py `_get_best_ref`
 */
export const chooseReference = (
  mapping: ReferenceMapping,
  header: Parameters,
  type = mapping.filekind,
  trace?: Trace,
): BestReference => {
  const { file } = mapping;
  const defined = withParameters(header, mapping.parameters);
  if (decide(mapping.omit, defined, false)) {
    return { type, answer: 'notApplicable', reason: `${file} omits the type by rmap_omit` };
  }
  if (!decide(mapping.relevance, defined, true)) {
    return { type, answer: 'notApplicable', reason: `${file} does not apply by rmap_relevance` };
  }
  try {
    if (mapping.hooks.length > 0) {
      const hooks = mapping.hooks.join(', ');
      throw new CrdsError(
        'NotSupported',
        `${file} asks for the CRDS plug-ins ${hooks}, which do not exist here.`,
      );
    }
    return fileOf(mapping.selector.choose(irrelevantToNa(mapping, defined), trace), type, file);
  } catch (error) {
    if (!mapping.isRequired && error instanceof CrdsError && error.code !== 'NotSupported') {
      return { type, answer: 'notApplicable', reason: `${file}: ${error.message} and none is required` };
    }
    return errorAnswer(type, error);
  }
};
