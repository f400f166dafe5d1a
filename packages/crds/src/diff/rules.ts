import { hashKey, isKind, type PyCall, type PyLiteral, type PyNode } from '../python/literal.ts';
import { repr, splitWords, str, tupleRepr } from '../python/text.ts';

/** One thing that differs between two sets of rules. */
export interface RuleDifference {
  readonly action: 'added' | 'deleted' | 'replaced' | 'changed';
  /** Parts of the key of each level down to it. */
  readonly key: readonly (readonly string[])[];
  readonly old?: string;
  readonly new?: string;
  /** What CRDS calls it: `added Match rule for 'f.fits'`, `replaced 'f.fits' with 'g.fits'` … */
  readonly text: string;
}

type Levels = readonly (readonly string[])[];

/** The key with a part for each parameter, as CRDS reports it: dates are cut where their parameters join. */
const parts = (call: PyCall, parameters: readonly string[], key: PyLiteral): string[] => {
  if (call.name === 'UseAfter' || call.name === 'ClosestTime') {
    if (parameters.length === 1) return [str(key)];
    return splitWords(str(key)).slice(0, parameters.length);
  }
  if (call.name === 'VersionAfter') return parameters.length === 1 ? [str(key)] : str(key).split('.');
  return (isKind(key, 'tuple') ? key.items.map(str) : [str(key)]).slice(0, parameters.length);
};

/** Path to an end of the tree. A key of no parameters is not told there, as CRDS has it. */
const endPath = (path: Levels, call: PyCall, parameters: readonly string[], key: PyLiteral): Levels =>
  key === '' || (isKind(key, 'tuple') && key.items.length === 0)
    ? path
    : [...path, parts(call, parameters, key)];

/** As CRDS prints a selector that stands where a file stood. */
const selectorRepr = (value: PyNode, parameters: readonly string[]): string =>
  isKind(value, 'call')
    ? `${value.name}Selector(${tupleRepr(parameters)}, nselections=${value.entries.length})`
    : repr(value);

const shown = (value: PyNode): string => (typeof value === 'string' ? value : repr(value));

/** Every end of a tree of rules. */
const ends = (
  action: 'added' | 'deleted',
  what: string,
  call: PyCall,
  [parameters = [], ...deeper]: Levels,
  path: Levels,
): RuleDifference[] =>
  call.entries.flatMap(([key, value]) => {
    const here = [...path, parts(call, parameters, key)];
    if (isKind(value, 'call')) return ends(action, what, value, deeper, here);
    const file = { [action === 'added' ? 'new' : 'old']: shown(value) };
    const end = endPath(path, call, parameters, key);
    return [{ action, key: end, ...file, text: `${action} ${what} ${repr(value)}` }];
  });

/**
 * What was added, deleted and replaced from one tree of rules to another. Keys are compared as they are written.
 * @param levels  parameters of each level, of the old and the new rules
 * @see crds/core/selectors.py `Selector.difference`
 */
export const diffRules = (
  before: PyCall,
  after: PyNode,
  levels: { readonly old: Levels; readonly new: Levels },
  path: Levels = [],
): RuleDifference[] => {
  if (!isKind(after, 'call') || before.name !== after.name) {
    const name = isKind(after, 'call')
      ? after.name
      : typeof after === 'string' && after !== 'N/A'
        ? 'str'
        : 'N/A';
    return [{ action: 'changed', key: path, text: `different classes ${before.name} : ${name}` }];
  }
  const [parameters = [], ...deeper] = levels.old;
  const [newParameters = [], ...newDeeper] = levels.new;
  if (parameters.join('\n') !== newParameters.join('\n')) {
    const text = `different parameter lists  ${tupleRepr(parameters)} : ${tupleRepr(newParameters)}`;
    return [{ action: 'changed', key: path, text }];
  }
  const top = path.length === 0;
  const ended = (
    action: 'added' | 'deleted',
    call: PyCall,
    key: PyLiteral,
    value: PyNode,
  ): RuleDifference[] => {
    const here = [...path, parts(call, parameters, key)];
    if (isKind(value, 'call')) return ends(action, `${call.name} rule for`, value, deeper, here);
    const what = top ? `${call.name} rule for` : 'terminal';
    const file = { [action === 'added' ? 'new' : 'old']: shown(value) };
    return [
      {
        action,
        key: endPath(path, call, parameters, key),
        ...file,
        text: `${action} ${what} ${repr(value)}`,
      },
    ];
  };
  const now = new Map(after.entries.map(([key, value]) => [hashKey(key), value]));
  const then = new Set(before.entries.map(([key]) => hashKey(key)));
  const gone = before.entries.flatMap(([key, value]): RuleDifference[] => {
    const next = now.get(hashKey(key));
    if (next === undefined) return ended('deleted', before, key, value);
    const here = [...path, parts(before, parameters, key)];
    if (isKind(value, 'call')) return diffRules(value, next, { old: deeper, new: newDeeper }, here);
    if (repr(value) === repr(next)) return [];
    const text = `replaced ${repr(value)} with ${selectorRepr(next, newDeeper[0] ?? [])}`;
    const end = endPath(path, before, parameters, key);
    return [{ action: 'replaced', key: end, old: shown(value), new: shown(next), text }];
  });
  const come = after.entries.flatMap(([key, value]) =>
    then.has(hashKey(key)) ? [] : ended('added', after, key, value),
  );
  return [...gone, ...come];
};
