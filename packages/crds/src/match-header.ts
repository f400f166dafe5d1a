import { conditionValue } from './condition.ts';
import { CrdsError } from './errors.ts';
import { type MappingJson, toJson } from './json.ts';
import { counterpartOf, parametersOf } from './keywords.ts';
import type { ReferenceMapping } from './mapping.ts';

/** What the rules of one .rmap answer: a file name, `N/A`, `OMIT`, or several of them; or CRDS's error. */
export type MatchAnswer =
  | { readonly ref: MappingJson }
  | { readonly error: string; readonly message: string };

const isLowerCase = (name: string): boolean => name !== name.toUpperCase();

/**
 * The answer of the rules alone, as CRDS's `selector.choose`: no relevance, nothing omitted, special values as they
 * stand. Keys of the header are parameter names, or FITS keywords where the parameter itself is absent.
 */
export const matchHeader = (
  { selector, parameters }: ReferenceMapping,
  header: Readonly<Record<string, string>>,
): MatchAnswer => {
  const values = new Map<string, string>();
  for (const name of parameters) {
    if (Object.hasOwn(header, name)) values.set(name, conditionValue(header[name]!));
  }
  const missing = parameters.filter((name) => !values.has(name));
  if (
    missing.some((name) => counterpartOf(name) !== undefined) ||
    (missing.length > 0 && Object.keys(header).some(isLowerCase))
  ) {
    const others = parametersOf(header);
    for (const name of missing) {
      const value = others.get(name);
      if (value !== undefined) values.set(name, value);
    }
  }
  try {
    return { ref: toJson(selector.choose(values)) };
  } catch (error) {
    if (!(error instanceof CrdsError)) throw error;
    return { error: error.code, message: error.message.trim() };
  }
};
